"""The kinds of values that a case holds, and reading one from a string or from JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache

from ombud.policy.model import Field, FieldType, Kind, Value

NUMBERS = frozenset({FieldType.INTEGER, FieldType.MONEY})
ORDERED = NUMBERS | {FieldType.DATE, FieldType.INSTANT}

_MONEY = re.compile(r"(-?[0-9][0-9_]*(?:\.[0-9]+)?)(?:\s*([A-Z]{3}))?(?:\s*@\s*([0-9.]+))?\Z")
_RATE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,24})?\Z")
_EXACT = Context(prec=64)  # holds the product of any amount and any rate
_INTERVAL = re.compile(r"\s*([\[(])\s*([^,\s]+)\s*,\s*([^,\s]+)\s*([\])])\s*\Z")
_REFERENCE = re.compile(r"([A-Z]{2})([0-9A-Z]{4})([0-9A-Z]{4})([0-9A-Z])\Z")  # whether there is one, the register knows
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")


@dataclass(frozen=True, slots=True)
class Interval:
    """A range of numbers; an end that is None is open to infinity."""

    low: Decimal | None
    high: Decimal | None
    low_closed: bool
    high_closed: bool

    def holds(self, number: Decimal | int) -> bool:
        above = self.low is None or number > self.low or (self.low_closed and number == self.low)
        return above and (self.high is None or number < self.high or (self.high_closed and number == self.high))


def kind_of(field: Field) -> Kind:
    return Kind(
        field.type, tuple(field.of), field.item, field.domain, field.type in ORDERED, is_personal=field.is_personal
    )


def typed(kind: Kind, raw: Value, currency: str) -> Value:
    """Return `raw` (a string, or what JSON holds) as a value of the kind; ValueError says what is wrong.

    Money becomes {"amount": "100.00", "currency": "CNY"}, with "rate" (and "rate_on", "rate_source") where it is in
    another currency and its rate is known; an instant becomes its epoch seconds.
    """
    if kind.type is FieldType.LIST:
        if not isinstance(raw, Sequence) or isinstance(raw, str):
            raise ValueError("a list is needed")
        item = Kind(kind.item or FieldType.TEXT, kind.choices)
        return [typed(item, value, currency) for value in raw]
    if kind.type is FieldType.FILES:
        if not isinstance(raw, Sequence) or isinstance(raw, str):
            raise ValueError("a list of files is needed")
        return list(raw)
    value = _READERS[kind.type](raw, currency)
    if kind.choices and str(value) not in kind.choices:
        raise ValueError(f'"{value}" is not one of its choices: {", ".join(kind.choices)}')
    if kind.domain and kind.type in NUMBERS:
        # An amount in another currency whose rate is not known is taken as it is: zero and less are that everywhere.
        number = value if isinstance(value, int) else amount(value, currency) or Decimal(value["amount"])
        if not interval(kind.domain).holds(number):
            raise ValueError(f"{raw} is outside {kind.domain}")
    return value


@lru_cache(maxsize=512)
def interval(text: str) -> Interval:
    """Return the interval written as "[0,200]" or "(5000,inf)"."""
    match = _INTERVAL.match(text)
    if not match:
        raise ValueError(f'"{text}" is not an interval such as "[0,200]" or "(5000,inf)"')
    low, high = (_end(end, text) for end in match.group(2, 3))
    if low is not None and high is not None:
        closed = match.group(1, 4) == ("[", "]")
        if low > high or (low == high and not closed):
            raise ValueError(f'the interval "{text}" holds nothing')
    return Interval(low, high, match.group(1) == "[" and low is not None, match.group(4) == "]" and high is not None)


def _end(text: str, whole: str) -> Decimal | None:
    if text.lstrip("+-") in ("inf", "∞"):
        return None
    try:
        return Decimal(text.replace("_", ""))
    except InvalidOperation:
        raise ValueError(f'"{text}" in the interval "{whole}" is not a number') from None


def amount(money: Value, currency: str) -> Decimal | None:
    """Return what a money value is worth in the pack's currency; None where it is absent or its rate unknown."""
    if money is None:
        return None
    if money["currency"] == currency:
        return Decimal(money["amount"])
    rate = money.get("rate")
    return None if rate is None else _EXACT.multiply(Decimal(money["amount"]), Decimal(rate))


def _text(raw: Value, currency: str) -> str:
    if not isinstance(raw, str):
        raise ValueError("words are needed")
    return raw


