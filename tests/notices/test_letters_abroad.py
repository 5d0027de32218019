"""Letters of an office: in a language spoken there, in its own time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from builders import publish_policy
from ombud.cases.access.case_access import access_case, grant_of
from ombud.channels.intake import receive
from ombud.notices.carrying import carry
from ombud.notices.reading import letters_of

pytestmark = pytest.mark.usefixtures("db")

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # 10:00 in Berlin, 12:00 in Riyadh, 17:00 in Shanghai


def receipt(country: str, language: str) -> tuple[str, str]:
    """Return title and body of the receipt that a customer abroad gets."""
    publish_policy("overseas-customers")
    data = {"subject": "Late campaign", "country": country, "name": "Acme", "email": "acme@example.com"}
    case = receive("overseas-customers", channel="web", language=language, data=data, at=MONDAY, now=MONDAY).case
    carry(now=MONDAY)
    letter = letters_of(access_case(grant_of(case), case.reference))[0]
    return letter.title, letter.body


def test_the_customer_reads_the_limit_in_the_time_of_the_own_region() -> None:
    title, body = receipt("DE", "de")
    assert title == "Eingangsbestätigung Ihrer Beschwerde"
    assert "10:00 (UTC+1)" in body  # when it arrived
    assert "11:00 (UTC+1)" in body  # one working hour later, the limit of the response


def test_a_language_without_a_letter_gets_one_that_the_region_speaks() -> None:
    title, body = receipt("SA", "tr")
    assert title == "إشعار باستلام شكواكم"
    assert "12:00 (UTC+3)" in body


def test_without_a_region_of_its_own_the_letter_is_headquarters() -> None:
    title, body = receipt("BR", "pt-BR")
    assert title == "投诉回执"
    assert "17:00 (UTC+8)" in body
