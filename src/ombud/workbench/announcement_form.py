"""The form in which a manager types a year's notice of days off and make-up working days."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.interface.countries import name as country_name
from ombud.interface.words_field import WordsField
from ombud.organisation.models import words
from ombud.worktime import Announcement, AnnouncementError, Edition, announce
from ombud.worktime.spec import country_of

HOME = "CN"


def countries(edition: Edition) -> list[str]:
    """Return the countries whose notices can be entered: those of calendars in use that move days, and the PRC."""
    moving = {country_of(key) for key, _days in edition.frozen_days if edition.days(key).announced is not None}
    return [HOME, *sorted(moving - {HOME})]


class AnnouncementForm(forms.Form):
    """A year's notice of days off and make-up working days, as its text gives them."""

    country = forms.ChoiceField(label=gettext_lazy("Country"))
    year = forms.IntegerField(label=gettext_lazy("Year"))
    source = WordsField(
        label=gettext_lazy("Source"),
        max_length=200,
        help_text=gettext_lazy("Number of the notice, so that others can check it"),
    )
    off = WordsField(
        label=gettext_lazy("Days off"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "One stretch a line: first day, last day, name. For example 2027-02-05 2027-02-11 Spring Festival"
        ),
    )
    work = WordsField(
        label=gettext_lazy("Make-up working days"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One date a line"),
    )

    def __init__(self, data: Any, edition: Edition) -> None:
        super().__init__(data)
        self.edition = edition
        codes = countries(edition)
        country, year = self.fields["country"], self.fields["year"]
        assert isinstance(country, forms.ChoiceField), "declared above"
        assert isinstance(year, forms.IntegerField), "declared above"
        country.choices = [(code, country_name(code)) for code in codes]
        country.initial = HOME
        # Up to the horizon: a notice for a later year is a slip of the hand.
        self.fields["year"] = forms.IntegerField(
            label=year.label, min_value=edition.first_year, max_value=edition.last_year
        )
        if len(codes) == 1:
            del self.fields["country"]

    def clean_off(self) -> list[tuple[str, date, date]]:
        """Return the stretches of days off."""
        return [_stretch(line) for line in _lines(self.cleaned_data["off"])]

    def clean_work(self) -> list[date]:
        """Return the make-up working days."""
        return [_date(line) for line in _lines(self.cleaned_data["work"])]

    def clean(self) -> dict[str, Any]:
        """Let the calendar's own rules look at the whole."""
        if not self.errors:
            try:
                self.edition.check_announcement(self.announcement())
            except AnnouncementError as error:
                raise ValidationError(words(dict(error.text))) from error
        return self.cleaned_data

    def announcement(self) -> Announcement:
        """Return the announcement as working time takes it. Raises AnnouncementError where it contradicts itself."""
        data = self.cleaned_data
        country = data.get("country", HOME)
        return announce(data["year"], data["source"], data["off"], data["work"], country=country)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _stretch(line: str) -> tuple[str, date, date]:
    first, _space, rest = line.partition(" ")
    last, _space, name = rest.strip().partition(" ")
    if not name.strip():
        raise ValidationError(_("“{line}”: first day, last day and name are needed.").format(line=line))
    return name.strip(), _date(first), _date(last)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise ValidationError(_("“{text}” is no date such as 2027-02-05.").format(text=text)) from error
