"""Working days that a yearly notice moves, country by country, and kinds of holidays: against the notices, by hand."""

from __future__ import annotations

import random
from datetime import date, timedelta

import holidays
import pytest

from ombud.worktime import CalendarSpec, Edition, Mode, Unit, UnknownCategoryError, announce, explain
from ombud.worktime.announcements import ANNOUNCING
from worktime.calendars import EDITION, WEEKDAYS, at, baked, endless, shown
from worktime.film import Film

WORKDAY = (Unit.WORKDAY, Mode.NEXT_DAY_CLOSE)
ZONES = {
    "AM": "Asia/Yerevan",
    "AZ": "Asia/Baku",
    "BG": "Europe/Sofia",
    "BY": "Europe/Minsk",
    "HU": "Europe/Budapest",
    "KG": "Asia/Bishkek",
    "KZ": "Asia/Almaty",
    "LV": "Europe/Riga",
    "MM": "Asia/Yangon",
    "RU": "Europe/Moscow",
    "TW": "Asia/Taipei",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
    "VN": "Asia/Ho_Chi_Minh",
}


def office(country: str) -> CalendarSpec:
    return CalendarSpec(tz=ZONES[country], week=WEEKDAYS, days=country)


def test_every_country_that_the_package_moves_days_of_is_among_those_tried_here() -> None:
    moving = {
        country
        for country in holidays.list_supported_countries(include_aliases=False)
        if holidays.country_holidays(country, years=range(2010, 2029)).weekend_workdays
    }
    assert moving - ANNOUNCING == set(ZONES)


# The day before a made-up weekend, one working day: due on that weekend's day. Each pair stands in a notice.
@pytest.mark.parametrize(
    ("country", "start", "due"),
    [
        # Ministers' decrees 15/2023 (njt.hu/jogszabaly/2023-15-20-8P) and 10/2025 NGM.
        ("HU", "2024-08-02 10:00", "Sat 2024-08-03 18:00"),  # for Monday 19 August
        ("HU", "2026-01-09 10:00", "Sat 2026-01-10 18:00"),  # for Friday 2 January
        ("HU", "2026-08-07 10:00", "Sat 2026-08-08 18:00"),  # for Friday 21 August
        # Office calendars of the Directorate-General of Personnel Administration (dgpa.gov.tw/informationlist?uid=30).
        ("TW", "2021-02-19 10:00", "Sat 2021-02-20 18:00"),  # for Wednesday 10 February
        ("TW", "2023-06-16 10:00", "Sat 2023-06-17 18:00"),  # for Friday 23 June
        ("TW", "2025-02-07 10:00", "Sat 2025-02-08 18:00"),  # for Monday 27 January
        # Government resolutions for 2024 and 2025 (consultant.ru, cons_doc_LAW_455140 and cons_doc_LAW_481586).
        ("RU", "2024-04-26 10:00", "Sat 2024-04-27 18:00"),  # for Monday 29 April
        ("RU", "2024-12-27 10:00", "Sat 2024-12-28 18:00"),  # for Monday 30 December
        ("RU", "2025-10-31 10:00", "Sat 2025-11-01 18:00"),  # for Monday 3 November
        # Official Dispatch 2450/VPCP-KGVX of 2024; the notice on Independence Day of 2026.
        ("VN", "2024-05-03 10:00", "Sat 2024-05-04 18:00"),  # for Monday 29 April
        ("VN", "2026-08-21 10:00", "Sat 2026-08-22 18:00"),  # for Monday 31 August
        # Order on moving working days in 2026 (likumi.lv/ta/id/361161).
        ("LV", "2026-01-16 10:00", "Sat 2026-01-17 18:00"),  # for Friday 2 January
        ("LV", "2026-06-26 10:00", "Sat 2026-06-27 18:00"),  # for Monday 22 June
        # Resolutions for 2025 and 2026 (belarusbank.by/en/financial-institutions/11160 and 11163).
        ("BY", "2025-12-19 10:00", "Sat 2025-12-20 18:00"),  # for Friday 26 December
        ("BY", "2026-04-24 10:00", "Sat 2026-04-25 18:00"),  # for Monday 20 April
        # Bulgaria's last (dv.parliament.bg idMat=99143), Ukraine's last before martial law (Order 1191-2020-r).
        ("BG", "2016-09-16 10:00", "Sat 2016-09-17 18:00"),  # for Friday 23 September
        ("UA", "2021-10-22 10:00", "Sat 2021-10-23 18:00"),  # for Friday 15 October
        # Order G24G0000109 (adilet.zan.kz).
        ("KZ", "2024-05-03 10:00", "Sat 2024-05-04 18:00"),  # for Wednesday 8 May
        # Both days of a weekend: Cabinet of Ministers, decision of 2024 (nk.gov.az, 8449).
        ("AZ", "2024-12-28 10:00", "Sun 2024-12-29 18:00"),  # for 31 December; Saturday 28 for Monday 30
    ],
)
def test_a_made_up_weekend_day_counts(country: str, start: str, due: str) -> None:
    tz = ZONES[country]
    got = baked(office(country)).deadline(at(start, tz), 1, *WORKDAY)
    assert (shown(got.at, tz), got.provisional) == (due, False)


@pytest.mark.parametrize("country", sorted(ZONES))
def test_working_days_are_those_of_the_package(country: str) -> None:
    official = holidays.country_holidays(country, years=range(2009, 2030))
    calendar = baked(office(country))
    days = [date(2010, 1, 1) + timedelta(days=number) for number in range(19 * 365 + 4)]
    assert [day for day in days if calendar.is_workday(day) != official.is_working_day(day)] == []


