"""The form field for money: an amount and its currency; and what all fields of a pack have in common."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.core import get_global
from babel.numbers import get_territory_currencies
from django import forms
from django.utils.translation import gettext as _

from ombud.organisation.rates import COMMON


class PackField(forms.Field):
    """What all fields of a pack have beside Django's own: `kind`, `is_personal`, `unit`."""

    kind = ""
    is_personal = False
    unit = ""

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
        amount = forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01"})
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
    """An amount in the pack's currency or another; the form asks for the `usual` one until another is chosen."""

    def __init__(self, *, currency: str, usual: str, required: bool, bounds: Mapping[str, Any], **common: Any) -> None:
        self.currency = currency
        amount = forms.DecimalField(**bounds, max_digits=15, decimal_places=2, required=required)
        choice = forms.ChoiceField(choices=_currencies(currency), required=False)
        super().__init__(
            fields=(amount, choice),
            require_all_fields=False,
            required=required,
            widget=MoneyInput(currency, usual),
            error_messages={"incomplete": forms.Field.default_error_messages["required"]},
            **common,
        )

    def compress(self, data_list: list[Any]) -> tuple[Decimal, str] | None:
        """Return amount and currency, or None without an amount."""
        if not data_list or data_list[0] is None:
            return None
        return data_list[0], data_list[1] or self.currency

    def as_json(self, value: tuple[Decimal, str]) -> dict[str, str]:
        """Return the amount with its currency; the register adds the day's rate."""
        return {"amount": f"{value[0]:.2f}", "currency": value[1]}


def currency_of(country: str) -> str:
    """Return the currency that a country uses, or nothing where none is known."""
    return next(iter(get_territory_currencies(country)), "") if country else ""


@lru_cache(maxsize=32)
def _currencies(first: str) -> tuple[tuple[str, str], ...]:
    """Return the pack's currency, those that have a rate every day, then all others in use somewhere."""
    used = {code for place in get_global("territory_currencies") for code in get_territory_currencies(place)}
    return tuple((code, code) for code in dict.fromkeys((first, *COMMON, *sorted(used))))
