"""Facts in the reader's words."""

import pytest
from django.utils import translation

from builders import shipped_pack
from ombud.interface.fact_text import fact_text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-hans", "要求补充的要素逾期15个自然日未提供。"),
        ("en", "The facts asked for were not supplied within 15 natural days."),
    ],
)
def test_words_that_the_policy_set_are_said_in_the_readers_language(language: str, said: str) -> None:
    pack = shipped_pack()
    (setting,) = pack.main.acts["end_unanswered"].sets
    with translation.override(language):
        assert fact_text(pack.fields["reason"], setting.value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"amount": "5.00", "currency": "CNY"}, "CN¥5.00"),
        ({"amount": "5.00", "currency": "VND"}, "₫5 (no exchange rate known)"),
        (
            {
                "amount": "100.00",
                "currency": "EUR",
                "rate": "8.0512",
                "rate_on": "2026-03-02",
                "rate_source": "ECB",
            },
            "€100.00, worth CN¥805.12 (rate 8.0512 · 2 Mar 2026 · ECB)",
        ),
    ],
)
def test_foreign_money_says_what_it_is_worth_and_who_says_so(value: dict[str, str], said: str) -> None:
    with translation.override("en"):
        assert fact_text(shipped_pack().fields["loss"], value, currency="CNY") == said