def _bool(raw: Value, currency: str) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in ("true", "yes", "false", "no"):
        return raw.lower() in ("true", "yes")
    raise ValueError(f'"{raw}" is not true or false')


def _integer(raw: Value, currency: str) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and re.fullmatch(r"-?[0-9]{1,15}", raw.strip()):
        return int(raw)
    raise ValueError(f'"{raw}" is not a whole number')


MONEY_DIGITS = 24  # more than any currency needs, and within what Decimal rounds exactly


def _money(raw: Value, currency: str) -> Value:
    given: Mapping[str, Value] = raw if isinstance(raw, Mapping) else {}
    if unknown := sorted(set(given) - {"amount", "currency", "rate", "rate_on", "rate_source"}):
        raise ValueError(f'an amount of money has no "{unknown[0]}", only amount, currency, rate, rate_on, rate_source')
    if given:
        raw = f"{given.get('amount')} {given.get('currency')}"
    match = _MONEY.match(str(raw).strip())
    if not match or isinstance(raw, bool):
        raise ValueError(f'"{raw}" is not an amount of money such as "100 {currency}"')
    digits = match.group(1).replace("_", "")
    if len(digits) > MONEY_DIGITS:
        raise ValueError(f"an amount of money has at most {MONEY_DIGITS} digits")
    number = Decimal(digits)
    if number == number.quantize(Decimal("0.01")):
        number = number.quantize(Decimal("0.01"))
    value = {"amount": str(number), "currency": match.group(2) or currency}
    rate = given.get("rate") or match.group(3)
    if rate is None or rate == "":
        return value
    if value["currency"] == currency:
        raise ValueError(f"an amount in {currency} has no rate, since amounts are compared in {currency}")
    return {**value, **_rate(str(rate), given)}


def _rate(raw: str, given: Mapping[str, Value]) -> dict[str, str]:
    """Return the rate (units of the pack's currency for one) with its day and its source, as far as they are given."""
    if not _RATE.match(raw) or not Decimal(raw):
        raise ValueError(f'"{raw}" is not a rate of exchange such as 7.85')
    found = {"rate": f"{Decimal(raw).normalize():f}"}
    if given.get("rate_on"):
        found["rate_on"] = _date(given["rate_on"], "")
    if given.get("rate_source"):
        found["rate_source"] = _text(given["rate_source"], "")
    return found


def _date(raw: Value, currency: str) -> str:
    try:
        return date.fromisoformat(str(raw)).isoformat()
    except ValueError:
        raise ValueError(f'"{raw}" is not a date such as 2026-03-31') from None


def instant(raw: Value) -> int:
    """Return the epoch seconds of an ISO instant with its offset."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    wrong = f'"{raw}" is not an instant with its offset such as 2026-03-03T09:00+08:00'
    try:
        moment = datetime.fromisoformat(str(raw))
    except ValueError:
        raise ValueError(wrong) from None
    if moment.tzinfo is None:
        raise ValueError(wrong)
    return int(moment.timestamp())


def _instant(raw: Value, currency: str) -> int:
    return instant(raw)


def _country(raw: Value, currency: str) -> str:
    if isinstance(raw, str) and re.fullmatch(r"[A-Z]{2}", raw):
        return raw
    raise ValueError(f'"{raw}" is not a country code of two capital letters such as CN')


def _language(raw: Value, currency: str) -> str:
    if isinstance(raw, str) and _LANGUAGE.match(raw):
        return raw
    raise ValueError(f'"{raw}" is not a language tag such as zh or en')


def _case(raw: Value, currency: str) -> str:
    if isinstance(raw, str) and (match := _REFERENCE.match(re.sub(r"[-\s]", "", raw).upper())):
        return "-".join(match.groups())
    raise ValueError(f'"{raw}" is not the reference of a case such as KT-7F3K-9Q2M-X')


_READERS = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _text,
    FieldType.CHOICE: _text,
    FieldType.BOOL: _bool,
    FieldType.INTEGER: _integer,
    FieldType.MONEY: _money,
    FieldType.DATE: _date,
    FieldType.INSTANT: _instant,
    FieldType.PERSON: _text,
    FieldType.DEPARTMENT: _text,
    FieldType.COUNTRY: _country,
    FieldType.LANGUAGE: _language,
    FieldType.CASE: _case,
}
