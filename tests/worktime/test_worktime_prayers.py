"""Prayers are no working time: their times against printed timetables, against a walk minute by minute, in editions."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ombud.worktime import (
    WHOLE_DAY,
    CalendarSpec,
    Edition,
    Mode,
    Prayers,
    SpecError,
    Unit,
    bake,
    edition,
    explain,
    prayer,
)
from ombud.worktime.zones import Zone, zone_table
from worktime.calendars import EDITION, NINE_TO_SIX, RIYADH, at, baked, shown
from worktime.film import Film

CITY = (24.71, 46.68)
TOLERANCE = timedelta(minutes=1)  # printed timetables round, and take another point of the city
PRAYING = CalendarSpec(tz=RIYADH.tz, week=RIYADH.week, days=RIYADH.days, prayers=Prayers(*CITY, 30, "umm_al_qura"))
BUSINESS, MINUTE = Mode.BUSINESS, Unit.MINUTE


def riyadh(text: str) -> int:
    return at(text, "Asia/Riyadh")


def local(instant: int) -> str:
    return shown(instant, "Asia/Riyadh")


def times(place: Prayers, day: date, tz: str) -> list[str]:
    """Return the prayers of a date as the clocks there show them."""
    row = prayer.computed_year(place.place, day.year)[day.timetuple().tm_yday - 1]
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("UTC")).timestamp())
    return [datetime.fromtimestamp(midnight + 60 * minute, ZoneInfo(tz)).strftime("%H:%M") for minute in row]


@pytest.mark.parametrize(
    ("day", "printed"),
    [
        # prayertimesriyadh.com, which names the Umm al-Qura university
        (date(2025, 12, 16), "05:06 11:48 14:47 17:07 18:37"),
        # salatalert.com, December
        (date(2025, 12, 4), "04:59 11:43 14:44 17:04 18:34"),
        (date(2025, 12, 8), "05:02 11:45 14:45 17:05 18:35"),
        (date(2025, 12, 12), "05:04 11:47 14:46 17:06 18:36"),
    ],
)
def test_prayers_in_riyadh_are_those_of_printed_timetables_to_the_minute(day: date, printed: str) -> None:
    assert PRAYING.prayers is not None
    for computed, expected in zip(times(PRAYING.prayers, day, PRAYING.tz), printed.split(), strict=True):
        apart = datetime.strptime(computed, "%H:%M") - datetime.strptime(expected, "%H:%M")  # noqa: DTZ007
        assert abs(apart) <= TOLERANCE


@pytest.mark.parametrize(("day", "minutes"), [(date(2026, 3, 1), 120), (date(2026, 4, 1), 90)])
def test_the_night_prayer_is_two_hours_after_sunset_in_ramadan_and_else_ninety_minutes(day: date, minutes: int) -> None:
    assert PRAYING.prayers is not None
    sunset, night = times(PRAYING.prayers, day, PRAYING.tz)[-2:]
    assert datetime.strptime(night, "%H:%M") - datetime.strptime(sunset, "%H:%M") == timedelta(minutes=minutes)  # noqa: DTZ007


def test_a_prayer_interrupts_working_time() -> None:
    # 16 December 2025: prayers at 11:49 and 14:48. 19 minutes until noon prayer, then 41 from 12:19 on.
    assert local(baked(PRAYING).deadline(riyadh("2025-12-16 11:30"), 60, MINUTE, BUSINESS).at) == "Tue 2025-12-16 13:00"
    # Called in the middle of the prayer: counted from its end at 12:19.
    assert local(baked(PRAYING).deadline(riyadh("2025-12-16 12:00"), 30, MINUTE, BUSINESS).at) == "Tue 2025-12-16 12:49"
    # 17:00 + 30 minutes: sunset prayer 17:07-17:37, so 7 minutes before it and 23 after.
    assert local(baked(PRAYING).deadline(riyadh("2025-12-16 17:00"), 30, MINUTE, BUSINESS).at) == "Tue 2025-12-16 18:00"


def test_a_prayer_at_the_end_of_the_day_does_not_move_the_close() -> None:
    # 3 March 2026: sunset prayer from 17:57, so no open minute is left before 18:00; the office closes at 18:00 still.
    calendar = baked(PRAYING)
    assert local(calendar.close_of(date(2026, 3, 3))) == "Tue 2026-03-03 18:00"
    assert not calendar.is_open(riyadh("2026-03-03 17:58"))
    due = calendar.deadline(riyadh("2026-03-02 10:00"), 1, Unit.WORKDAY, Mode.NEXT_DAY_CLOSE).at
    assert local(due) == "Tue 2026-03-03 18:00"


def test_prayers_on_the_days_around_a_change_of_the_clocks_keep_to_the_sun() -> None:
    place = Prayers(52.52, 13.40, 30, "muslim_world_league")
    assert times(place, date(2026, 3, 28), "Europe/Berlin")[1:3] == ["12:12", "15:40"]
    assert times(place, date(2026, 3, 29), "Europe/Berlin")[1:3] == ["13:12", "16:41"]
    days = prayer.PrayerDays(place, EDITION.prayers(place), Zone(zone_table("Europe/Berlin")))
    assert (12 * 60 + 12, 12 * 60 + 42) in days.taken(date(2026, 3, 28))
    assert (13 * 60 + 12, 13 * 60 + 42) in days.taken(date(2026, 3, 29))


def test_a_prayer_over_midnight_is_taken_out_of_both_days() -> None:
    # Madrid in June keeps the clock of Berlin: the night prayer begins at 23:45 or later.
    place = Prayers(40.42, -3.70, 30, "muslim_world_league")
    start = times(place, date(2026, 6, 21), "Europe/Madrid")[-1]
    hour, minute = map(int, start.split(":"))
    days = prayer.PrayerDays(place, EDITION.prayers(place), Zone(zone_table("Europe/Madrid")))
    begins = hour * 60 + minute
    assert begins > 23 * 60 + 30
    assert days.taken(date(2026, 6, 21))[-1] == (begins, 24 * 60)
    assert days.taken(date(2026, 6, 22))[0][0] == 0


class Praying(Film):
    """The walk minute by minute, with the prayers of each date as the library gives them on the clocks there."""

    def _open_minutes(self, day: date) -> frozenset[int]:
        from alfalak import CalculationMethod, CalculationParameters, PrayerTimes

        minutes = set(super()._open_minutes(day))
        is_ramadan = date(2026, 2, 18) <= day <= date(2026, 3, 19)
        parameters = CalculationParameters(method=CalculationMethod.UMM_AL_QURA, is_ramadan=is_ramadan)
        noon = datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001 the library takes the date alone
        found = PrayerTimes(CITY, noon, calculation_parameters=parameters, time_zone=self.zone)
        for name in prayer.NAMES:
            start = getattr(found, name)
            begins = start.hour * 60 + start.minute
            minutes -= set(range(begins, begins + 30))
        return frozenset(minutes)


ALL_DAY = CalendarSpec(tz=PRAYING.tz, week=(WHOLE_DAY,) * 7, prayers=PRAYING.prayers)


@pytest.mark.slow
@settings(max_examples=25)
@given(
    st.sampled_from([PRAYING, ALL_DAY]),
    st.integers(riyadh("2026-01-02 00:00") // 60, riyadh("2026-12-20 00:00") // 60),
    st.integers(1, 900),
)
def test_a_walk_minute_by_minute_through_the_prayers_of_riyadh_ends_at_the_same_due_times(
    spec: CalendarSpec, start_minute: int, minutes: int
) -> None:
    start, calendar = start_minute * 60, baked(spec)
    film = Praying(spec, EDITION, start, 17)
    due = calendar.deadline(start, minutes, MINUTE, BUSINESS).at
    assert due == film.business(minutes)
    assert calendar.elapsed(start, due, BUSINESS, MINUTE) == minutes == film.elapsed_business(due)
    assert [at for at, _, is_open in film.frames if calendar.is_open(at) != is_open] == []


def test_an_explanation_says_that_prayers_do_not_count() -> None:
    lines = explain(baked(PRAYING), riyadh("2025-12-16 11:30"), 60, MINUTE, BUSINESS)
    said = [line.why["en"] for line in lines]
    assert (
        "The five daily prayers do not count, 30 min each from its time on (latitude and longitude 24.71, 46.68)"
        in said
    )
    assert "Tuesday 16 December 2025: 11:30-11:49, 12:19-13:00 open, 1 h counted, 1 h so far" in said


def test_a_stored_edition_keeps_its_prayer_times_whatever_the_library_says_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored = EDITION.covering([PRAYING])
    text = stored.to_json()
    start = riyadh("2026-05-04 11:30")
    before = bake(PRAYING, edition=stored).deadline(start, 60, MINUTE, BUSINESS)

    def later_release(place: str, year: int) -> prayer.Year:
        return tuple((0, 500, 700, 800, 900) for _ in prayer.days_of(year))

    monkeypatch.setattr(edition, "computed_year", later_release)
    again = Edition.from_json(text)
    assert again == stored
    assert bake.__wrapped__(PRAYING, edition=again).deadline(start, 60, MINUTE, BUSINESS) == before
    assert again.covering([PRAYING]) is again
    # The years that a later edition adds come from the release of its day; those that were frozen stay.
    moved = again.with_year(2027)
    assert PRAYING.prayers is not None
    years = moved.prayers(PRAYING.prayers)
    assert sorted(years) == [2025, 2026, 2027, 2028, 2029]
    assert years[2026] == stored.prayers(PRAYING.prayers)[2026]
    assert years[2029][0] == (0, 500, 700, 800, 900)


def test_an_edition_without_prayers_keeps_the_hash_that_it_had_before_there_were_any() -> None:
    assert "prayers" not in json.loads(EDITION.covering([RIYADH]).to_json())
    assert EDITION.covering([RIYADH]).hash != EDITION.covering([PRAYING]).hash


def test_a_year_that_is_not_computed_takes_the_nearest_with_as_many_days() -> None:
    place = PRAYING.prayers
    assert place is not None
    days = prayer.PrayerDays(place, EDITION.prayers(place), Zone(zone_table(PRAYING.tz)))
    assert sorted(EDITION.prayers(place)) == [2025, 2026, 2027, 2028]
    for day, alike in [
        (date(2012, 2, 29), date(2028, 2, 29)),
        (date(2012, 12, 31), date(2028, 12, 31)),
        (date(2010, 7, 1), date(2026, 7, 1)),
        (date(2033, 3, 1), date(2025, 3, 1)),
    ]:
        assert days.taken(day) == days.taken(alike)
        real = prayer.computed_year(place.place, day.year)[day.timetuple().tm_yday - 1]
        copied = prayer.computed_year(place.place, alike.year)[alike.timetuple().tm_yday - 1]
        # All but the night prayer, which Ramadan moves.
        assert all(abs(a - b) <= 1 for a, b in zip(real[:4], copied[:4], strict=True))


@pytest.mark.parametrize(
    ("latitude", "longitude", "minutes"), [(66, 25, 30), (-70, 0, 30), (24, 181, 30), (24, 46, 0), (24, 46, 121)]
)
def test_a_place_without_a_sunset_every_day_and_a_prayer_without_end_are_refused(
    latitude: float, longitude: float, minutes: int
) -> None:
    with pytest.raises(SpecError):
        Prayers(latitude, longitude, minutes, "umm_al_qura")


def test_windows_that_prayers_swallow_whole_leave_a_day_without_work() -> None:
    # 12:05-12:20 is all within the noon prayer of 3 March 2026 (12:05-12:35).
    spec = CalendarSpec(
        tz="Asia/Riyadh",
        week=(NINE_TO_SIX,) * 7,
        exceptions=((date(2026, 3, 3), ((12 * 60 + 5, 12 * 60 + 20),)),),
        prayers=PRAYING.prayers,
    )
    assert not baked(spec).is_workday(date(2026, 3, 3))
