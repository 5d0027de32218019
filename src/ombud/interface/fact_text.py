"""A fact in the reader's words: a choice's title, money with its currency, a date in their language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency
from django.utils import timezone
from django.utils.translation import gettext as _

from ombud.cases.references import normal_reference
from ombud.interface import countries
from ombud.interface.days import whole_day
from ombud.interface.lists import listed
from ombud.interface.locales import locale, locale_of
from ombud.organisation.models import words
from ombud.policy.model.values import Field, FieldType


def fact_text(
    field: Field,
    value: Any,
    *,
    names: Mapping[str, str] | None = None,
    currency: str | None = None,
    day: Callable[[date], str] = whole_day,
) -> str:
    """Return one line for a value as the engine holds it; `names` are those of people and departments by key.

    `day` writes dates: as pages do, unless it is for a letter. With the pack's `currency` foreign money says what it is
    worth in it, at which rate of whom.
    """
    if currency is not None and FieldType.MONEY in (field.type, field.item):
        return listed(
            _worth(each, currency) or fact_text(field, each, names=names, day=day)
            for each in (value if isinstance(value, list) else [value])
        )
    if value is None or value == "":
        return ""
    if isinstance(value, list):
        if field.type is FieldType.FILES:
            return listed(_file(each) for each in value)
        return listed(_one(field, field.item or FieldType.TEXT, each, names or {}, day) for each in value)
    return _one(field, field.type, value, names or {}, day)


def _worth(value: Any, currency: str) -> str | None:
    """Return foreign money with its worth, or None for anything else."""
    if not isinstance(value, Mapping) or "amount" not in value or value["currency"] == currency:
        return None
    amount = _money(value["amount"], value["currency"])
    if not value.get("rate"):
        return _("{amount} (no exchange rate known)").format(amount=amount)
    worth = _money(Decimal(value["amount"]) * Decimal(value["rate"]), currency)
    on = whole_day(date.fromisoformat(value["rate_on"])) if value.get("rate_on") else ""
    told = " · ".join(filter(None, (str(value["rate"]), on, str(value.get("rate_source") or ""))))
    return _("{amount}, worth {worth} (rate {rate})").format(amount=amount, worth=worth, rate=told)


def _money(amount: Any, currency: str) -> str:
    """Return an amount as the reader's language writes it; a code of letters stands apart from the figures."""
    said = str(format_currency(amount, currency, locale=locale()))
    return re.sub(rf"({currency})(?=\d)", "\\1\N{NO-BREAK SPACE}", said)


def _one(field: Field, kind: FieldType, value: Any, names: Mapping[str, str], day: Callable[[date], str]) -> str:
    if field.of:
        return words(dict(field.of[value])) if value in field.of else str(value)
    if isinstance(value, Mapping) and kind in (FieldType.TEXT, FieldType.LONG_TEXT):
        return words(dict(value))  # a text that the pack sets, in every language that it has
    match kind:
        case FieldType.BOOL:
            return _("Yes") if value else _("No")
        case FieldType.TEXT | FieldType.LONG_TEXT if isinstance(value, Mapping):
            return words(dict(value))  # the policy's own words, set by an act: one text per language
        case FieldType.MONEY if isinstance(value, Mapping):
            return _money(value["amount"], value["currency"])
        case FieldType.DATE:
            return day(date.fromisoformat(value))
        case FieldType.INSTANT if isinstance(value, int):
            at = timezone.localtime(datetime.fromtimestamp(value, UTC))
            return f"{day(at.date())} {at:%H:%M}"
        case FieldType.COUNTRY:
            return countries.name(value)
        case FieldType.LANGUAGE:
            return str(locale_of(value).get_display_name(locale()) or value)
        case FieldType.CASE:
            return normal_reference(value) or str(value)
        case FieldType.PERSON | FieldType.DEPARTMENT:
            return names.get(value, str(value))
    if isinstance(value, Mapping):
        return words(dict(value))  # a text that the pack sets comes in every language
    return str(value)


def _file(value: Any) -> str:
    return str(value.get("name") or value.get("id")) if isinstance(value, Mapping) else str(value)
