"""Due times per second on the PRC calendar, beside numpy, timegrid and businesstimedelta in the same run."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import Any

import businesstimedelta
import numpy as np
from timegrid import TimeGridCalendar, hours

from ombud.worktime import CalendarSpec, Edition, Mode, Unit, bake

OFFICE = ((9 * 60, 18 * 60),)
SPEC = CalendarSpec(tz="Asia/Shanghai", week=(OFFICE,) * 5 + ((), ()), days="CN")
SHANGHAI = 8 * 3600  # no summer time there since 1991
FIRST, LAST = datetime(2011, 1, 1), datetime(2024, 1, 1)  # noqa: DTZ001 the peers take naive local times


def figures(count: int = 200_000, seed: int = 2) -> dict[str, float]:
    """Return calls per second by name; every peer answers the same random starts, the slow ones fewer of them."""
    edition = Edition.shipped()
    calendar = bake(SPEC, edition=edition)
    dice = random.Random(seed)
    span = int((LAST - FIRST).total_seconds())
    local = [FIRST + timedelta(seconds=dice.randrange(span)) for _ in range(count)]
    instants = [int((at - datetime(1970, 1, 1)).total_seconds()) - SHANGHAI for at in local]  # noqa: DTZ001
    days = edition.days("CN")
    off = [day for day in days.off if day.weekday() < 5 and day not in days.work]
    deadline = calendar.deadline

    grid = _timegrid(off, sorted(days.work))
    ten_hours, three_days = hours(10), hours(27)
    slow = businesstimedelta.Rules(
        [
            businesstimedelta.WorkDayRule(start_time=time(9), end_time=time(18), working_days=[0, 1, 2, 3, 4]),
            businesstimedelta.HolidayRule(off),
        ]
    )
    slow_hours = businesstimedelta.BusinessTimeDelta(slow, hours=10)
    slow_days = businesstimedelta.BusinessTimeDelta(slow, hours=27)
    business_days = np.busdaycalendar(holidays=np.array(off, dtype="datetime64[D]"))
    dates = [np.datetime64(at, "D") for at in local]
    array = np.array(dates)

    _check(calendar.deadline, grid, local[:500], instants[:500])
    begin = perf_counter()
    np.busday_offset(array, 3, roll="backward", busdaycal=business_days)
    vector = count / (perf_counter() - begin)
    return {
        "ombud, 3 workdays": _rate(lambda at: deadline(at, 3, Unit.WORKDAY, Mode.NEXT_DAY_CLOSE), instants),
        "ombud, 10 working hours": _rate(lambda at: deadline(at, 10, Unit.HOUR, Mode.BUSINESS), instants),
        "ombud, 500 workdays": _rate(lambda at: deadline(at, 500, Unit.WORKDAY, Mode.NEXT_DAY_CLOSE), instants),
        "ombud, 5,000 working hours": _rate(lambda at: deadline(at, 5000, Unit.HOUR, Mode.BUSINESS), instants),
        "numpy.busday_offset, 3 workdays, one array (dates only, no make-up days)": vector,
        "numpy.busday_offset, 3 workdays, one by one": _rate(
            lambda day: np.busday_offset(day, 3, roll="backward", busdaycal=business_days), dates[: count // 10]
        ),
        "timegrid, 10 working hours": _rate(lambda at: grid.add_work_duration(at, ten_hours), local[: count // 10]),
        "timegrid, 27 working hours (3 days)": _rate(
            lambda at: grid.add_work_duration(at, three_days), local[: count // 10]
        ),
        "businesstimedelta, 10 working hours": _rate(lambda at: at + slow_hours, local[:300]),
        "businesstimedelta, 27 working hours (3 days)": _rate(lambda at: at + slow_days, local[:300]),
    }


def _timegrid(off: list[date], make_up: list[date]) -> TimeGridCalendar:
    grid = TimeGridCalendar.weekdays(time(9), time(18))
    for day in off:
        grid = grid.close(day)
    for day in make_up:
        grid = grid.set_open_window(f"make-up {day}", datetime.combine(day, time(9)), datetime.combine(day, time(18)))
    return grid


def _check(
    deadline: Callable[..., tuple[int, bool]], grid: TimeGridCalendar, local: list[datetime], instants: list[int]
) -> None:
    """Two programs that do not answer alike are not compared."""
    for at, instant in zip(local, instants, strict=True):
        ours = deadline(instant, 10, Unit.HOUR, Mode.BUSINESS)[0] + SHANGHAI
        theirs = grid.add_work_duration(at, hours(10))
        assert datetime(1970, 1, 1) + timedelta(seconds=ours) == theirs, (at, ours, theirs)  # noqa: DTZ001


def _rate(call: Callable[[Any], object], inputs: Sequence[Any]) -> float:
    best = 0.0
    for _ in range(3):
        begin = perf_counter()
        for item in inputs:
            call(item)
        best = max(best, len(inputs) / (perf_counter() - begin))
    return best


def main() -> None:
    found = figures()
    print("worktime: due times per second, PRC calendar 09:00-18:00, random starts 2011-2023")
    for name, rate in found.items():
        print(f"  {rate:>12,.0f}/s  {name}")
    hour = found["ombud, 10 working hours"]
    day = found["ombud, 3 workdays"]
    print(
        f"  hours: {hour / found['businesstimedelta, 10 working hours']:,.0f} x businesstimedelta (aim 200), ", end=""
    )
    print(f"{hour / found['timegrid, 10 working hours']:,.1f} x timegrid (aim 2)")
    print(
        f"  days:  {day / found['businesstimedelta, 27 working hours (3 days)']:,.0f} x businesstimedelta (aim 200), ",
        end="",
    )
    print(f"{day / found['timegrid, 27 working hours (3 days)']:,.1f} x timegrid (aim 2)")


if __name__ == "__main__":
    main()
