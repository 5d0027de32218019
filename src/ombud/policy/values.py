"""The kinds of values that a case holds, and reading one from a string or from JSON."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import NoReturn

from ombud.policy.currencies import currency_code
from ombud.policy.model.values import Field, FieldType, Kind, Value
from ombud.policy.plain_text import plain

NUMBERS = frozenset({FieldType.INTEGER, FieldType.MONEY})
ORDERED = NUMBERS | {FieldType.DATE, FieldType.INSTANT}

# What the register keeps of one value, by whatever way it comes in:
SHORT, LONG, MANY = 500, 20_000, 100  # characters of a text, of a long one; items of a list
DIGITS, CENTS = 15, 6  # of a whole number or the whole part of an amount; behind its point
YEARS = (1900, 2200)  # of a date
INSTANTS = (0, 7_258_118_400)  # 1970 to 2200: beyond, no calendar counts

_AMOUNT = r"-?(?:[0-9][0-9_]*|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?"
# Chinese counts in thousands, in ten thousands and in hundreds of millions.
_TIMES = {"\u5343": 10**3, "\u4e07": 10**4, "\u842c": 10**4, "\u4ebf": 10**8, "\u5104": 10**8}
_MONEY = re.compile(
    rf"([^0-9@.,\s-]+)?\s*({_AMOUNT})(?:\s*([{''.join(_TIMES)}]))?\s*(?:([^0-9@.,\s-]+)\s*)?(?:@\s*([0-9.]+))?\Z"
)
_SEPARATORS = {"\u066b": ".", "\u066c": ","}  # of Arabic
_RATE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,24})?\Z")
_EXACT = Context(prec=64)  # holds the product of any amount and any rate
_INTERVAL = re.compile(r"\s*([\[(])\s*([^,\s]+)\s*,\s*([^,\s]+)\s*([\])])\s*\Z")
_REFERENCE = re.compile(r"([A-Z]{2})([0-9A-Z]{4})([0-9A-Z]{4})([0-9A-Z])\Z")  # whether there is one, the register knows
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")


class WrongValue(ValueError):
    """A value that its field does not take; `code` and `params` say why to whoever puts it into words."""

    def __init__(self, message: str, code: str = "", **params: str | int) -> None:
        super().__init__(message)
        self.code, self.params = code, params


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
    """Return `raw` (a string, or what JSON holds) as a value of the kind; WrongValue says what is wrong.

    Money becomes {"amount": "100.00", "currency": "CNY"}, with "rate" (and "rate_on", "rate_source") where it is in
    another currency and its rate is known; an instant becomes its epoch seconds; text is made plain.
    """
    if kind.type in (FieldType.LIST, FieldType.FILES):
        return _list(kind, raw, currency)
    if isinstance(raw, str):
        raw = plain(raw, lines=kind.type is FieldType.LONG_TEXT)
    value = _READERS[kind.type](raw, currency)
    if kind.choices and str(value) not in kind.choices:
        raise WrongValue(f'"{value}" is not one of its choices: {", ".join(kind.choices)}', "choice")
    if isinstance(value, str) and len(value) > (limit := LONG if kind.type is FieldType.LONG_TEXT else SHORT):
        raise WrongValue(f"it has more than {limit} characters", "too-long", limit=limit)
    if kind.domain and kind.type in NUMBERS:
        # An amount in another currency whose rate is not known is taken as it is: zero and less are that everywhere.
        number = value if isinstance(value, int) else amount(value, currency) or Decimal(value["amount"])
        if not interval(kind.domain).holds(number):
            raise WrongValue(f"{raw} is outside {kind.domain}", "domain")
    return value


def is_blank(raw: Value) -> bool:
    """Return whether a submitted value says nothing: none, no item, or text of which nothing can be seen."""
    if isinstance(raw, str):
        return not plain(raw)
    return raw is None or (isinstance(raw, Sequence) and all(map(is_blank, raw)))


def _list(kind: Kind, raw: Value, currency: str) -> Value:
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise WrongValue("a list is needed", "list")
    items = [each for each in raw if not is_blank(each)]
    if len(items) > MANY:
        raise WrongValue(f"it has more than {MANY} items", "too-many", limit=MANY)
    if kind.type is FieldType.FILES:
        return items
    return [typed(Kind(kind.item or FieldType.TEXT, kind.choices), value, currency) for value in items]


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
        raise WrongValue("words are needed")
    return raw


def _bool(raw: Value, currency: str) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in ("true", "yes", "false", "no"):
        return raw.lower() in ("true", "yes")
    raise WrongValue(f'"{raw}" is not true or false')


def _integer(raw: Value, currency: str) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw if abs(raw) < 10**DIGITS else _too_large()
    if isinstance(raw, str) and re.fullmatch(r"-?[0-9]+", written := _spelled(raw)):
        return int(written) if len(written.lstrip("-0")) <= DIGITS else _too_large()
    raise WrongValue(f'"{raw}" is not a whole number')


def _spelled(raw: str) -> str:
    """Return a number as programs write it: full width, Arabic and all other digits as 0 to 9."""
    text = unicodedata.normalize("NFKC", raw).strip()
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(each)) if unicodedata.category(each) == "Nd" else _SEPARATORS.get(each, each)
        for each in text
    )


def _too_large() -> NoReturn:
    raise WrongValue(f"a number has at most {DIGITS} digits, and {CENTS} behind its point", "too-large")


def _money(raw: Value, currency: str) -> Value:
    given: Mapping[str, Value] = raw if isinstance(raw, Mapping) else {}
    if unknown := sorted(set(given) - {"amount", "currency", "rate", "rate_on", "rate_source"}):
        raise WrongValue(f'an amount of money has no "{unknown[0]}", only amount, currency, rate, rate_on, rate_source')
    if given:
        raw = f"{given.get('amount')} {given.get('currency')}"
    is_whole = not given or given.get("currency")
    match = _MONEY.match(_spelled(str(raw))) if is_whole and not isinstance(raw, bool) else None
    if not match or (given and match.group(5)):
        raise WrongValue(f'"{raw}" is not an amount of money such as "100 {currency}"')
    code = _one_currency(raw, [written for written in match.group(1, 4) if written], currency)
    value = {"amount": _amount(match.group(2), _TIMES.get(match.group(3), 1)), "currency": code}
    rate = given.get("rate") or match.group(5)
    if rate is None or rate == "":
        return value
    if code == currency:
        raise WrongValue(f"an amount in {currency} has no rate, since amounts are compared in {currency}")
    return {**value, **_rate(str(rate), given)}


def _one_currency(raw: Value, names: Sequence[str], currency: str) -> str:
    """Return the code of what is written before and behind an amount; a sign beside a code means that code."""
    codes = [currency_code(name, currency) for name in names]
    if len(names) > 1:
        codes = [currency_code(name, other or currency) for name, other in zip(names, reversed(codes), strict=True)]
    for name, code in zip(names, codes, strict=True):
        if code is None:
            raise WrongValue(f'"{name}" is no currency of ISO 4217 such as {currency}', "currency", written=name)
    if len(set(codes)) > 1:
        raise WrongValue(f'"{raw}" is an amount of money in two currencies')
    return codes[0] or currency if codes else currency


def _amount(written: str, times: int) -> str:
    """Return an amount, so many times, with at least two digits behind its point."""
    plain_one = re.sub("[_,]", "", written.lstrip("-"))
    if times > 1 and len(plain_one) <= DIGITS + CENTS + 1:
        plain_one = f"{Decimal(plain_one) * times:f}"
    whole, _point, cents = plain_one.partition(".")
    whole, cents = whole.lstrip("0") or "0", cents.rstrip("0")
    if len(whole) > DIGITS or len(cents) > CENTS:
        _too_large()
    sign = "-" if written.startswith("-") and (whole != "0" or cents) else ""
    return f"{sign}{whole}.{cents:0<2}"


def _rate(raw: str, given: Mapping[str, Value]) -> dict[str, str]:
    """Return the rate (units of the pack's currency for one) with its day and its source, as far as they are given."""
    if not _RATE.match(raw) or not Decimal(raw):
        raise WrongValue(f'"{raw}" is not a rate of exchange such as 7.85')
    found = {"rate": f"{Decimal(raw).normalize():f}"}
    if given.get("rate_on"):
        found["rate_on"] = _date(given["rate_on"], "")
    if given.get("rate_source"):
        found["rate_source"] = _text(given["rate_source"], "")
    return found


def _date(raw: Value, currency: str) -> str:
    try:
        found = date.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        found = None
    if found is None:
        raise WrongValue(f'"{raw}" is not a date such as 2026-03-31')
    first, last = YEARS
    if not first <= found.year <= last:
        raise WrongValue(f"the year {found.year} is not from {first} to {last}", "years", first=first, last=last)
    return found.isoformat()


def instant(raw: Value) -> int:
    """Return the epoch seconds of an ISO instant with its offset."""
    seconds = raw if isinstance(raw, int) and not isinstance(raw, bool) else _seconds(str(raw))
    if seconds is None:
        raise WrongValue(f'"{raw}" is not an instant with its offset such as 2026-03-03T09:00+08:00')
    if not INSTANTS[0] <= seconds < INSTANTS[1]:
        raise WrongValue(f'"{raw}" is not from 1970 to 2199', "years", first=1970, last=2199)
    return seconds


def _seconds(written: str) -> int | None:
    try:
        moment = datetime.fromisoformat(written)
        return None if moment.tzinfo is None else int(moment.timestamp())
    except (ValueError, OverflowError):
        return None


def _instant(raw: Value, currency: str) -> int:
    return instant(raw)


def _country(raw: Value, currency: str) -> str:
    if isinstance(raw, str) and re.fullmatch(r"[A-Z]{2}", raw):
        return raw
    raise WrongValue(f'"{raw}" is not a country code of two capital letters such as CN')


def _language(raw: Value, currency: str) -> str:
    if isinstance(raw, str) and _LANGUAGE.match(raw):
        return raw
    raise WrongValue(f'"{raw}" is not a language tag such as zh or en')


def _case(raw: Value, currency: str) -> str:
    if isinstance(raw, str) and (match := _REFERENCE.match(re.sub(r"[-\s]", "", raw).upper())):
        return "-".join(match.groups())
    raise WrongValue(f'"{raw}" is not the reference of a case such as KT-7F3K-9Q2M-X')


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
