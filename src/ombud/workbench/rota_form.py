"""The forms of a rota: what comes to it, its shifts, who has them week by week and on one day, and an exchange."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.interface.words_field import WordsField
from ombud.organisation.models import Office, Person, words
from ombud.organisation.rotas import Rota, Shift
from ombud.organisation.shift_plan import Slot
from ombud.policy.model.pack import Pack
from ombud.workbench.rota import slot_words

PLACES = 6  # people on one shift, at most, in forms
FIRST, LAST = date(2000, 1, 3), date(2199, 12, 31)
#: code of a RotaError -> what is said
PROBLEMS = {
    "away": gettext_lazy("{who} is away then. Choose somebody else, or end the absence first."),
    "inactive": gettext_lazy("{who} may not sign in any more. Choose somebody else."),
    "days": gettext_lazy("Choose at least one day of the week."),
    "backwards": gettext_lazy("The last day cannot come before the first."),
    "day": gettext_lazy("There is no such shift on this day."),
    "not-theirs": gettext_lazy("The shifts have changed since. Look at them again."),
    "both": gettext_lazy("One of them has both shifts already."),
    "over": gettext_lazy("One of the shifts has begun already."),
    "offered": gettext_lazy("You have offered this shift already. Take that back first."),
    "decided": gettext_lazy("It was decided meanwhile."),
    "own": gettext_lazy("Nobody confirms an exchange of their own. Somebody else does."),
    "later": gettext_lazy("It was changed again since, so it cannot be undone. Change it as it should be."),
}


def _date(label: Any, **more: Any) -> forms.DateField:
    field = forms.DateField(label=label, **more)
    field.widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "min": FIRST, "max": LAST})
    return field


def _time(label: Any, **more: Any) -> forms.TimeField:
    field = forms.TimeField(label=label, **more)
    field.widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return field


class RotaForm(forms.Form):
    """What a rota is called, and what comes to it."""

    name = WordsField(label=gettext_lazy("Name of the rota"), max_length=120)
    office = forms.ChoiceField(label=gettext_lazy("Office"), required=False)
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Channels"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all of them"),
    )
    a_week = _date(
        gettext_lazy("An A week"),
        help_text=gettext_lazy("Any day of it; where A and B weeks alternate they are counted from here"),
    )
    confirms_exchanges = forms.BooleanField(
        label=gettext_lazy("Exchanges are confirmed"),
        required=False,
        help_text=gettext_lazy("Two people who agree to exchange shifts wait until whoever plans the rota confirms it"),
    )
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False)

    def __init__(self, data: Any, row: Rota, pack: Pack) -> None:
        kept = {name: getattr(row, name) for name in ("name", "channels", "a_week", "confirms_exchanges", "is_active")}
        super().__init__(data, initial={**kept, "office": str(row.office_id or "")}, auto_id="rota_%s")
        offices = Office.objects.filter(key__in=pack.offices).order_by("key")
        self._offices = {str(each.pk): each for each in offices}
        office: Any = self.fields["office"]
        office.choices = [("", _("all offices")), *((key, str(each)) for key, each in self._offices.items())]
        if not self._offices:
            del self.fields["office"]
        channels: Any = self.fields["channels"]
        channels.choices = [(key, words(dict(each.title))) for key, each in pack.channels.items()]
        if row.pk is None:
            del self.fields["is_active"]

    def clean_a_week(self) -> date:
        return _within(self.cleaned_data["a_week"])

    def fill(self, row: Rota) -> Rota:
        """Return the rota as it was entered."""
        said = self.cleaned_data
        row.name, row.channels, row.a_week = said["name"], said["channels"], said["a_week"]
        row.office = self._offices.get(said.get("office", ""))
        row.confirms_exchanges = said["confirms_exchanges"]
        row.is_active = said.get("is_active", True)
        return row


def _within(day: date) -> date:
    if not FIRST <= day <= LAST:
        raise forms.ValidationError(_("Choose a day of this century."))
    return day


class ShiftForm(forms.Form):
    """One more shift."""

    name = WordsField(label=gettext_lazy("Name of the shift"), max_length=60)
    starts = _time(gettext_lazy("Begins at"))
    ends = _time(gettext_lazy("Ends at"), help_text=gettext_lazy("No later than it begins: on the next day"))
    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("Days on which it begins"),
        choices=[(str(number), label) for number, label in WEEKDAYS_ABBR.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    places = forms.IntegerField(label=gettext_lazy("People wanted"), min_value=1, max_value=PLACES, initial=1)
    first_day = _date(gettext_lazy("First day"))

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, initial={"first_day": today, "weekdays": list("0123456")}, auto_id="shift_%s")

    def clean_first_day(self) -> date:
        return _within(self.cleaned_data["first_day"])

    def shift(self, rota: Rota) -> Shift:
        return Shift(
            rota=rota, **{**self.cleaned_data, "weekdays": [int(each) for each in self.cleaned_data["weekdays"]]}
        )


class EndForm(forms.Form):
    """The last day of a shift."""

    last_day = _date(gettext_lazy("Last day"))

    def clean_last_day(self) -> date:
        return _within(self.cleaned_data["last_day"])


Weeks = Sequence[Sequence[Sequence[int]]]  # week -> day -> Person.pk


class PeopleFields:
    """Choices of people, one field for each place of a shift."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.known = {str(each.pk): each for each in people}
        self.choices = [("", "\u2013"), *((key, str(each)) for key, each in self.known.items())]

    def field(self, label: str) -> forms.ChoiceField:
        return forms.ChoiceField(label=label, choices=self.choices, required=False)


