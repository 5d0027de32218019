"""The form of an absence: its days, and a deputy for everything or one for each role."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.organisation.models import Person
from ombud.organisation.standing_in import ALL, Lent, zone_of

#: code of an AbsenceError -> the field at fault, and what to do
PROBLEMS = {
    "backwards": ("last_day", gettext_lazy("The last day cannot come before the first.")),
    "passed": ("last_day", gettext_lazy("These days are over already.")),
    "long": ("last_day", gettext_lazy("Enter at most a year at a time.")),
    "nobody": ("deputy", gettext_lazy("Say who stands in.")),
    "oneself": ("deputy", gettext_lazy("Nobody stands in for themselves.")),
    "inactive": ("deputy", gettext_lazy("{who} may not sign in any more. Choose somebody else.")),
    "overlap": ("first_day", gettext_lazy("An absence is entered for some of these days already. End that one first.")),
    "away": ("deputy", gettext_lazy("{who} is away on some of these days. Choose somebody else.")),
}


class AbsenceForm(forms.Form):
    """From when until when somebody is away, and who stands in."""

    first_day = forms.DateField(label=gettext_lazy("First day"))
    last_day = forms.DateField(label=gettext_lazy("Last day"), help_text=gettext_lazy("The last day away, included"))
    deputy = forms.ChoiceField(label=gettext_lazy("Deputy for everything"), required=False)

    def __init__(self, data: Any, whose: Person, titles: Mapping[Lent, str], *, now: datetime) -> None:
        super().__init__(data, auto_id="absence_%s")
        today = timezone.localdate(now, zone_of(whose)).isoformat()
        for name in ("first_day", "last_day"):
            self.fields[name].widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "min": today})
        others = Person.objects.filter(is_active=True).exclude(pk=whose.pk)
        self._people = {str(each.pk): each for each in sorted(others, key=str)}
        choices = [("", _("nobody")), *((key, str(each)) for key, each in self._people.items())]
        self.fields["deputy"].choices = choices  # type: ignore[attr-defined]
        self._roles = dict(enumerate(titles)) if len(titles) > 1 else {}
        for number, lent in self._roles.items():
            label = _("Only as {role}").format(role=titles[lent])
            self.fields[f"role_{number}"] = forms.ChoiceField(label=label, choices=choices, required=False)

    def clean(self) -> dict[str, Any]:
        """Want one deputy for everything or one for each role, not both."""
        said = super().clean() or {}
        if said.get("deputy") and any(said.get(f"role_{number}") for number in self._roles):
            self.add_error("deputy", _("Choose one deputy for everything, or deputies for single roles."))
        return said

    @property
    def deputies(self) -> dict[Lent, Person]:
        """Return who stands in, and for what."""
        said = self.cleaned_data
        if said["deputy"]:
            return {ALL: self._people[said["deputy"]]}
        chosen = {lent: said[f"role_{number}"] for number, lent in self._roles.items()}
        return {lent: self._people[key] for lent, key in chosen.items() if key}
