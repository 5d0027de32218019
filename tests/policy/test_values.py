"""Typing what people submit."""

import pytest

from ombud.policy.model import FieldType, Kind
from ombud.policy.values import MONEY_DIGITS, typed

MONEY = Kind(FieldType.MONEY)


def test_money_keeps_its_cents_and_its_currency() -> None:
    assert typed(MONEY, "100", "CNY") == {"amount": "100.00", "currency": "CNY"}
    assert typed(MONEY, {"amount": "3.5", "currency": "EUR"}, "CNY") == {"amount": "3.50", "currency": "EUR"}


@pytest.mark.parametrize("raw", ["9" * (MONEY_DIGITS + 1), "9" * 5000, "nan CNY", "1e400", "", "-", "ten"])
def test_what_is_no_amount_is_a_value_error_and_nothing_worse(raw: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        typed(MONEY, raw, "CNY")
