"""Limits that end beyond the years that a calendar can know, or knows: limit-beyond-calendar, ...-known-years."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ombud.checks.findings import Finding, finding
from ombud.checks.messages import phrase
from ombud.checks.rules.deadlines import end_moment, moment
from ombud.checks.timing.lengths import lengths
from ombud.checks.timing.year import year_of
from ombud.checks.wording import act_title, title_of
from ombud.engine import compile_program
from ombud.engine.limits import LimitPlan, RungPlan, cap_of
from ombud.engine.program import Program
from ombud.policy.limitwords import limit_text
from ombud.policy.model.pack import Pack
from ombud.texts import Text
from ombud.worktime import WorktimeError
from ombud.worktime.zones import LAST_YEAR

END = int(datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp())


def check_horizon(pack: Pack) -> Iterator[Finding]:
    """Yield the limits that cannot be counted, as the policy's first and last moment of its first year show."""
    year = year_of(pack)
    starts = (year.starts[0], year.starts[-1])
    late = _late_limits(compile_program(pack))
    for limit in late:
        if not _ends(limit, starts):
            yield _finding(pack, phrase("late-entries"), pack.late_entries.cite, limit, starts[0])
    for procedure in pack.procedures.values():
        program = compile_program(pack, procedure=procedure.id)
        for plan in program.duties.values():
            title = title_of(plan.title, plan.id)
            counted = (*lengths(plan.limit), *lengths(plan.react))
            beyond = next((limit for limit in counted if not _ends(limit, starts)), None)
            if beyond is not None:
                yield _finding(pack, title, plan.clauses, beyond, starts[0])
                continue
            for rung in plan.rungs:
                offset = rung.every or rung.offset
                if offset is not None and not all(_passes(rung, limit, starts) for limit in lengths(plan.limit)):
                    yield _finding(pack, title, plan.clauses, offset, starts[0])
        yield from _caps(pack, program, starts)


def _late_limits(program: Program) -> list[LimitPlan]:
    """Return how long what is written down late may be, as the policy says it."""
    return [program.late_report, *([program.late_decide] if program.late_decide else [])]


def _caps(pack: Pack, program: Program, starts: tuple[int, ...]) -> Iterator[Finding]:
    """Yield the acts that may extend a duty further than anything can be counted."""
    for act in program.procedure.acts.values():
        for power in act.affects:
            if power.at_most is None or power.duty not in program.duties:
                continue
            limits = [limit for limit in lengths(program.duties[power.duty].limit) if _ends(limit, starts)]
            caps = [(cap_of(power.at_most, limit, pack, program.calendars), limit) for limit in limits]
            beyond = next((cap.offset for cap, limit in caps if not _passes(cap, limit, starts)), None)
            if beyond is not None:
                yield _finding(pack, act_title(pack, program.procedure, act.id), act.cite, beyond, starts[0])


def beyond_known_years(pack: Pack) -> Iterator[Finding]:
    """Yield the limits that lean on holidays of years that nobody knows, even if they begin with the policy itself."""
    start = year_of(pack).starts[0]
    for procedure in pack.procedures.values():
        for plan in compile_program(pack, procedure=procedure.id).duties.values():
            for limit in lengths(plan.limit):
                last = limit.calendar.edition.last_year
                zone = ZoneInfo(limit.calendar.spec.tz)
                end = limit.due(start, {})
                year = datetime.fromtimestamp(end.at - 1, zone).year
                if limit.calendar.spec.days and end.provisional and year > last >= int(pack.effective[:4]):
                    values = {
                        "duty": title_of(plan.title, plan.id),
                        "limit": limit_text(limit.limit, pack),
                        "calendar": next(
                            pack.calendar_titles[id]
                            for id, spec in pack.calendars.items()
                            if spec == limit.calendar.spec
                        ),
                        "year": year,
                        "last": last,
                        "start": moment(start, zone),
                        "end": end_moment(end.at, zone),
                    }
                    yield finding("limit-beyond-known-years", place=limit.limit.at, clauses=plan.clauses, values=values)
                    break


def _ends(limit: LimitPlan, starts: tuple[int, ...]) -> bool:
    """Return whether a limit ends at all, within the years that zones and calendars know."""
    try:
        return all(limit.due(start, {}).at < END for start in starts)
    except (WorktimeError, OverflowError):  # counted day by day it falls off the calendar itself
        return False


def _passes(rung: RungPlan, limit: LimitPlan, starts: tuple[int, ...]) -> bool:
    """Return whether a rung passes at all; one before due may well lie before everything that is known."""
    try:
        if rung.every is not None:
            return all(rung.repeat(start, 1, limit) < END for start in starts)
        return all(rung.instant(limit.due(start, {}).at, limit) < END for start in starts)
    except (WorktimeError, OverflowError):
        return False


def _finding(pack: Pack, title: Text, clauses: tuple[str, ...], limit: LimitPlan, start: int) -> Finding:
    values = {
        "duty": title,
        "limit": limit_text(limit.limit, pack),
        "start": moment(start, ZoneInfo(limit.calendar.spec.tz)),
        "last": LAST_YEAR,
    }
    return finding("limit-beyond-calendar", place=limit.limit.at, clauses=clauses, values=values)
