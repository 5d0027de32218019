"""Calendars of a pack in the year in which it comes into force."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ombud.checks import Finding
from ombud.checks.rules.calendars import check_calendars
from ombud.engine.compiling import shipped_edition
from ombud.policy import load_sources

SOUND = (Path(__file__).parents[1] / "packs" / "sound.yaml").read_text("utf-8")
WEEK = 'week: {mon-fri: ["09:00-18:00"]}'


def found_in(*changes: tuple[str, str]) -> Sequence[Finding]:
    text = SOUND
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return list(check_calendars(load_sources({"pack.yaml": text})))


def test_a_year_whose_make_up_days_are_not_announced_makes_limits_provisional() -> None:
    last = max(shipped_edition().announced_years())
    [found] = found_in(("effective: 2026-01-01", f"effective: {last + 1}-01-01"))
    assert found.message["en"] == (
        f"The make-up working days of CN for {last + 1} are not announced, "
        "so every limit on the calendar office is provisional that year"
    )
    assert found.witness["zh"] == f"已公布至{last}年"


def test_a_year_beyond_the_edition_is_told() -> None:
    [found] = found_in(("effective: 2026-01-01", "effective: 2062-01-01"))
    assert found.message["zh"].endswith("制度自2062年起施行")


def test_a_calendar_without_holidays_has_no_horizon() -> None:
    assert found_in(("effective: 2026-01-01", "effective: 2062-01-01"), ("days: CN, ", "")) == []


def test_days_of_which_the_breaks_leave_nothing_are_counted() -> None:
    """52 Saturdays, 7 of them holidays (3 Jan, 21 Feb, 4 Apr, 2 May, 20 Jun, 26 Sep, 3 Oct), 4 make-up working days."""
    saturdays = 'week: {mon-fri: ["09:00-18:00"], sat: ["12:00-13:00"]}, less: ["12:00-13:00"]'
    [found] = found_in((WEEK, saturdays))
    assert found.message["en"].startswith("On 41 days of 2026")
    assert found.witness["en"] == "The first is 2026-01-10"


RIYADH = ("Asia/Shanghai", "Asia/Riyadh")
PRAYERS = ', less: "prayers(24.71, 46.68, 30 min)"'


def test_prayers_that_leave_nothing_of_a_short_day_are_found() -> None:
    """In Riyadh noon prayers begin between 11:37 (November) and 12:08 (February): often all of 12:00-12:10 is taken."""
    [found] = found_in((WEEK, 'week: {mon-fri: ["12:00-12:10"]}' + PRAYERS), RIYADH)
    assert "leave nothing" in found.message["en"]


def test_prayers_that_only_interrupt_the_day_are_no_finding() -> None:
    assert found_in((WEEK, WEEK + PRAYERS), RIYADH) == []


def test_a_minute_lost_in_a_season_of_another_year_is_told_with_its_first_day() -> None:
    seasons = ', seasons: {2027-06-01..2027-08-31: {mon-fri: ["09:00-23:59"]}}'
    [found] = found_in((WEEK, WEEK + seasons))
    assert found.witness["en"] == "For example, 23:59 to 24:00 on 2027-06-01 does not count"


def test_windows_that_lose_a_minute_between_them_are_found_in_a_season_too() -> None:
    seasons = ', seasons: {06-01..08-31: {mon-fri: ["09:00-11:59", "12:00-18:00"]}}'
    [found] = found_in((WEEK, WEEK + seasons))
    assert "11:59" in found.message["en"]
    assert found_in((WEEK, 'week: {mon-fri: ["09:00-12:00", "12:01-18:00"]}')) != []
    assert found_in((WEEK, 'week: {mon-fri: ["09:00-12:00", "12:30-18:00"]}')) == []
