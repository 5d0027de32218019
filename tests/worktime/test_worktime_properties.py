"""What must hold on any calendar, checked against a walk minute by minute and by its own laws."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ombud.worktime import CLOSE, CalendarSpec, Cutoff, Edition, Mode, NeverOpenError, Season, Taken, Unit, bake
from worktime.calendars import ALWAYS, BERLIN, DAILY, NEW_YORK, OFFICE, RIYADH, SPLIT, endless
from worktime.film import Film

pytestmark = pytest.mark.slow

# Five years are baked quickly; they hold every kind of change of the clocks, at midnight too, and a day that never was.
EDITION = Edition.shipped(2012)
ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",  # changed at midnight
    "Asia/Beirut",  # at midnight
    "Africa/Cairo",
    "Australia/Lord_Howe",  # by half an hour
    "Asia/Kathmandu",  # 5:45
    "Pacific/Apia",  # skipped a day in 2011
    "Europe/Moscow",
)
FIRST, LAST = int(datetime(2010, 2, 1, tzinfo=UTC).timestamp()), int(datetime(2014, 6, 1, tzinfo=UTC).timestamp())

# Parts of the year: over the New Year, around the days of `near_changes`, of one year only.
STRETCHES = (
    ((12, 20), (1, 10)),
    ((3, 1), (4, 15)),
    ((10, 15), (11, 30)),
    ((1, 1), (12, 31)),
    ((2011, 12, 20), (2012, 4, 10)),
    ((2013, 10, 20), (2013, 11, 5)),
)
FIXED = [OFFICE, SPLIT, DAILY, ALWAYS, BERLIN, NEW_YORK, RIYADH]
LIMITS = [
    (Unit.MINUTE, Mode.CLOCK),
    (Unit.HOUR, Mode.CLOCK),
    (Unit.MINUTE, Mode.BUSINESS),
    (Unit.HOUR, Mode.BUSINESS),
    (Unit.WORKDAY, Mode.NEXT_DAY_CLOSE),
    (Unit.WORKDAY, Mode.OPEN_DAYS),
    (Unit.DAY, Mode.NATURAL),
    (Unit.WEEK, Mode.NATURAL),
    (Unit.MONTH, Mode.NATURAL),
    (Unit.DAY, Mode.CALENDAR),
    (Unit.WEEK, Mode.CALENDAR),
    (Unit.MONTH, Mode.CALENDAR),
    (Unit.YEAR, Mode.CALENDAR),
]
ADDITIVE = [limit for limit in LIMITS if limit[1] in (Mode.CLOCK, Mode.BUSINESS, Mode.OPEN_DAYS)]

fixed = st.sampled_from(FIXED)
limits = st.sampled_from(LIMITS)
lengths = st.integers(1, 40)
recent = st.integers(
    int(datetime(2011, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())
)


# Anywhere, or just before the days on which clocks change somewhere.
near_changes = st.integers(FIRST // 60, LAST // 60) | st.builds(
    lambda day, minutes: int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) // 60 - minutes,
    st.sampled_from(
        [
            date(2011, 3, 27),
            date(2011, 10, 29),
            date(2012, 3, 10),
            date(2013, 11, 2),
            date(2013, 10, 19),
            date(2011, 12, 30),
            date(2012, 4, 1),
            date(2013, 10, 26),
        ]
    ),
    st.integers(0, 3 * 24 * 60),
)


@st.composite
def windows(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    edges = sorted(draw(st.sets(st.integers(0, 48), max_size=6)))
    edges = edges[: len(edges) // 2 * 2]
    return tuple((low * 30, high * 30) for low, high in zip(edges[::2], edges[1::2], strict=True))


@st.composite
def specs(draw: st.DrawFn) -> CalendarSpec:
    days = st.dates(date(2010, 1, 1), date(2014, 12, 31))
    closed = st.tuples(days, st.integers(0, 12))
    taken = st.tuples(st.integers(0, 1000), st.integers(5, 300), st.none() | days)
    week = st.lists(windows(), min_size=7, max_size=7).map(tuple)
    return CalendarSpec(
        tz=draw(st.sampled_from(ZONES)),
        week=draw(week),
        closed=tuple((day, day + timedelta(days=long)) for day, long in draw(st.lists(closed, max_size=2))),
        seasons=tuple(Season(*draw(st.sampled_from(STRETCHES)), draw(week)) for _ in range(draw(st.integers(0, 2)))),
        days=draw(st.sampled_from([None, "CN", "DE-BY", "US-NY", "GB-SCT", "SA"])),
        exceptions=tuple(draw(st.dictionaries(days, windows(), max_size=3)).items()),
        less=tuple(Taken(start, start + long, day) for start, long, day in draw(st.lists(taken, max_size=2))),
    )


@settings(max_examples=30)
@given(specs(), near_changes, st.integers(1, 900), st.integers(1, 4))
def test_a_walk_minute_by_minute_ends_at_the_same_due_times(
    spec: CalendarSpec, start_minute: int, minutes: int, days: int
) -> None:
    try:
        calendar = bake.__wrapped__(spec, edition=EDITION)
    except NeverOpenError:
        assume(False)
    start = start_minute * 60
    # A date with two stretches would need the walker to know which one counts: none of these zones has one.
    film = Film(spec, EDITION, start, 17)
    later = [day for day in film.workdays() if day > film.date_of(start) + timedelta(days=4)]
    assume(len(later) > 1 and film.elapsed_business(film.frames[-1][0]) > minutes)

    due = calendar.deadline(start, minutes, Unit.MINUTE, Mode.BUSINESS).at
    assert due == film.business(minutes)
    assert calendar.elapsed(start, due, Mode.BUSINESS, Unit.MINUTE) == minutes == film.elapsed_business(due)
    if len([day for day in film.workdays() if day > film.date_of(start)]) > days:
        due = calendar.deadline(start, days, Unit.WORKDAY, Mode.NEXT_DAY_CLOSE).at
        assert due == film.next_day_close(days)
        assert calendar.elapsed(start, due, Mode.NEXT_DAY_CLOSE, Unit.WORKDAY) == days
    target = film.date_of(start) + timedelta(days=days)
    if any(frame[1] == target for frame in film.frames):  # a date that never was has no frame
        due = calendar.deadline(start, days, Unit.DAY, Mode.NATURAL, False).at
        assert due == film.natural(days, Unit.DAY, roll=False)
    assert calendar.deadline(start, days, Unit.DAY, Mode.NATURAL).at == film.natural(days, Unit.DAY, roll=True)
    assert [at for at, _, is_open in film.frames if calendar.is_open(at) != is_open] == []
    assert [at for at, day, _ in film.frames[::10] if calendar.date_of(at) != day] == []
    for day in later[:-1]:
        assert calendar.close_of(day) == film.close(day)
        assert calendar.is_workday(day)


@settings(max_examples=60)
@given(specs(), near_changes, st.none() | st.integers(1, 48).map(lambda half_hours: half_hours * 30))
def test_a_walk_minute_by_minute_counts_from_the_same_instant_after_a_cut_off(
    spec: CalendarSpec, start_minute: int, cutoff: int | None
) -> None:
    try:
        calendar = bake.__wrapped__(spec, edition=EDITION)
    except NeverOpenError:
        assume(False)
    start = start_minute * 60
    film = Film(spec, EDITION, start, 17)
    assume(any(day > film.date_of(start) + timedelta(days=1) for day in film.workdays()))
    counted = calendar.counted_from(start, CLOSE if cutoff is None else cutoff).at
    assert counted == film.counted_from(cutoff)
    assert calendar.counted_from(counted, 24 * 60).at == counted


@given(fixed, limits, recent, lengths, st.integers(0, 20 * 86400), st.just(CLOSE) | st.integers(1, 1440))
def test_a_later_start_never_ends_earlier_with_a_cut_off(
    spec: CalendarSpec, limit: tuple[Unit, Mode], start: int, length: int, later: int, cutoff: Cutoff
) -> None:
    calendar = endless(spec)
    first, second = (calendar.counted_from(at, cutoff).at for at in (start, start + later))
    assert start <= first <= second
    if limit[1] is not Mode.CALENDAR:
        assert calendar.deadline(first, length, *limit).at <= calendar.deadline(second, length, *limit).at


@given(fixed, limits, recent, lengths, st.integers(0, 20 * 86400))
def test_a_later_start_never_ends_earlier(
    spec: CalendarSpec, limit: tuple[Unit, Mode], start: int, length: int, later: int
) -> None:
    calendar = endless(spec)
    unit, mode = limit
    first = calendar.deadline(start, length, unit, mode).at
    second = calendar.deadline(start + later, length, unit, mode).at
    if mode is Mode.CALENDAR:  # the time of day is kept, so only the dates are in order (30 and 31 January + 1 month)
        assert calendar.date_of(first) <= calendar.date_of(second)
    else:
        assert first <= second


@given(fixed, limits, recent, lengths, lengths)
def test_a_longer_limit_never_ends_earlier(
    spec: CalendarSpec, limit: tuple[Unit, Mode], start: int, length: int, more: int
) -> None:
    calendar = endless(spec)
    first, second = (calendar.deadline(start, n, *limit).at for n in (length, length + more))
    assert start < first
    assert first <= second


@given(fixed, st.sampled_from(ADDITIVE), recent, lengths, lengths)
def test_two_limits_end_to_end_are_one_of_their_sum(
    spec: CalendarSpec, limit: tuple[Unit, Mode], start: int, a: int, b: int
) -> None:
    calendar = endless(spec)
    halfway = calendar.deadline(start, a, *limit).at
    assert calendar.deadline(halfway, b, *limit).at == calendar.deadline(start, a + b, *limit).at


@given(fixed, recent, lengths, lengths)
def test_working_days_add_up_from_one_due_day_to_the_next(spec: CalendarSpec, start: int, a: int, b: int) -> None:
    calendar = endless(spec)
    limit = Unit.WORKDAY, Mode.NEXT_DAY_CLOSE
    halfway = calendar.deadline(start, a, *limit).at
    whole = calendar.deadline(start, a + b, *limit).at
    assert calendar.after(halfway, b, *limit) == whole
    assert calendar.workdays_before(whole, b) == halfway


@given(fixed, limits, recent, lengths)
def test_elapsed_time_gives_back_the_length_of_a_limit(
    spec: CalendarSpec, limit: tuple[Unit, Mode], start: int, length: int
) -> None:
    calendar = endless(spec)
    unit, mode = limit
    due = calendar.deadline(start, length, unit, mode, False).at
    assert calendar.elapsed(start, due, mode, unit) == length
    assert calendar.elapsed(due, start, mode, unit) == -length


@given(fixed, recent, st.integers(1, 5000))
def test_open_minutes_backward_lead_to_the_start(spec: CalendarSpec, start: int, minutes: int) -> None:
    calendar = endless(spec)
    start = calendar.next_open(start)
    due = calendar.deadline(start, minutes, Unit.MINUTE, Mode.BUSINESS).at
    assert calendar.before(due, minutes, Unit.MINUTE, Mode.BUSINESS) == start


@settings(max_examples=30)
@given(specs(), limits, st.integers(FIRST, LAST - 86400 * 500), st.integers(1, 12), st.integers(-3, 60), st.booleans())
def test_a_further_holiday_never_brings_a_due_time_forward(
    spec: CalendarSpec, limit: tuple[Unit, Mode], start: int, length: int, offset: int, roll: bool
) -> None:
    holiday = datetime.fromtimestamp(start, UTC).date() + timedelta(days=offset)
    exceptions = {**dict(spec.exceptions), holiday: ()}
    length = 1 if limit[0] is Unit.YEAR else length
    try:
        before = bake.__wrapped__(spec, edition=EDITION, beyond="statutory")
        after = bake.__wrapped__(
            replace(spec, exceptions=tuple(exceptions.items())), edition=EDITION, beyond="statutory"
        )
    except NeverOpenError:
        assume(False)
    assert after.deadline(start, length, *limit, roll).at >= before.deadline(start, length, *limit, roll).at


@given(
    fixed,
    limits,
    recent,
    lengths,
    st.lists(st.tuples(st.integers(0, 40 * 86400), st.integers(1, 10 * 86400)), max_size=3),
)
def test_a_pause_never_brings_a_due_time_forward(
    spec: CalendarSpec, limit: tuple[Unit, Mode], start: int, length: int, raw: list[tuple[int, int]]
) -> None:
    calendar = endless(spec)
    pauses, floor = [], start
    for begin, long in raw:  # one after the other, as a case has them
        pauses.append((floor + begin, floor + begin + long))
        floor = pauses[-1][1]
    due = calendar.deadline(start, length, *limit).at
    for count in range(len(pauses) + 1):
        moved = calendar.due_after_pauses(start, length, *limit, True, pauses[:count]).at
        assert moved >= due
        due = moved


@pytest.fixture
def restored_zone() -> Iterator[None]:
    before = os.environ.get("TZ")
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


@pytest.mark.usefixtures("restored_zone")
def test_the_zone_of_the_asker_never_matters() -> None:
    dice = random.Random(5)
    starts = [dice.randrange(1_300_000_000, 1_700_000_000) for _ in range(300)]
    answers = []
    for asker in ("UTC", "Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati"):
        os.environ["TZ"] = asker
        time.tzset()
        calendar = bake.__wrapped__(OFFICE, edition=EDITION.with_year(2026))
        instants = [int(datetime.fromtimestamp(start, ZoneInfo(asker)).timestamp()) for start in starts]
        answers.append([calendar.deadline(at, 3, *limit).at for at in instants for limit in LIMITS])
    assert all(answer == answers[0] for answer in answers)
