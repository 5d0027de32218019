"""Letters of an office: in a language spoken there, in its own time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from builders import publish_policy
from carried import carry
from ombud.cases.access.case_access import access_case, grant_of
from ombud.channels.intake import receive
from ombud.notices.reading import letters_of

pytestmark = pytest.mark.usefixtures("db")

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # 10:00 in Berlin, 12:00 in Riyadh, 17:00 in Shanghai


def receipt(
    country: str, language: str, *, zone: str = "", at: datetime = MONDAY, name: str = "Acme"
) -> tuple[str, str]:
    """Return title and body of the receipt that a customer abroad gets."""
    publish_policy("overseas-customers")
    data = {"subject": "Late campaign", "country": country, "name": name, "email": "acme@example.com"}
    case = receive(
        "overseas-customers", channel="web", language=language, time_zone=zone, data=data, at=at, now=at
    ).case
    carry(now=at)
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


# Worked out by hand. Europe's summer time began on 29 March 2026, that of the United States on 8 March.
WINTER, BETWEEN, SUMMER = MONDAY, datetime(2026, 3, 9, 9, 0, tzinfo=UTC), datetime(2026, 3, 30, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "arrived", "due"),
    [
        ("Europe/London", WINTER, "09:00 (UTC+0; Berlin 10:00, UTC+1)", "10:00 (UTC+0; Berlin 11:00, UTC+1)"),
        ("Europe/London", SUMMER, "10:00 (UTC+1; Berlin 11:00, UTC+2)", "11:00 (UTC+1; Berlin 12:00, UTC+2)"),
        ("Europe/Lisbon", SUMMER, "10:00 (UTC+1; Berlin 11:00, UTC+2)", "11:00 (UTC+1; Berlin 12:00, UTC+2)"),
        ("America/Los_Angeles", WINTER, "01:00 (UTC-8; Berlin 10:00, UTC+1)", "02:00 (UTC-8; Berlin 11:00, UTC+1)"),
        ("America/Los_Angeles", BETWEEN, "02:00 (UTC-7; Berlin 10:00, UTC+1)", "03:00 (UTC-7; Berlin 11:00, UTC+1)"),
        ("Asia/Dubai", WINTER, "13:00 (UTC+4; Berlin 10:00, UTC+1)", "14:00 (UTC+4; Berlin 11:00, UTC+1)"),
        ("Asia/Dubai", SUMMER, "13:00 (UTC+4; Berlin 11:00, UTC+2)", "14:00 (UTC+4; Berlin 12:00, UTC+2)"),
        ("Europe/Paris", WINTER, "10:00 (UTC+1)", "11:00 (UTC+1)"),  # the same clock as the office
        ("Nowhere/Land", WINTER, "10:00 (UTC+1)", "11:00 (UTC+1)"),  # no such zone: Germany's
    ],
)
def test_a_letter_tells_the_time_by_the_readers_clock_with_the_offices_beside_it(
    zone: str, at: datetime, arrived: str, due: str
) -> None:
    _title, body = receipt("DE", "en", zone=zone, at=at)
    assert f", 2026 {arrived}" in body
    assert f", 2026 {due}" in body


def test_where_it_is_another_day_at_the_office_the_day_stands_beside_it_too() -> None:
    _title, body = receipt("DE", "en", zone="America/Los_Angeles", at=MONDAY.replace(hour=7))
    assert "March 1, 2026 23:00 (UTC-8; Berlin March 2, 2026 08:00, UTC+1)" in body


def test_the_places_of_the_clocks_are_named_in_the_letters_language() -> None:
    _title, body = receipt("SA", "ar", zone="Europe/London")
    assert "09:00 (UTC+0\u061b الرياض 12:00\u060c UTC+3)" in body


def test_without_a_zone_told_it_is_that_of_a_country_that_has_one_only() -> None:
    assert "09:00 (UTC+0; Berlin 10:00, UTC+1)" in receipt("GB", "en")[1]


def test_a_country_of_many_zones_leaves_the_office_its_own_clock() -> None:
    assert "04:00 (UTC-5)" in receipt("US", "en")[1]  # New York


def test_a_letter_of_traditional_chinese_is_in_its_characters_and_leaves_names_as_they_are_written() -> None:
    title, body = receipt("DE", "zh-hant", name="王后")
    assert title == "投訴回執"
    assert body.startswith("尊敬的王后：")