def _place_words(number: int, places: int) -> str:
    return _("Person") if places == 1 else _("Person {n}").format(n=number + 1)


class DayForm(forms.Form):
    """Whose a shift is on one day."""

    def __init__(self, data: Any, slot: Slot, people: Sequence[Person]) -> None:
        there = list(dict.fromkeys([*people, *slot.people]))
        made = PeopleFields(there)
        places = max(slot.shift.places, len(slot.people)) + 1
        super().__init__(data, initial={f"p{n}": str(each.pk) for n, each in enumerate(slot.people)}, auto_id="day_%s")
        for number in range(places):
            label = _("One more, if need be") if number == places - 1 else _place_words(number, places - 1)
            self.fields[f"p{number}"] = made.field(label)

    @property
    def people(self) -> list[int]:
        return [int(value) for value in self.cleaned_data.values() if value]


class PatternForm(forms.Form):
    """Whose a shift is week by week: each day of one week, or of an A and a B week."""

    first_day = _date(gettext_lazy("From the week of"))
    is_ab = forms.BooleanField(label=gettext_lazy("A and B weeks alternate"), required=False)

    def __init__(
        self, data: Any, shift: Shift, people: Sequence[Person], weeks: Sequence[Sequence[Sequence[int]]], monday: date
    ) -> None:
        made = PeopleFields(people)
        initial: dict[str, Any] = {"first_day": monday, "is_ab": len(weeks) > 1}
        self.days = list(shift.weekdays)
        places = max([shift.places, *(len(day) for week in weeks for day in week)])
        self.places = min(places, PLACES)
        for week, days in enumerate(weeks):
            for day, keys in enumerate(days):
                initial |= {f"w{week}_{day}_{n}": str(pk) for n, pk in enumerate(keys)}
        super().__init__(data, initial=initial, auto_id="pattern_%s")
        for week in range(2):
            for day in self.days:
                for number in range(self.places):
                    label = f"{WEEKDAYS[day]} {_place_words(number, self.places)}"
                    self.fields[f"w{week}_{day}_{number}"] = made.field(label)

    def clean_first_day(self) -> date:
        return _within(self.cleaned_data["first_day"])

    @property
    def head(self) -> list[forms.BoundField]:
        return [self["first_day"], self["is_ab"]]

    @property
    def weeks_shown(self) -> list[tuple[str, list[tuple[str, list[forms.BoundField]]]]]:
        """Return the fields by week and day."""
        names = (_("Every week, or A weeks"), _("B weeks"))
        return [
            (
                names[week],
                [
                    (str(WEEKDAYS[day]), [self[f"w{week}_{day}_{number}"] for number in range(self.places)])
                    for day in self.days
                ],
            )
            for week in range(2)
        ]

    @property
    def weeks(self) -> list[list[list[int]]]:
        """Return whose each day of each week is."""
        number = 2 if self.cleaned_data["is_ab"] else 1
        return [[self._day(week, day) for day in range(7)] for week in range(number)]

    def _day(self, week: int, day: int) -> list[int]:
        said = [self.cleaned_data.get(f"w{week}_{day}_{number}", "") for number in range(self.places)]
        return [int(each) for each in said if each]


class SwapForm(forms.Form):
    """Two people exchange shifts."""

    mine = forms.ChoiceField(label=gettext_lazy("Who gives the shift away"))
    other = forms.ChoiceField(label=gettext_lazy("For which shift of whom"))

    def __init__(self, data: Any, slot: Slot, others: Iterable[Slot]) -> None:
        super().__init__(data, auto_id="swap_%s")
        self._others = {
            f"{each.shift.pk}:{each.day}:{person.pk}": (each, person)
            for each in others
            for person in each.people
            if person not in slot.people
        }
        mine: Any = self.fields["mine"]
        mine.choices = [(str(each.pk), str(each)) for each in slot.people]
        other: Any = self.fields["other"]
        other.choices = [(key, f"{person} \u00b7 {slot_words(each)}") for key, (each, person) in self._others.items()]

    @property
    def is_possible(self) -> bool:
        return bool(self._others) and bool(self.fields["mine"].choices)  # type: ignore[attr-defined]

    @property
    def chosen(self) -> tuple[int, Slot, int]:
        other, person = self._others[self.cleaned_data["other"]]
        return int(self.cleaned_data["mine"]), other, person.pk
