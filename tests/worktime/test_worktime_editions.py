"""What is known of days off: announcements, provisional years, the horizon, editions that can be stored."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from ombud.worktime import (
    WHOLE_DAY,
    Announcement,
    AnnouncementError,
    Calendar,
    CalendarSpec,
    Edition,
    EditionError,
    HorizonError,
    LimitError,
    Mode,
    NeverOpenError,
    SpecError,
    Taken,
    Unit,
    UnknownDaysError,
    UnknownZoneError,
    announce,
    bake,
)
from worktime.calendars import ALWAYS, BERLIN, DAILY, EDITION, NINE_TO_SIX, OFFICE, WEEKDAYS, at, baked, shown

WORKDAY = (Unit.WORKDAY, Mode.NEXT_DAY_CLOSE)
NOTICE_2027 = announce(
    2027,
    "a notice made up for this test",
    [("new_year", date(2027, 1, 1), date(2027, 1, 3)), ("spring_festival", date(2027, 2, 5), date(2027, 2, 13))],
    [date(2026, 12, 27), date(2027, 2, 14), date(2027, 2, 20)],
)


def every_day(first: int, last: int) -> list[date]:
    days = (date(last, 12, 31) - date(first, 1, 1)).days + 1
    return [date(first, 1, 1) + timedelta(days=n) for n in range(days)]


def test_working_days_of_the_prc_equal_those_of_chinesecalendar() -> None:
    calendar = baked(OFFICE)
    different = [d for d in every_day(2010, 2026) if calendar.is_workday(d) != chinese_calendar.is_workday(d)]
    assert different == []


def test_working_days_of_the_prc_equal_those_of_the_holidays_package() -> None:
    calendar, official = baked(OFFICE), holidays.country_holidays("CN", years=range(2010, 2027))
    assert [d for d in every_day(2010, 2026) if calendar.is_workday(d) != official.is_working_day(d)] == []


@pytest.mark.parametrize("code", ["DE", "DE-BY", "GB-ENG", "GB-SCT", "US", "US-NY", "SG", "JP", "FR"])
def test_other_countries_follow_the_holidays_package(code: str) -> None:
    country, _, subdivision = code.partition("-")
    official = holidays.country_holidays(country, subdiv=subdivision or None, years=range(2010, 2029))
    calendar = baked(CalendarSpec(tz="UTC", week=WEEKDAYS, days=code))
    wrong = [d for d in every_day(2010, 2028) if calendar.is_workday(d) != (d.weekday() < 5 and d not in official)]
    assert wrong == []


def test_every_year_of_the_prc_names_its_notice() -> None:
    assert EDITION.announced_years() == tuple(range(2010, 2027))
    assert {entry.year: entry.source for entry in EDITION.announcements}[2026] == "国办发明电〔2025〕7号"  # noqa: RUF001 the notice is written so
    assert all("号" in entry.source for entry in EDITION.announcements)


def test_an_unannounced_year_has_the_thirteen_statutory_days_and_no_make_up_days() -> None:
    days = EDITION.days("CN")
    statutory = "01-01 02-05 02-06 02-07 02-08 04-05 05-01 05-02 06-09 09-15 10-01 10-02 10-03"
    assert " ".join(f"{day:%m-%d}" for day in sorted(days.off) if day.year == 2027) == statutory
    assert not [day for day in days.work if day.year >= 2027]
    assert EDITION.provisional_years() == (2027, 2028)


def test_what_a_package_knows_of_an_announcement_is_not_taken_before_the_edition_knows_it() -> None:
    older = Edition(year=2026, announcements=tuple(each for each in EDITION.announcements if each.year < 2026))
    days = older.days("CN")
    assert len([day for day in days.off if day.year == 2026]) == 13
    assert older.provisional_years() == (2026, 2027, 2028)


@pytest.mark.parametrize(
    ("start", "workdays", "provisional"),
    [
        ("2026-12-30 10:00", 1, False),
        ("2026-12-30 10:00", 2, True),  # ends on Monday 4 January 2027
        ("2027-03-01 10:00", 1, True),
    ],
)
def test_what_leans_on_an_unannounced_year_says_so(start: str, workdays: int, provisional: bool) -> None:
    assert baked(OFFICE).deadline(at(start), workdays, *WORKDAY).provisional is provisional


def test_only_the_calendar_that_leans_on_announcements_is_provisional() -> None:
    start = at("2026-12-30 10:00")
    assert not baked(BERLIN).deadline(start, 9, *WORKDAY).provisional
    assert not baked(ALWAYS).deadline(start, 900, *WORKDAY).provisional
    assert not baked(OFFICE).deadline(start, 100, Unit.HOUR, Mode.CLOCK).provisional
    assert not baked(OFFICE).deadline(start, 2, Unit.MONTH, Mode.CALENDAR).provisional
    assert baked(OFFICE).deadline(start, 30, Unit.HOUR, Mode.BUSINESS).provisional
    assert baked(OFFICE).deadline(start, 15, Unit.DAY, Mode.NATURAL).provisional
    assert not baked(OFFICE).deadline(start, 1, Unit.DAY, Mode.NATURAL).provisional
    until_midnight = CalendarSpec(tz="Asia/Shanghai", week=(WHOLE_DAY,) * 7, days="CN")
    due = baked(until_midnight).deadline(start, 1, *WORKDAY)
    assert (shown(due.at), due.provisional) == ("Fri 2027-01-01 00:00", False)  # 24:00 of the last sure day
    assert not baked(until_midnight).deadline(start, 1, Unit.DAY, Mode.NATURAL).provisional
    assert baked(OFFICE).is_provisional(at("2027-01-01 00:00"))
    assert not baked(OFFICE).is_provisional(at("2026-12-31 23:59"))


def test_an_announcement_makes_a_new_edition_and_moves_due_times() -> None:
    later = EDITION.with_announcement(NOTICE_2027)
    assert later.id != EDITION.id
    assert later.provisional_years() == (2028,)
    start = at("2027-02-04 10:00")
    before = baked(OFFICE).deadline(start, 3, *WORKDAY)
    after = baked(OFFICE, edition=later).deadline(start, 3, *WORKDAY)
    assert (shown(before.at), before.provisional) == ("Thu 2027-02-11 18:00", True)
    assert (shown(after.at), after.provisional) == ("Tue 2027-02-16 18:00", False)
    # It may reach into the December before.
    assert baked(OFFICE, edition=later).is_workday(date(2026, 12, 27))
    assert not baked(OFFICE).is_workday(date(2026, 12, 27))


def test_a_corrected_announcement_replaces_the_first() -> None:
    later = EDITION.with_announcement(NOTICE_2027)
    corrected = announce(2027, "its correction", [("new_year", date(2027, 1, 1), date(2027, 1, 1))], [])
    again = later.with_announcement(corrected)
    assert [entry.source for entry in again.announcements if entry.year == 2027] == ["its correction"]
    office = baked(OFFICE, edition=again)
    assert office.is_workday(date(2027, 2, 9))  # what the notice does not name is no holiday
    assert not office.is_workday(date(2027, 2, 8))  # but for what is off by law
    assert again.with_announcement(NOTICE_2027) == later


@pytest.mark.parametrize(
    ("year", "source", "off", "work", "message"),
    [
        (2027, " ", [("new_year", date(2027, 1, 1), date(2027, 1, 1))], [], "needs its source"),
        (2027, "x", [], [], "names no day off"),
        (2027, "x", [("a", date(2027, 1, 1), date(2027, 1, 1))], [date(2027, 1, 1)], "both a day off and"),
        (2027, "x", [("a", date(2028, 1, 1), date(2028, 1, 1))], [], "does not belong"),
        (2027, "x", [("a", date(2027, 1, 3), date(2027, 1, 1))], [], "ends before it begins"),
        (
            2027,
            "x",
            [("N", date(2027, 1, 1), date(2027, 1, 3)), ("rest", date(2027, 1, 3), date(2027, 1, 5))],
            [],
            r"“N \(2027-01-01 . 2027-01-03\)” and “rest \(2027-01-03 . 2027-01-05\)” overlap: both have 2027-01-03",
        ),
        (2027, "x", [("a", date(2027, 1, 1), date(2027, 1, 1))] * 2, [], "overlap: both have 2027-01-01"),
        (
            2027,
            "x",
            [("a", date(2027, 1, 1), date(2027, 1, 1))],
            [date(2027, 1, 4)],
            "Monday 4 January 2027 is no day of the weekend and is worked anyway",
        ),
    ],
)
def test_an_announcement_that_contradicts_itself_is_refused(
    year: int, source: str, off: list[tuple[str, date, date]], work: list[date], message: str
) -> None:
    with pytest.raises(AnnouncementError, match=message):
        announce(year, source, off, work)


def test_a_weekend_is_that_of_the_country() -> None:
    friday = date(2027, 1, 8)
    off = [("a", date(2027, 1, 3), date(2027, 1, 3))]
    assert announce(2027, "x", off, [friday], country="EG").work == (friday,)  # it rests on Friday and Saturday
    with pytest.raises(AnnouncementError, match="Sunday 10 January 2027 is no day of the weekend"):
        announce(2027, "x", off, [date(2027, 1, 10)], country="EG")


def test_a_notice_takes_no_day_away_that_is_off_by_law() -> None:
    """A line that somebody forgot to type must not make a working day of National Day."""
    days = EDITION.with_announcement(
        announce(2027, "x", [("new_year", date(2027, 1, 1), date(2027, 1, 3))], [date(2027, 1, 9)])
    ).days("CN")
    assert {date(2027, 1, 3), date(2027, 2, 6), date(2027, 10, 1)} <= set(days.off)
    assert date(2027, 10, 4) not in days.off  # moved days are the notice's alone
    assert date(2027, 1, 9) in days.work


def test_a_notice_of_a_country_that_names_moved_days_alone_leaves_its_holidays_off() -> None:
    """As those of Hungary and Vietnam do."""
    last = EDITION.days("HU").announced
    assert last is not None
    year = max(last) + 1
    monday = next(day for day in (date(year, 6, each) for each in range(1, 8)) if day.weekday() == 0)
    notice = announce(year, "x", [("moved", monday, monday)], [monday + timedelta(days=5)], country="HU")
    days = EDITION.with_announcement(notice).days("HU")
    assert {monday, date(year, 8, 20), date(year, 12, 25)} <= set(days.off)
    assert monday + timedelta(days=5) in days.work


def test_a_notice_of_a_year_that_is_known_stands_for_all_of_it() -> None:
    friday, saturday = date(2026, 8, 21), date(2026, 8, 8)
    notice = announce(2026, "x", [("State Foundation Day", date(2026, 8, 20), date(2026, 8, 20))], [], country="HU")
    assert (friday in EDITION.days("HU").off, saturday in EDITION.days("HU").work) == (True, True)
    days = EDITION.with_announcement(notice).days("HU")
    assert friday not in days.off
    assert saturday not in days.work


@pytest.mark.parametrize("day", [date(2027, 10, 2), date(2027, 2, 6)])
def test_nobody_makes_up_for_a_day_off_on_a_day_that_is_off_by_law(day: date) -> None:
    off = [("new_year", date(2027, 1, 1), date(2027, 1, 3))]
    with pytest.raises(AnnouncementError, match="is off by law"):
        EDITION.check_announcement(announce(2027, "x", off, [day]))
    EDITION.check_announcement(announce(2027, "x", off, [date(2027, 1, 9)]))


def test_what_was_wrong_is_said_in_every_language() -> None:
    with pytest.raises(AnnouncementError) as caught:
        announce(2027, "x", [("a", date(2027, 1, 1), date(2027, 1, 1))], [date(2027, 1, 4)])
    assert caught.value.text["zh"].startswith("2027年1月4日（周一）不是周末")


def test_an_announcement_that_was_stored_when_less_was_refused_is_still_read() -> None:
    entry = {"year": 2027, "source": "x", "off": [["2027-01-01", "元旦", "New Year"]], "work": ["2027-01-04"]}
    assert Announcement.from_data(entry).work == (date(2027, 1, 4),)


def test_an_edition_can_go_back_behind_an_announcement() -> None:
    later = EDITION.with_announcement(NOTICE_2027)
    assert later.without_announcement("CN", 2027) == EDITION
    back = replace(later.without_announcement("CN", 2027), follows=later.id)
    assert back.hash not in (EDITION.hash, later.hash)  # told from the first one, though it counts alike
    assert Edition.from_json(back.to_json()) == back
    assert back.days("CN") == EDITION.days("CN")


def test_beyond_the_horizon_the_library_raises() -> None:
    calendar = baked(OFFICE)
    last = calendar.deadline(at("2028-12-28 10:00"), 1, *WORKDAY)
    assert shown(last.at) == "Fri 2028-12-29 18:00"
    for start, length, unit, mode in [
        ("2028-12-28 10:00", 2, *WORKDAY),
        ("2028-12-28 10:00", 40, Unit.HOUR, Mode.BUSINESS),
        ("2028-12-28 10:00", 15, Unit.DAY, Mode.NATURAL),
        ("2029-06-01 10:00", 1, *WORKDAY),
        ("2009-12-31 10:00", 1, *WORKDAY),
        ("2009-12-31 10:00", 1, Unit.HOUR, Mode.BUSINESS),
    ]:
        with pytest.raises(HorizonError, match="covers the years 2010 to 2028"):
            calendar.deadline(at(start), length, unit, mode)
    with pytest.raises(HorizonError):
        calendar.is_workday(date(2029, 1, 1))
    with pytest.raises(HorizonError):
        calendar.workdays_before(at("2010-01-05 18:00"), 9)


def test_what_can_be_reached_is_told_alike_whatever_was_asked_before() -> None:
    for before in ([], ["1985-06-03 10:00"], ["2070-06-03 10:00"]):
        calendar = Calendar(OFFICE, EDITION, "statutory")
        for asked in before:
            calendar.deadline(at(asked), 1, *WORKDAY)
        for start in ("2099-12-30 10:00", "1969-12-30 10:00"):
            with pytest.raises(HorizonError) as caught:
                calendar.deadline(at(start), 5, *WORKDAY)
            assert (caught.value.first, caught.value.last) == (1970, 2099)


def test_beyond_the_horizon_the_engine_gets_statutory_days_marked_provisional() -> None:
    calendar = bake(OFFICE, edition=EDITION, beyond="statutory")
    due = calendar.deadline(at("2029-09-28 10:00"), 1, *WORKDAY)  # Friday; Monday 1 October to the 3rd are off
    assert (shown(due.at), due.provisional) == ("Thu 2029-10-04 18:00", True)
    due = calendar.deadline(at("2009-12-30 10:00"), 2, *WORKDAY)
    assert (shown(due.at), due.provisional) == ("Mon 2010-01-04 18:00", True)
    assert calendar.deadline(at("2045-06-01 10:00"), 100, Unit.HOUR, Mode.BUSINESS).provisional
    assert calendar.before(at("2010-01-04 10:00"), 3, Unit.HOUR, Mode.BUSINESS) == at("2009-12-31 16:00")
    assert shown(calendar.workdays_before(at("2010-01-04 18:00"), 1)) == "Thu 2009-12-31 18:00"
    assert calendar.deadline(at("2026-11-20 10:00"), 3, *WORKDAY).provisional is False


def test_a_calendar_without_holidays_has_no_horizon() -> None:
    due = baked(ALWAYS).deadline(at("2028-12-30 10:00"), 5, *WORKDAY)
    assert (shown(due.at), due.provisional) == ("Fri 2029-01-05 00:00", False)
    due = baked(DAILY).deadline(at("2008-02-27 20:00"), 2, Unit.HOUR, Mode.BUSINESS)
    assert (shown(due.at), due.provisional) == ("Thu 2008-02-28 10:00", False)
    due = baked(DAILY).deadline(at("2008-02-27 20:00"), 2, *WORKDAY)
    assert (shown(due.at), due.provisional) == ("Fri 2008-02-29 21:00", False)


def test_an_edition_is_read_again_exactly() -> None:
    edition = EDITION.with_announcement(NOTICE_2027).covering([OFFICE, BERLIN])
    again = Edition.from_json(edition.to_json())
    assert again == edition
    assert (again.id, again.hash, again.to_json()) == (edition.id, edition.hash, edition.to_json())
    start = at("2027-02-04 10:00")
    assert baked(OFFICE, edition=again).deadline(start, 3, *WORKDAY) == baked(OFFICE, edition=edition).deadline(
        start, 3, *WORKDAY
    )


def test_what_an_edition_froze_stays_whatever_the_packages_say_later() -> None:
    data = json.loads(EDITION.covering([BERLIN]).to_json())
    # As if it had been stored when Germany rested on 23 November 2026 and its clocks stood still.
    data["days"][0][1].append(["2026-11-23", {"en": "a day since abolished"}])
    data["zones"] = [["Europe/Berlin", [[-(10**9), 7200]]]]
    data["hash"] = Edition.from_data(data).hash
    stored = Edition.from_json(json.dumps(data))
    assert stored.covering([BERLIN]) is stored
    due = baked(BERLIN, edition=stored).deadline(at("2026-11-20 10:00", "UTC"), 1, *WORKDAY)
    assert shown(due.at, "UTC") == "Tue 2026-11-24 16:00"


def test_an_edition_that_was_tampered_with_is_refused() -> None:
    text = EDITION.to_json().replace("2026-10-10", "2026-10-11")
    with pytest.raises(EditionError, match="does not match its hash"):
        Edition.from_json(text)
    with pytest.raises(EditionError, match="cannot be read"):
        Edition.from_json("{}")


def test_the_next_year_moves_the_horizon() -> None:
    later = EDITION.with_year(2027)
    assert later.last_year == 2029
    assert later.hash != EDITION.hash
    assert baked(OFFICE, edition=later).deadline(at("2029-06-01 10:00"), 1, *WORKDAY).provisional


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ({"tz": "Asia/Peking"}, UnknownZoneError, "unknown time zone 'Asia/Peking'"),
        ({"tz": "../etc/passwd"}, UnknownZoneError, "unknown time zone"),
        ({"days": "XX"}, UnknownDaysError, "unknown holidays 'XX'"),
        ({"days": "DE-XX"}, UnknownDaysError, "unknown holidays 'DE-XX'"),
        ({"days": "CHN"}, UnknownDaysError, "unknown holidays 'CHN'"),
        ({"week": ((),) * 7}, NeverOpenError, "never open"),
        ({"less": (Taken(0, 1440),)}, NeverOpenError, "never open"),
    ],
)
def test_a_calendar_that_cannot_count_is_refused_when_it_is_baked(
    spec: dict[str, object], error: type[SpecError], message: str
) -> None:
    with pytest.raises(error, match=message):
        baked(CalendarSpec(**{"tz": "Asia/Shanghai", "week": WEEKDAYS, "days": "CN", **spec}))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"week": WEEKDAYS[:6]}, "a week has seven days"),
        ({"week": (((1080, 540),),) * 7}, "must start before it ends"),
        ({"week": (((540, 1500),),) * 7}, "must start before it ends"),
        ({"week": (((540, 720), (700, 800)),) * 7}, "must not overlap"),
        ({"exceptions": ((date(2026, 1, 1), ()), (date(2026, 1, 1), NINE_TO_SIX))}, "two exceptions"),
        ({"day": 0}, "longer than nothing"),
    ],
)
def test_a_calendar_written_wrongly_says_what_is_wrong(spec: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        CalendarSpec(**{"tz": "Asia/Shanghai", "week": WEEKDAYS, **spec})


@pytest.mark.parametrize(
    ("unit", "mode"),
    [
        (Unit.HOUR, Mode.NEXT_DAY_CLOSE),
        (Unit.WORKDAY, Mode.BUSINESS),
        (Unit.WORKDAY, Mode.CLOCK),
        (Unit.MONTH, Mode.CLOCK),
        (Unit.HOUR, Mode.NATURAL),
        (Unit.WORKDAY, Mode.CALENDAR),
    ],
)
def test_a_unit_that_a_mode_cannot_count_is_never_guessed(unit: Unit, mode: Mode) -> None:
    calendar = baked(OFFICE)
    for count in (calendar.deadline, calendar.before):
        with pytest.raises(LimitError, match=f"{mode.value} cannot count {unit.value}"):
            count(at("2026-11-20 10:00"), 1, unit, mode)
    with pytest.raises(LimitError):
        calendar.elapsed(0, 1, mode, unit)
