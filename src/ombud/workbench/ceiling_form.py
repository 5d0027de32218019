"""The form of a whole table of promise limits: a line for each role, department or person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.interface.words_field import WordsField
from ombud.organisation.ceiling_gaps import subjects
from ombud.organisation.ceiling_tables import MOST, Entry
from ombud.organisation.models import Person, words
from ombud.organisation.rates import COMMON
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import DEPARTMENT

MORE = 3  # empty lines that are offered
LARGEST = Decimal(10) ** 15
Choices = list[tuple[str, Any]]


def key_of(entry: Entry) -> str:
    """Return by what a form knows whom an entry speaks of."""
    return f"{entry.role}/{entry.department}/{entry.person or ''}"


def choices_of(pack: Pack, people: Iterable[Person]) -> Choices:
    """Return whom a limit can be entered for, in groups."""
    roles = [pack.roles[id] for id in subjects(pack) if id in pack.roles]
    inside = [role for role in roles if role.of == DEPARTMENT and role.department is None]
    places = list(pack.departments.values())
    return [
        ("", "\u2014"),
        (_("Roles"), [(f"{role.id}//", words(dict(role.title))) for role in roles]),
        (_("Roles in one department"), [
            (f"{role.id}/{place.id}/", f"{words(dict(role.title))} \u00b7 {words(dict(place.title))}")
            for role in inside for place in places
        ]),
        (_("Departments"), [(f"/{place.id}/", words(dict(place.title))) for place in places]),
        (_("People"), [(f"//{each.pk}", str(each)) for each in people]),
    ]  # fmt: skip


class EntryForm(forms.Form):
    """One line: whom it speaks of, and how much they may promise."""

    whose = forms.ChoiceField(label=gettext_lazy("Whose limit"), required=False)
    amount = forms.DecimalField(
        label=gettext_lazy("Up to"), required=False, min_value=0, max_value=LARGEST, decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), required=False)
    is_unlimited = forms.BooleanField(label=gettext_lazy("without limit"), required=False)

    def __init__(self, *args: Any, subjects: Choices, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["whose"].choices = subjects  # type: ignore[attr-defined]
        codes = dict.fromkeys((currency, *COMMON))
        self.fields["currency"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Return the line; one that speaks of somebody says how much, and not both that and without limit."""
        data = super().clean() or self.cleaned_data
        said = data.get("amount") is not None, bool(data.get("is_unlimited"))
        if not data.get("whose") and any(said) and "whose" not in self.errors:
            self.add_error("whose", _("Say who may promise it."))
        if data.get("whose") and "amount" not in self.errors and said[0] == said[1]:
            self.add_error("amount", _("Enter an amount, or tick without limit."))
        return data

    def entry(self) -> Entry | None:
        """Return what the line says; None for one that is left empty."""
        data = self.cleaned_data
        if not data.get("whose"):
            return None
        role, department, person = data["whose"].split("/")
        amount = None if data["is_unlimited"] else f"{data['amount']:.2f}"
        return Entry(
            role=role, department=department, person=int(person) if person else None, amount=amount,
            currency=data["currency"] or self.fields["currency"].choices[0][0],  # type: ignore[attr-defined]
        )  # fmt: skip


class TableForm(forms.Form):
    """From when a table holds, and why."""

    since = forms.DateField(
        label=gettext_lazy("From this day on"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    reason = WordsField(label=gettext_lazy("Why"), max_length=500)

    def __init__(self, data: Any, pack: Pack, people: Iterable[Person], table: Sequence[Entry], *, today: date) -> None:
        super().__init__(data, initial={"since": today})
        initial = [
            {
                "whose": key_of(each), "amount": each.amount, "currency": each.currency,
                "is_unlimited": each.amount is None,
            }
            for each in table
        ]  # fmt: skip
        lines = forms.formset_factory(EntryForm, extra=MORE, max_num=MOST, absolute_max=MOST)
        form_kwargs = {"subjects": choices_of(pack, people), "currency": pack.currency}
        self.lines = lines(data, initial=initial, prefix="line", form_kwargs=form_kwargs)

    def is_valid(self) -> bool:
        """Return whether the head and every line are right."""
        return super().is_valid() and self.lines.is_valid()

    def entries(self) -> list[Entry]:
        """Return the lines that say something."""
        return [entry for line in self.lines if (entry := line.entry()) is not None]
