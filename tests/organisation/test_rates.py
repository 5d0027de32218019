"""Exchange rates: entered by hand, the European Central Bank's, pegs to the dollar; none is invented."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ombud.organisation import rates
from ombud.organisation.models import ExchangeRate, Person
from ombud.organisation.rates import RateError, quote

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 6, 8, 0, tzinfo=UTC)


@pytest.fixture
def clerk() -> Person:
    return Person.objects.create(username="clerk", name="Clerk")


def test_the_banks_rate_of_the_day_is_taken() -> None:
    found = quote("EUR", "CNY", date(2026, 3, 3))
    assert found == rates.Quote(rate=Decimal("8.017"), on=date(2026, 3, 3), source="ECB")


def test_rates_cross_over_the_euro() -> None:
    found = quote("USD", "CNY", date(2026, 3, 3))
    assert found is not None
    assert found.rate == Decimal("6.9076340")  # 8.017 / 1.1606


def test_a_weekend_has_the_rate_of_friday() -> None:
    found = quote("EUR", "CNY", date(2026, 3, 8))
    assert found is not None
    assert (found.on, found.rate) == (date(2026, 3, 6), Decimal("7.9825"))


def test_after_the_end_of_the_data_its_last_rates_hold_with_their_day() -> None:
    found = quote("EUR", "CNY", date(2030, 1, 1))
    assert found is not None
    assert found.on < date(2030, 1, 1)


def test_pegged_currencies_go_by_the_dollar() -> None:
    found = quote("AED", "CNY", date(2026, 3, 3))
    assert found is not None
    assert found.rate == Decimal("1.8809078")  # 6.9076340 / 3.6725
    assert found.source == "ECB; 3.6725 AED/USD"
    assert quote("SAR", "CNY", date(2026, 3, 3)) is not None


@pytest.mark.parametrize("currency", ["VND", "RUB", "XXX"])
def test_currencies_that_nobody_quotes_have_no_rate(currency: str) -> None:
    assert quote(currency, "CNY", date(2026, 3, 3)) is None


def test_no_rate_is_known_before_the_data_begin() -> None:
    assert quote("EUR", "CNY", date(2001, 1, 1)) is None


def test_a_rate_entered_by_hand_holds_from_its_day_on_and_before_any_other(clerk: Person) -> None:
    rates.enter("vnd", "0.00027", day=date(2026, 3, 1), source="Bank of China", by=clerk, now=NOW)
    rates.enter("EUR", Decimal("8.5"), day=date(2026, 3, 4), source="Treasury", by=clerk, now=NOW)
    assert quote("VND", "CNY", date(2026, 2, 28)) is None
    assert quote("VND", "CNY", date(2026, 3, 3)) == rates.Quote(
        rate=Decimal("0.00027"), on=date(2026, 3, 1), source="Bank of China"
    )
    before, later = quote("EUR", "CNY", date(2026, 3, 3)), quote("EUR", "CNY", date(2026, 3, 5))
    assert before is not None
    assert later is not None
    assert (before.source, later.source) == ("ECB", "Treasury")


def test_entering_a_day_again_replaces_its_rate(clerk: Person) -> None:
    for rate in ("0.00027", "0.00028"):
        rates.enter("VND", rate, day=date(2026, 3, 1), source="Bank of China", by=clerk, now=NOW)
    assert [str(row.rate.normalize()) for row in ExchangeRate.objects.all()] == ["0.00028"]


@pytest.mark.parametrize(
    ("currency", "rate", "source", "wrong"),
    [
        ("EURO", "8", "x", "currency"),
        ("CNY", "1", "x", "currency"),
        ("VND", "much", "x", "rate"),
        ("VND", "0", "x", "rate"),
        ("VND", "NaN", "x", "rate"),
        ("VND", "8", " ", "source"),
    ],
)
def test_what_is_no_rate_is_refused(clerk: Person, currency: str, rate: str, source: str, wrong: str) -> None:
    with pytest.raises(RateError, match=f"^{wrong}$"):
        rates.enter(currency, rate, day=date(2026, 3, 1), source=source, by=clerk, now=NOW)


def test_every_currency_that_forms_offer_has_a_rate() -> None:
    missing = [each for each in rates.COMMON if each != "CNY" and quote(each, "CNY", date(2026, 3, 3)) is None]
    assert missing == []
