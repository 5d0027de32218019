"""What to say of a value that its field does not take, by the field's type."""

from __future__ import annotations

from dataclasses import replace

from ombud.engine.messages import joined, say
from ombud.policy.model import Field, FieldType, Text, Value
from ombud.policy.values import NUMBERS, interval, kind_of, typed

_KEYS = {
    FieldType.BOOL: "value-bool",
    FieldType.INTEGER: "value-integer",
    FieldType.MONEY: "value-money",
    FieldType.DATE: "value-date",
    FieldType.INSTANT: "value-instant",
    FieldType.COUNTRY: "value-country",
    FieldType.LANGUAGE: "value-language",
    FieldType.FILES: "value-files",
    FieldType.LIST: "value-list",
}


def value_error(field: Field, raw: Value, currency: str) -> Text:
    """Return what is wrong with a value that `typed` refused, and what is expected instead."""
    if field.domain and field.type in NUMBERS and _is_of_type(field, raw, currency):
        return say("value-domain", field=field.title, range=_range(field.domain))
    if field.of and field.type is not FieldType.LIST:
        return say("value-choice", field=field.title, choices=joined(list(field.of.values())))
    return say(_KEYS.get(field.type, "value-text"), field=field.title, currency=currency)


def _is_of_type(field: Field, raw: Value, currency: str) -> bool:
    try:
        typed(replace(kind_of(field), domain=None), raw, currency)
    except ValueError:
        return False
    return True


def _range(domain: str) -> Text:
    """Return an interval in words."""
    found, ends = interval(domain), []
    if found.low is not None:
        ends.append(say("at-least" if found.low_closed else "more-than", number=f"{found.low:f}"))
    if found.high is not None:
        ends.append(say("at-most" if found.high_closed else "less-than", number=f"{found.high:f}"))
    return joined(ends)
