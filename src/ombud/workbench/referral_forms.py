"""The forms of an authority's work orders: whose table it is, and which column of it says what, asked once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.channels.orders import sheets
from ombud.channels.orders.answers import fields_with_answers
from ombud.channels.orders.taking_in import SAID
from ombud.correspondence.models import OrderSheet
from ombud.interface.act_form import ActForm, fields_form
from ombud.interface.languages import choices
from ombud.organisation.models import Outsider, Person, words
from ombud.policy.model.pack import Pack
from ombud.policy.outsiders import fields_of_others
from ombud.policy.vocabulary import CHANNEL, COMPLAINANT, LANGUAGE, RECEIVE
from ombud.worktime.zones import zones_of_places

REGULATOR = "regulator"  # the kind of a channel by which authorities hand complaints on
PART_TITLES = {
    "number": gettext_lazy("Number of the work order"),
    "received": gettext_lazy("When it was handed on"),
    "by": gettext_lazy("Answer wanted by"),
    "subject": gettext_lazy("Subject"),
    "narrative": gettext_lazy("What the complaint says"),
    "demand": gettext_lazy("What is asked for"),
    "name": gettext_lazy("Name of the complainant"),
    "phone": gettext_lazy("Phone of the complainant"),
    "answer": gettext_lazy("Our answer goes into"),
    "answered": gettext_lazy("The date of our answer goes into"),
}


class SheetForm(forms.Form):
    """Which column says what; with the channel, the language, and the field that answers."""

    def __init__(self, data: Any, *, heading: Sequence[str], pack: Pack, authority: Outsider, row: OrderSheet | None):
        fields = {name: words(dict(pack.fields[name].title)) for name in fields_with_answers(pack, authority.role)}
        known = row.columns if row is not None and set(row.columns.values()) <= set(heading) else None
        columns: Mapping[str, str] = known or sheets.guessed(heading)
        initial = {
            **{f"column-{part}": name for part, name in columns.items()},
            CHANNEL: row.channel if row else next(iter(_channels(pack)))[0],
            LANGUAGE: row.language if row else "zh",
            "answer": row.answer if row else next(iter(fields), ""),
            "zone": row.zone if row else next(iter(pack.calendars.values())).tz,
        }
        super().__init__(data, initial=initial)
        offered = [("", _("No column")), *((name, name) for name in heading)]
        for part in sheets.PARTS:
            self.fields[f"column-{part}"] = forms.ChoiceField(
                choices=offered, label=PART_TITLES[part], required=part in sheets.NEEDED
            )
        self.fields[CHANNEL] = forms.ChoiceField(choices=_channels(pack), label=_("Channel"))
        self.fields[LANGUAGE] = forms.ChoiceField(choices=choices(pack), label=_("Language of the complainants"))
        zones = [(name, name) for name in zones_of_places()]
        self.fields["zone"] = forms.ChoiceField(choices=zones, label=_("Time zone of the times in the table"))
        self.fields["answer"] = forms.ChoiceField(choices=list(fields.items()), label=_("What answers the authority"))
        self.fields["answer"].help_text = _("The latest words in this field of the case go back as the answer.")

    def clean(self) -> dict[str, Any]:
        """Refuse a column that was chosen twice."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = [name for part in sheets.PARTS if (name := said.get(f"column-{part}"))]
        for part in sheets.PARTS:
            if chosen.count(said.get(f"column-{part}", "")) > 1:
                self.add_error(f"column-{part}", _("This column was chosen twice."))
        return said

    def fill(
        self, row: OrderSheet, same: Mapping[str, Any], heading: Sequence[str], *, by: Person, now: datetime
    ) -> None:
        """Put what was chosen into the row."""
        said = self.cleaned_data
        row.columns = {part: name for part in sheets.PARTS if (name := said[f"column-{part}"])}
        row.channel, row.language, row.answer = said[CHANNEL], said[LANGUAGE], said["answer"]
        row.zone = said["zone"]
        row.same, row.heading, row.changed_by, row.changed_at = dict(same), list(heading), by, now


def same_form(pack: Pack, authority: Outsider, data: Any, row: OrderSheet | None) -> ActForm:
    """Return the form of what the policy's first act cannot be without and no table of an authority says."""
    act = pack.main.acts[RECEIVE]
    told = {CHANNEL, LANGUAGE, *SAID.values()} | fields_of_others(pack, COMPLAINANT)
    names = [name for name in act.needs if name not in told]
    return fields_form(pack, names, data, required=names, known=row.same if row else None)


def _channels(pack: Pack) -> list[tuple[str, str]]:
    by_kind = sorted(pack.channels.values(), key=lambda each: each.kind != REGULATOR)
    return [(each.id, words(dict(each.title))) for each in by_kind]
