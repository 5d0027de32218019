"""Exchange rates by day: those entered by hand first, else the European Central Bank's, else fixed pegs to the dollar.

The bank's rates since 1999 come with the package currencyconverter, so that no network is needed; they end on the
day that the package was released. From then on its last ones hold until somebody enters newer ones.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import OuterRef, Subquery

from ombud.organisation import changes
from ombud.organisation.models import ExchangeRate, Person
from ombud.policy.currencies import currency_code
from ombud.policy.plain_text import plain

if TYPE_CHECKING:
    from currency_converter import CurrencyConverter

ECB, EURO, DOLLAR = "ECB", "EUR", "USD"
#: Units for one dollar, held by their central banks for decades.
PEGS: Mapping[str, Decimal] = {"AED": Decimal("3.6725"), "SAR": Decimal("3.75")}
#: What forms offer: all that have a rate today without anybody entering one.
COMMON = (
    "CNY", "USD", "EUR", "HKD", "JPY", "GBP", "SGD", "AED", "SAR", "AUD", "BRL", "CAD", "CHF", "CZK", "DKK", "HUF",
    "IDR", "ILS", "INR", "ISK", "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SEK", "THB", "TRY", "ZAR",
)  # fmt: skip
_CLOSED = timedelta(days=10)  # the bank gives no rates on weekends and feast days; never longer than this
_ENDED = timedelta(days=31)  # a currency without rates for so long while others have them is not quoted any more
_EXACT = Context(prec=8)  # digits of a rate that was computed from two


class RateError(ValueError):
    """An exchange rate cannot be entered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """What one unit of a currency is worth, since when, and who says so."""

    rate: Decimal
    on: date
    source: str


def quote(currency: str, into: str, on: date) -> Quote | None:
    """Return the rate of a day, or the newest before it; None where nobody knows one."""
    return _quote(currency, into, on, _entered({currency, DOLLAR}, into, on))


def quotes(into: str, on: date) -> dict[str, Quote]:
    """Return the rate of every common currency on a day, by one query."""
    entered = _entered(COMMON, into, on)
    found = {currency: _quote(currency, into, on, entered) for currency in COMMON if currency != into}
    return {currency: quote for currency, quote in found.items() if quote is not None}


def _entered(currencies: Collection[str], into: str, on: date) -> dict[str, ExchangeRate]:
    """Return the newest row that somebody entered, by currency."""
    rows = ExchangeRate.objects.filter(into=into, day__lte=on)
    newest = rows.filter(currency=OuterRef("currency")).order_by("-day").values("day")[:1]
    return {row.currency: row for row in rows.filter(currency__in=currencies, day=Subquery(newest))}


def _quote(currency: str, into: str, on: date, entered: Mapping[str, ExchangeRate]) -> Quote | None:
    """Return what holds, given the newest rates that people entered."""
    if (row := entered.get(currency)) is not None:
        return Quote(rate=row.rate.normalize(), on=row.day, source=row.source)
    if (found := _banks(currency, into, on)) is not None:
        return found
    if currency in PEGS and (dollar := _quote(DOLLAR, into, on, entered)) is not None:
        rate = _EXACT.divide(dollar.rate, PEGS[currency])
        return Quote(rate=rate, on=dollar.on, source=f"{dollar.source}; {PEGS[currency]} {currency}/{DOLLAR}")
    return None


def _banks(currency: str, into: str, on: date) -> Quote | None:
    """Return the European Central Bank's rate, crossed over the euro."""
    known = _converter()
    if {currency, into} - known.currencies:
        return None
    newest = known.bounds[EURO].last_date
    last = min(on, *(known.bounds[each].last_date for each in (currency, into)))
    if on - last > _ENDED and newest - last > _ENDED:
        return None
    for back in range(_CLOSED.days):
        day = last - timedelta(days=back)
        one, other = _for_a_euro(currency, day), _for_a_euro(into, day)
        if one is not None and other is not None:
            return Quote(rate=_EXACT.divide(other, one), on=day, source=ECB)
    return None


def _for_a_euro(currency: str, day: date) -> Decimal | None:
    from currency_converter import RateNotFoundError

    try:
        return Decimal(_converter().convert(1, EURO, currency, date=day))
    except RateNotFoundError:
        return None


@lru_cache(maxsize=1)
def _converter() -> CurrencyConverter:
    """Return the bank's rates; read when first asked, since they take half a second and fifty megabytes."""
    from currency_converter import CurrencyConverter

    return CurrencyConverter(decimal=True)


def enter(
    currency: str, rate: Decimal | str, *, into: str = "CNY", day: date, source: str, by: Person, now: datetime
) -> ExchangeRate:
    """Enter the rate of a day, units of `into` for one of `currency`; entering again replaces it.

    Events keep the rate that they were recorded with. Raises RateError.
    """
    one, other = (currency_code(each, into) for each in (currency, into))
    if one is None or other is None or one == other:
        raise RateError("currency")
    try:
        number = Decimal(rate)
    except InvalidOperation as error:
        raise RateError("rate") from error
    if not number.is_finite() or not Decimal("0.000000001") <= number < 10**11:
        raise RateError("rate")
    source = plain(source)
    if not source:
        raise RateError("source")
    with transaction.atomic():
        row, _ = ExchangeRate.objects.update_or_create(
            currency=one,
            into=other,
            day=day,
            defaults={"rate": number, "source": source[:200], "entered_by": by, "entered_at": now},
        )
        changes.note([row], by=by, now=now)
    return row
