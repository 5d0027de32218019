"""The form field for money: an amount and its currency; and what all fields of a pack have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from babel.numbers import get_territory_currencies
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ombud.organisation.rates import COMMON
from ombud.policy.currencies import currencies
from ombud.policy.model.values import FieldType, Kind
from ombud.policy.values import is_blank, typed

_MONEY = Kind(FieldType.MONEY)


class PackField(forms.Field):
    """What all fields of a pack have beside Django's own: what a page shows of them, and the register's rule."""

    kind = ""
    is_personal = False
    is_one_of_several = False  # of some fields at least one is needed
    unit = ""
    beside: Sequence[Any] = ()  # what a page offers under the field, each with the `template` that shows it
    rule: Callable[[Any], str | None] = staticmethod(lambda value: None)  # what is wrong with a value, in words

    def clean(self, value: Any) -> Any:
        """Return the value; what the register would not take is said at once, in the register's own words."""
        cleaned = super().clean(value)
        raw = None if cleaned in self.empty_values else self.as_json(cleaned)
        if is_blank(raw):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return cleaned
        if problem := self.rule(raw):
            raise ValidationError(problem, code="value")
        return cleaned

    def as_json(self, value: Any) -> Any:
        """Return the cleaned value as the engine takes it."""
        return value

    def from_json(self, value: Any) -> Any:
        """Return the engine's value as the widget takes it."""
        return value


class MoneyInput(forms.MultiWidget):
    """An amount and, beside it, the currency; both go by the field's name, so that whoever keeps it keeps both."""

    template_name = "components/money_input.html"
    use_fieldset = False

    def __init__(self, currency: str, usual: str) -> None:
        self.currency, self.usual = currency, usual
        # No number field: a browser sends nothing for what it cannot read, and what was typed would be lost unseen.
        amount = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        choice = forms.Select(choices=_currencies(currency), attrs={"aria-label": _("Currency")})
        super().__init__([amount, choice])
        self.widgets_names = ["", ""]

    def decompress(self, value: Any) -> list[Any]:
        """Return amount and currency of what is known, however it is held."""
        if isinstance(value, Mapping):
            return [value.get("amount"), value.get("currency") or self.currency]
        return [value, self.currency if value is not None else self.usual]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        """Return what was typed; a lone amount is in the pack's currency."""
        values = data.getlist(name) if hasattr(data, "getlist") else [data.get(name)]
        return [values[0] if values else None, values[1] if len(values) > 1 else self.currency]

    def id_for_label(self, id_: str) -> str:
        """Return the id of the amount."""
        return f"{id_}_0" if id_ else id_


class MoneyField(PackField, forms.MultiValueField):
    """An amount in the pack's currency or another; the form asks for the `usual` one until another is chosen.

    Whoever writes a currency beside the amount means that one.
    """

    def __init__(self, *, currency: str, usual: str, required: bool, **common: Any) -> None:
        self.currency = currency
        choice = forms.ChoiceField(choices=_currencies(currency), required=False)
        super().__init__(
            fields=(forms.CharField(required=required), choice),
            require_all_fields=False,
            required=required,
            widget=MoneyInput(currency, usual),
            error_messages={"incomplete": forms.Field.default_error_messages["required"]},
            **common,
        )

    def compress(self, data_list: list[Any]) -> tuple[str, str] | None:
        """Return amount and currency, or None without an amount."""
        if not data_list or not data_list[0]:
            return None
        return data_list[0], data_list[1] or self.currency

    def as_json(self, value: tuple[str, str]) -> Any:
        """Return the amount with its currency, or what was written where that is none."""
        amount, currency = value
        for written in (f"{amount} {currency}", amount):
            try:
                return typed(_MONEY, written, self.currency)
            except ValueError:
                continue
        return amount

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether another amount or currency stands there, however it is written."""
        assert isinstance(self.widget, MoneyInput), "made with it"
        before = initial if isinstance(initial, list) else self.widget.decompress(initial)
        return bool(self._meant(before) != self._meant(data or []))

    def _meant(self, pair: Sequence[Any]) -> Any:
        found = self.compress([str(each or "").strip() for each in pair])
        return found and self.as_json(found)


def currency_of(country: str) -> str:
    """Return the currency that a country uses, or nothing where none is known."""
    return next(iter(get_territory_currencies(country)), "") if country else ""


@lru_cache(maxsize=32)
def _currencies(first: str) -> tuple[tuple[str, str], ...]:
    """Return the pack's currency, those that have a rate every day, then all others that there are."""
    return tuple((code, code) for code in dict.fromkeys((first, *COMMON, *sorted(currencies()))))