@pytest.mark.parametrize("country", sorted(ZONES))
def test_a_walk_minute_by_minute_counts_the_made_up_days_too(country: str) -> None:
    """Starts are drawn near made-up days, where the two could differ; the seed is the country's name."""
    chance, spec = random.Random(country), office(country)
    calendar, tz = endless(spec), ZONES[country]
    for day in chance.sample(sorted(day for day in EDITION.days(country).work if day.year > 2009), 3):
        before = day - timedelta(days=chance.randint(0, 4))
        start = at(f"{before} {chance.randint(0, 23):02}:{chance.randint(0, 59):02}", tz)
        film = Film(spec, EDITION, start, 30)
        assert day in film.workdays() or day <= film.date_of(film.frames[0][0])
        workdays, minutes = chance.randint(1, 6), chance.randint(1, 2400)
        assert calendar.deadline(start, workdays, *WORKDAY).at == film.next_day_close(workdays)
        assert calendar.deadline(start, minutes, Unit.MINUTE, Mode.BUSINESS).at == film.business(minutes)
        assert calendar.deadline(start, 4, Unit.DAY, Mode.NATURAL).at == film.natural(4, Unit.DAY, roll=True)


def test_a_year_whose_notice_is_not_known_is_provisional() -> None:
    assert EDITION.provisional_years("HU") == (2027, 2028)
    assert EDITION.provisional_years("RU") == (2028,)  # 2027 is known already
    assert EDITION.provisional_years("TW") == (2027, 2028)  # of 2026 it is known that none is moved
    assert EDITION.provisional_years("BG") == ()  # moves none since 2017
    assert EDITION.provisional_years("DE") == ()
    start = at("2026-12-30 10:00", ZONES["HU"])
    calendar = baked(office("HU"))
    assert [calendar.deadline(start, days, *WORKDAY).provisional for days in (1, 2)] == [False, True]


def test_a_notice_that_is_entered_replaces_what_the_package_knows_of_its_year() -> None:
    notice = announce(
        2027, "12/2026. NGM", [("New Year", date(2027, 1, 1), date(2027, 1, 1))], [date(2027, 1, 9)], country="HU"
    )
    later = EDITION.with_announcement(notice)
    assert later.provisional_years("HU") == (2028,)
    assert later.provisional_years("CN") == (2027, 2028)
    due = baked(office("HU"), edition=later).deadline(at("2027-01-08 10:00", ZONES["HU"]), 1, *WORKDAY)
    assert shown(due.at, ZONES["HU"]) == "Sat 2027-01-09 18:00"
    assert baked(office("HU"), edition=later).is_workday(date(2026, 1, 10))  # another year stays as it was


def test_the_explanation_says_what_was_moved() -> None:
    tz = ZONES["HU"]
    lines = explain(baked(office("HU")), at("2026-01-01 10:00", tz), 6, *WORKDAY)
    english = [line.why["en"] for line in lines]
    assert "Friday 2 January 2026: day off moved from Saturday 10 January 2026, not counted" in english
    assert any(line.startswith("Saturday 10 January 2026: working day 6 (make-up working day, ") for line in english)
    chinese = [line.why["zh"] for line in lines]
    assert "2026年1月2日（周五）：调休（与2026年1月10日（周六）对调）放假，不计" in chinese


def test_an_edition_freezes_moved_days_and_reads_them_again() -> None:
    edition = EDITION.covering([office("HU"), office("VN")])
    again = Edition.from_json(edition.to_json())
    assert again == edition
    assert again.days("HU") == edition.days("HU") == EDITION.days("HU")
    assert again.provisional_years("VN") == (2027, 2028)


def test_an_edition_from_before_moved_days_were_known_stays_as_it_was() -> None:
    """Its text has no such days and its hash must hold, or no old case could be counted again."""
    whole = EDITION.covering([office("HU")])
    old = Edition.from_data({name: value for name, value in whole._content().items() if name != "moved"})
    assert Edition.from_json(old.to_json()).hash == old.hash != whole.hash
    start = at("2026-01-09 10:00", ZONES["HU"])
    due = baked(office("HU"), edition=old).deadline(start, 1, *WORKDAY)
    assert (shown(due.at, ZONES["HU"]), due.provisional) == ("Mon 2026-01-12 18:00", False)


# General holidays for 2026, Gazette of the Hong Kong SAR (General Holidays Ordinance, Cap. 149), without Sundays.
GENERAL = "01-01 02-17 02-18 02-19 04-03 04-04 04-06 04-07 05-01 05-25 06-19 07-01 09-26 10-01 10-19 12-25 12-26"


def test_a_pack_chooses_which_kinds_of_holidays_count() -> None:
    general = CalendarSpec(tz="Asia/Hong_Kong", week=WEEKDAYS, days="HK", categories=("optional",))
    statutory = CalendarSpec(tz="Asia/Hong_Kong", week=WEEKDAYS, days="HK")
    edition = EDITION.covering([general, statutory])
    assert " ".join(f"{day:%m-%d}" for day in sorted(edition.days("HK:optional").off) if day.year == 2026) == GENERAL
    good_friday = date(2026, 4, 3)
    assert not baked(general, edition=edition).is_workday(good_friday)
    assert baked(statutory, edition=edition).is_workday(good_friday)
    assert Edition.from_json(edition.to_json()) == edition


@pytest.mark.parametrize(
    ("country", "category"), [("HK", "bank"), ("DE", "half_day"), ("BY", "workday"), ("CN", "public")]
)
def test_a_kind_of_holidays_that_is_none_is_refused(country: str, category: str) -> None:
    with pytest.raises(UnknownCategoryError, match=f"unknown kind of holidays '{category}'"):
        baked(CalendarSpec(tz="UTC", week=WEEKDAYS, days=country, categories=(category,)))
