"""Checks of working time: offices without any, years that nobody has announced, days of which nothing is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from ombud.checks.findings import Finding, finding
from ombud.checks.wording import title_of
from ombud.engine.compiling import shipped_edition
from ombud.policy.model import Pack
from ombud.worktime import CalendarSpec, bake
from ombud.worktime.plan import DayPlan, dates


def check_calendars(pack: Pack) -> Iterator[Finding]:
    """Yield what is odd about the pack's calendars in the year in which it comes into force."""
    for office in pack.offices.values():
        if office.calendar is None:
            values = {"office": title_of(office.title, office.id)}
            yield finding("calendar", place=office.at, clauses=office.cite, values=values)
    for id in pack.calendars:
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
    return bake(spec, edition=shipped_edition(), beyond="statutory").plan


def _year(pack: Pack) -> Iterator[date]:
    day = date(int(pack.effective[:4]), 1, 1)
    year = day.year
    while day.year == year:
        yield day
        day += timedelta(days=1)
