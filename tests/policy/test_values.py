"""Typing what people submit."""

from decimal import Decimal

import pytest
from babel.core import get_global
from babel.numbers import get_territory_currencies

from ombud.organisation.rates import COMMON
from ombud.policy.currencies import currencies
from ombud.policy.model.values import FieldType, Kind
from ombud.policy.values import CENTS, DIGITS, LONG, MANY, SHORT, amount, is_blank, typed

MONEY = Kind(FieldType.MONEY)


def test_money_keeps_its_cents_and_its_currency() -> None:
    assert typed(MONEY, "100", "CNY") == {"amount": "100.00", "currency": "CNY"}
    assert typed(MONEY, {"amount": "3.5", "currency": "EUR"}, "CNY") == {"amount": "3.50", "currency": "EUR"}


@pytest.mark.parametrize(
    "raw",
    ["nan CNY", "1e400", "", "-", "6000-8000", "1.2.3", "1,2,3", "12 34", "5 A A", True, None, {"amount": 1}],
)
def test_what_is_no_amount_is_a_value_error_and_nothing_worse(raw: object) -> None:
    with pytest.raises(ValueError, match=r"amount|currency"):
        typed(MONEY, raw, "CNY")


@pytest.mark.parametrize("raw", ["9" * (DIGITS + 1), "9" * 5000, "0." + "1" * (CENTS + 1), "-" + "9" * (DIGITS + 1)])
def test_an_amount_has_only_so_many_digits(raw: str) -> None:
    with pytest.raises(ValueError, match="at most 15 digits"):
        typed(MONEY, raw, "CNY")
    assert typed(MONEY, "0" * 30 + "7.50" + "0" * 30, "CNY") == {"amount": "7.50", "currency": "CNY"}


@pytest.mark.parametrize(
    "raw",
    [
        "1299.5 RMB", "1299.5 CNH", "1299.5 cny", "1299.5元", "￥1,299.50", "¥ 1299.5", "人民币1299.5", "\uff11299.5元",
        {"amount": "1299.5", "currency": "RMB"}, {"amount": 1299.5, "currency": "CNH"},
        {"amount": "1,299.50", "currency": "元"}, "￥1299.5元", "人民币 1299.5 元", "CNY 1,299.5元整", "1299.5 Yuan",
        "\u0661\u066c\u0662\u0669\u0669\u066b\u0665",
    ],
)  # fmt: skip
def test_the_yuan_is_the_yuan_however_it_is_written(raw: object) -> None:
    assert typed(MONEY, raw, "CNY") == {"amount": "1299.50", "currency": "CNY"}


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("1.5万", "15000.00"), ("3萬元", "30000.00"), ("¥5千", "5000.00"), ("0.12亿", "12000000.00"), ("१०", "10.00"),
        ("1.00001万", "10000.10"),
    ],
)  # fmt: skip
def test_an_amount_may_be_in_ten_thousands_and_in_any_digits(raw: str, kept: str) -> None:
    assert typed(MONEY, raw, "CNY") == {"amount": kept, "currency": "CNY"}
    for twelve in ("\uff11\uff12", "\u0661\u0662"):
        assert typed(Kind(FieldType.INTEGER), twelve, "CNY") == 12


def test_a_sign_that_currencies_share_is_that_of_the_code_beside_it_or_of_the_policy() -> None:
    for raw in ("$5 USD", "USD 5$"):
        assert typed(MONEY, raw, "CNY") == {"amount": "5.00", "currency": "USD"}
    assert typed(MONEY, "¥5 JPY", "CNY") == {"amount": "5.00", "currency": "JPY"}
    assert typed(MONEY, "$5", "HKD") == {"amount": "5.00", "currency": "HKD"}
    for raw, said in (("$5", "no currency"), ("USD 5 EUR", "two currencies"), ("¥5 USD", "two currencies")):
        with pytest.raises(ValueError, match=said):
            typed(MONEY, raw, "CNY")


