"""When something that is entered happened, and why it is entered late: asked alike of new complaints and of acts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.engine.model import Refusal
from ombud.interface.words_field import WordsField
from ombud.organisation.models import words
from ombud.policy.limitwords import limit_text
from ombud.policy.model.pack import Pack
from ombud.policy.values import LONG
from ombud.policy.vocabulary import LATE_REASON


class WhenForm(forms.Form):
    """Both fields may stay empty: then it happens as it is entered. Times are read in the reader's zone."""

    occurred = WordsField(
        required=False, label=gettext_lazy("When"), widget=forms.TextInput(attrs={"type": "datetime-local"})
    )
    late_reason = WordsField(
        required=False,
        max_length=LONG,
        label=gettext_lazy("Why it is entered late"),
        widget=forms.Textarea(attrs={"rows": "2", "dir": "auto"}),
    )

    def __init__(self, pack: Pack, data: Any = None, *, now: datetime, label: str = "") -> None:
        super().__init__(data)
        self.now = now
        length = words(dict(limit_text(pack.late_entries.report, pack)))
        asked = _("Needed where it is entered more than {length} after it happened.").format(length=length)
        self.fields[LATE_REASON].help_text = asked
        both = _("In your time zone, {zone}. Both times are kept: when it happened and when you recorded it.")
        self.fields["occurred"].label = label or self.fields["occurred"].label
        self.fields["occurred"].help_text = both.format(zone=timezone.get_current_timezone_name())
        self.fields["occurred"].widget.attrs["max"] = f"{timezone.localtime(now):%Y-%m-%dT%H:%M}"

    def clean_occurred(self) -> datetime | None:
        """Return the instant that was typed. Of an hour that clocks pass twice it is the first."""
        typed = self.cleaned_data["occurred"]
        try:
            at = timezone.make_aware(datetime.fromisoformat(typed)) if typed else None
            if at is not None and (at > self.now or _is_skipped(at)):
                raise ValueError(typed)
        except (ValueError, OverflowError) as error:
            raise forms.ValidationError(_("A past time is needed here.")) from error
        return at

    @property
    def at(self) -> datetime:
        """Return when it happened; only of a form that is valid."""
        return self.cleaned_data["occurred"] or self.now

    @property
    def said(self) -> dict[str, str]:
        """Return what goes along with the data of the act: the reason, where it is entered after it happened."""
        reason = self.cleaned_data[LATE_REASON]
        return {LATE_REASON: reason} if reason and self.at < self.now else {}

    @property
    def is_used(self) -> bool:
        """Return whether another time than now was typed, or something is wrong with it: the fields then stand open."""
        return bool(self.is_bound and (self.data.get("occurred") or self.errors))

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Show at its field what the register said against the time or the reason."""
        for each in refusals:
            if each.field in self.fields:
                self.add_error(each.field, words(dict(each.message)))


def _is_skipped(at: datetime) -> bool:
    """Return whether clocks never showed it: the hour that summer time leaves out."""
    return at.astimezone(UTC).astimezone(at.tzinfo).replace(tzinfo=None) != at.replace(tzinfo=None)
