"""Checks of working time: offices without any, years that nobody has announced, days of which nothing is left."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from ombud.checks.findings import Finding, finding
from ombud.checks.wording import title_of
from ombud.engine.compiling import shipped_edition
from ombud.policy.model.pack import Pack
from ombud.worktime import CalendarSpec, Windows, plan_of
from ombud.worktime.plan import DayPlan, dates
from ombud.worktime.spec import DAY_MINUTES

# Zones of the database that are a distance from UTC, beside those in Etc/.
FIXED_ZONES = frozenset({
    "EST", "HST", "MST", "GMT", "GMT+0", "GMT-0", "GMT0", "Greenwich", "UCT", "UTC", "Universal", "Zulu", "Factory",
})  # fmt: skip


def check_calendars(pack: Pack) -> Iterator[Finding]:
    """Yield what is odd about the pack's calendars in the year in which it comes into force."""
    for office in pack.offices.values():
        if office.calendar is None:
            values = {"office": title_of(office.title, office.id)}
            yield finding("calendar", place=office.at, clauses=office.cite, values=values)
    for id in pack.calendars:
        yield from _lost_minutes(pack, id)
        yield from _lost_between(pack, id)
        yield from _fixed_zone(pack, id)
        yield from _beyond_the_horizon(pack, id)
        yield from _swallowed(pack, id)
        yield from _idle_exceptions(pack, id)


def _report(pack: Pack, id: str, variant: str, **values: object) -> Finding:
    return finding(
        "calendar",
        variant=variant,
        place=pack.calendar_places.get(id),
        clauses=pack.calendar_cites.get(id, ()),
        values={"calendar": pack.calendar_titles[id], **values},
    )


def _written(spec: CalendarSpec) -> Iterator[Windows]:
    """Yield the windows of every day that a calendar says."""
    yield from spec.week
    yield spec.make_up or ()
    yield from dict(spec.exceptions).values()
    for season in spec.seasons:
        yield from season.week


def _lost_minutes(pack: Pack, id: str) -> Iterator[Finding]:
    """Windows that end at 23:59 where midnight is meant."""
    spec = pack.calendars[id]
    ends = {window: None for windows in _written(spec) for window in windows if window[1] == DAY_MINUTES - 1}
    if not ends:
        return
    plan = _plan(spec)
    day = next((each for each in _year(pack) if any(window in ends for window in plan.windows(each))), None)
    windows = [f"{start // 60:02}:{start % 60:02}-23:59" for start, _ in ends]
    others = [str(on) for on, each in spec.exceptions if set(each) & set(ends)]  # of another year
    others += [
        "-".join(f"{number:02}" for number in season.first)
        for season in spec.seasons
        if any(set(each) & set(ends) for each in season.week)
    ]
    shown = day.isoformat() if day else others[0]
    yield _report(pack, id, "minute", windows=windows, day=shown)


def _lost_between(pack: Pack, id: str) -> Iterator[Finding]:
    """Windows of one day of which the next begins a minute after the one before ends."""
    spec = pack.calendars[id]
    days = [sorted(windows) for windows in _written(spec)]
    lost = {end: None for windows in days for (_, end), (start, _) in pairwise(windows) if start == end + 1}
    if lost:
        yield _report(pack, id, "between", gaps=[f"{end // 60:02}:{end % 60:02}" for end in sorted(lost)])


def _fixed_zone(pack: Pack, id: str) -> Iterator[Finding]:
    """A zone that is a distance from UTC and not a place: it knows no summer time, nor what a country decides later."""
    name = pack.calendars[id].tz
    if name not in FIXED_ZONES and not name.startswith("Etc/"):
        return
    offset = datetime(int(pack.effective[:4]), 1, 2, tzinfo=ZoneInfo(name)).strftime("%z")
    yield _report(pack, id, "fixed-zone", zone=name, offset=f"{offset[:3]}:{offset[3:5]}")


def _beyond_the_horizon(pack: Pack, id: str) -> Iterator[Finding]:
    """A year whose make-up working days are not announced makes every due time in it provisional."""
    edition, year, spec = shipped_edition(), int(pack.effective[:4]), pack.calendars[id]
    if (key := spec.days_key) is None:
        return
    announced = edition.days(key).announced
    if not edition.first_year <= year <= edition.last_year:
        yield _report(pack, id, "horizon", year=year, first=edition.first_year, last=edition.last_year)
    elif announced is not None and year not in announced:
        yield _report(pack, id, "unannounced", year=year, country=spec.days, last=max(announced, default=year))


def _swallowed(pack: Pack, id: str) -> Iterator[Finding]:
    """Days that have working hours until breaks and prayers are taken out, and then none."""
    spec = pack.calendars[id]
    if not spec.less and spec.prayers is None:
        return
    whole, plan = _plan(replace(spec, less=(), prayers=None)), _plan(spec)
    found = [day for day in _year(pack) if whole.windows(day) and not plan.open_windows(day, plan.windows(day))]
    if found:
        yield _report(pack, id, "swallowed", count=len(found), first=found[0].isoformat(), year=found[0].year)


def _idle_exceptions(pack: Pack, id: str) -> Iterator[Finding]:
    """Exceptions that say what the day would be without them: perhaps another date was meant."""
    spec = pack.calendars[id]
    usual, bare = _plan(replace(spec, exceptions=())), _plan(replace(spec, exceptions=(), closed=()))
    found = [day.isoformat() for day, windows in spec.exceptions if usual.windows(day) == windows]
    found += [f"{first}..{last}" for first, last in spec.closed if not any(map(bare.windows, dates(first, last)))]
    if found:
        yield _report(pack, id, "exception", days=found)


def _plan(spec: CalendarSpec) -> DayPlan:
    return plan_of(spec, shipped_edition())


def _year(pack: Pack) -> Iterator[date]:
    first = date(int(pack.effective[:4]), 1, 1)
    yield from (first + timedelta(days=number) for number in range(365 + isleap(first.year)))