def test_a_lone_sign_of_the_yen_is_the_policys_own_currency() -> None:
    assert typed(MONEY, "¥500", "JPY") == {"amount": "500.00", "currency": "JPY"}
    assert typed(MONEY, "¥500", "EUR") == {"amount": "500.00", "currency": "CNY"}


@pytest.mark.parametrize("code", ["XXX", "XTS", "XBT", "BTC", "XAU", "ABC", "DEM", "Euros"])
def test_what_iso_4217_has_not_as_money_is_no_currency(code: str) -> None:
    for raw in (f"100 {code}", {"amount": "100", "currency": code}):
        with pytest.raises(ValueError, match="no currency of ISO 4217"):
            typed(MONEY, raw, "CNY")


def test_a_currency_cannot_smuggle_a_rate_in() -> None:
    with pytest.raises(ValueError, match="not an amount"):
        typed(MONEY, {"amount": "100", "currency": "EUR @ 9"}, "CNY")


def test_every_currency_in_use_anywhere_is_known() -> None:
    places = get_global("territory_currencies")
    used = {code for place in places for code in get_territory_currencies(place)}
    assert used <= currencies()
    assert set(COMMON) <= currencies()


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        (FieldType.TEXT, "x" * (SHORT + 1), "more than 500"),
        (FieldType.LONG_TEXT, "x" * (LONG + 1), "more than 20000"),
        (FieldType.PERSON, "x" * (SHORT + 1), "more than 500"),
        (FieldType.INTEGER, 10**DIGITS, "at most 15 digits"),
        (FieldType.INTEGER, "-" + "9" * 5000, "at most 15 digits"),
        (FieldType.DATE, "1899-12-31", "from 1900 to 2200"),
        (FieldType.DATE, "2201-01-01", "from 1900 to 2200"),
        (FieldType.DATE, 20260301, "not a date"),
        (FieldType.INSTANT, "1969-12-31T23:59+00:00", "from 1970 to 2199"),
        (FieldType.INSTANT, 10**12, "from 1970 to 2199"),
        (FieldType.INSTANT, "0001-01-01T00:00+08:00", "from 1970 to 2199"),
        (FieldType.INSTANT, "9999-12-31T23:59-12:00", "from 1970 to 2199"),
    ],
)
def test_the_register_keeps_only_so_much(kind: FieldType, raw: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        typed(Kind(kind), raw, "CNY")


def test_a_list_keeps_only_so_many_items_each_as_long_as_a_text_and_none_of_them_blank() -> None:
    words = Kind(FieldType.LIST, item=FieldType.TEXT)
    assert typed(words, [" a ", "", "\u200b", None, "b"], "CNY") == ["a", "b"]
    assert len(typed(words, ["x"] * MANY, "CNY")) == MANY
    with pytest.raises(ValueError, match="more than 100 items"):
        typed(words, ["x"] * (MANY + 1), "CNY")
    with pytest.raises(ValueError, match="more than 500"):
        typed(words, ["x" * (SHORT + 1)], "CNY")
    with pytest.raises(ValueError, match="more than 100 items"):
        typed(Kind(FieldType.FILES), ["x"] * (MANY + 1), "CNY")


@pytest.mark.parametrize(
    "raw", [None, "", "  ", "\u200b", "\u3000\u00a0", "\ufeff\u202e", "\u3164", [], ["", " "], [[]]]
)
def test_what_shows_nothing_says_nothing(raw: object) -> None:
    assert is_blank(raw)


@pytest.mark.parametrize("raw", ["0", " x ", False, 0, {"amount": "0"}, ["", "x"]])
def test_what_shows_something_says_something(raw: object) -> None:
    assert not is_blank(raw)


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
    digits = "123456789012345.234567"
    exact = Decimal("15241578753196.105487241768177804")
    assert amount(typed(MONEY, f"{digits} EUR @ 0.123456789012", "CNY"), "CNY") == exact


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
