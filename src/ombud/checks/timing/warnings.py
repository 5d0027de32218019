"""Warnings that lie before the duty itself begins, from whichever moment it begins: warning-never-comes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from zoneinfo import ZoneInfo

from ombud.checks.findings import Finding, finding
from ombud.checks.rules.deadlines import Kinds, end_moment, moment, places
from ombud.checks.timing.lengths import is_date, ladder, lengths
from ombud.checks.wording import title_of
from ombud.engine.limits import LimitPlan, RungPlan
from ombud.engine.program import DutyPlan
from ombud.policy.limitwords import limit_text


def warnings_that_never_come(kinds: Kinds) -> Iterator[Finding]:
    """Yield the rungs before due that no case ever sees: the limit is shorter, whichever of its lengths holds.

    Left alone is a limit that may be a date, a duty that counts from one, and one that an act may extend: there the
    warning may come after all. Counted from an event before the one that opens the duty, it would lie earlier still.
    """
    procedure = kinds.space.procedure
    extended = {power.duty for act in procedure.acts.values() for power in act.affects if power.kind == "extend"}
    for plan in kinds.program.duties.values():
        if plan.limit is None or is_date(plan.limit.limit) or plan.anchor_is_field or plan.id in extended:
            continue
        found = list(dict.fromkeys(lengths(plan.limit, places(kinds.space.pack, kinds.places))))
        for rung in plan.rungs:
            if rung.is_before and all(_is_never(kinds, limit, rung) for limit in found):
                yield _finding(kinds, plan, rung, found[0])


def _is_never(kinds: Kinds, limit: LimitPlan, rung: RungPlan) -> bool:
    instant = cache(lambda due: rung.instant(due, limit))
    return all(instant(due) < start for due, start in zip(kinds.year.dues(limit), kinds.year.starts, strict=True))


def _finding(kinds: Kinds, plan: DutyPlan, rung: RungPlan, limit: LimitPlan) -> Finding:
    pack = kinds.space.pack
    assert rung.offset is not None, "a warning before due has its distance from it"
    zone, start = ZoneInfo(limit.calendar.spec.tz), kinds.year.starts[0]
    start = limit.calendar.next_open(start)
    due = limit.due(start, {}).at
    values = {
        "duty": title_of(plan.title, plan.id),
        "before": limit_text(rung.offset.limit, pack),
        "within": limit_text(plan.limit.limit if plan.limit else limit.limit, pack),
        "start": moment(start, zone),
        "due": end_moment(due, zone),
        "warning": moment(rung.instant(due, limit), zone),
    }
    place = ladder(kinds.space.procedure, plan.id)[rung.index].at
    return finding("warning-never-comes", place=place, clauses=plan.clauses, values=values)
