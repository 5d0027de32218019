"""Typing what people submit."""

from decimal import Decimal

import pytest

from ombud.policy.model import FieldType, Kind
from ombud.policy.values import MONEY_DIGITS, amount, typed

MONEY = Kind(FieldType.MONEY)


def test_money_keeps_its_cents_and_its_currency() -> None:
    assert typed(MONEY, "100", "CNY") == {"amount": "100.00", "currency": "CNY"}
    assert typed(MONEY, {"amount": "3.5", "currency": "EUR"}, "CNY") == {"amount": "3.50", "currency": "EUR"}


@pytest.mark.parametrize("raw", ["9" * (MONEY_DIGITS + 1), "9" * 5000, "nan CNY", "1e400", "", "-", "ten"])
def test_what_is_no_amount_is_a_value_error_and_nothing_worse(raw: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        typed(MONEY, raw, "CNY")


def test_foreign_money_keeps_the_rate_of_its_day_with_where_that_came_from() -> None:
    assert typed(MONEY, "1500 EUR @ 7.850", "CNY") == {"amount": "1500.00", "currency": "EUR", "rate": "7.85"}
    whole = {"amount": "20", "currency": "USD", "rate": "7.1", "rate_on": "2026-03-02", "rate_source": "ECB"}
    assert typed(MONEY, whole, "CNY") == {**whole, "amount": "20.00"}
    assert typed(MONEY, typed(MONEY, whole, "CNY"), "CNY") == {**whole, "amount": "20.00"}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("1500 EUR @ 0", "rate of exchange"),
        ("1500 EUR @ 7.8.5", "rate of exchange"),
        ("1500 EUR @ -7.85", "not an amount"),
        ({"amount": "5", "currency": "EUR", "rate": "nan"}, "rate of exchange"),
        ({"amount": "5", "currency": "EUR", "rate": "7", "rate_on": "yesterday"}, "not a date"),
        ({"amount": "5", "currency": "EUR", "rates": "7"}, 'has no "rates"'),
        ("100 CNY @ 1.1", "has no rate"),
    ],
)
def test_a_rate_that_is_none_is_told(raw: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        typed(MONEY, raw, "CNY")


def test_money_is_worth_amount_times_rate_to_the_last_digit() -> None:
    assert amount(typed(MONEY, "1273.88 EUR @ 7.85", "CNY"), "CNY") == Decimal("9999.958")
    assert amount(typed(MONEY, "1273.89 EUR @ 7.85", "CNY"), "CNY") == Decimal("10000.0365")
    assert amount(typed(MONEY, "100", "CNY"), "CNY") == 100
    digits = "123456789012345678901.23"
    assert amount(typed(MONEY, f"{digits} EUR @ 0.123456789012", "CNY"), "CNY") == Decimal(
        "15241578753196160343.31905209728476"
    )


def test_foreign_money_without_a_rate_is_worth_nothing_known() -> None:
    assert amount(typed(MONEY, "1500 EUR", "CNY"), "CNY") is None
    assert amount(None, "CNY") is None


@pytest.mark.parametrize(
    ("raw", "is_within"), [("1273 EUR @ 7.85", True), ("1274 EUR @ 7.85", False), ("9999 CNY", True)]
)
def test_the_domain_of_money_holds_for_what_it_is_worth(raw: str, is_within: bool) -> None:
    kind = Kind(FieldType.MONEY, domain="[0,10000)")
    if is_within:
        typed(kind, raw, "CNY")
    else:
        with pytest.raises(ValueError, match="outside"):
            typed(kind, raw, "CNY")


@pytest.mark.parametrize("raw", ["KT-7F3K-9Q2M-X", "kt7f3k9q2mx", "kt-7F3K 9q2m x"])
def test_a_case_is_named_by_its_reference(raw: str) -> None:
    assert typed(Kind(FieldType.CASE), raw, "CNY") == "KT-7F3K-9Q2M-X"


@pytest.mark.parametrize("raw", ["", "the other complaint", "7", 12, "KT-7F3K-9Q2M-XY"])
def test_what_is_no_reference_names_no_case(raw: object) -> None:
    with pytest.raises(ValueError, match="reference of a case"):
        typed(Kind(FieldType.CASE), raw, "CNY")
