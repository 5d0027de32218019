"""Rungs that reach people in the night, where nothing says that they may or may not: told-at-night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from ombud.checks.findings import Finding, finding
from ombud.checks.messages import phrase
from ombud.checks.rules.deadlines import Kinds, kind_of_case, moment, places
from ombud.checks.timing.fact_classes import Facts
from ombud.checks.timing.lengths import ladder, lengths, reached
from ombud.checks.wording import role_title, title_of
from ombud.engine.limits import LimitPlan, RungPlan
from ombud.engine.program import DutyPlan
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import DEPARTMENT, HANDLER, OFFICE
from ombud.texts import Text

NIGHT = frozenset({22, 23, *range(6)})


def told_at_night(kinds: Kinds) -> Iterator[Finding]:
    """Yield the roles that a rung mostly reaches in the night of where they are, though the matter begins by day."""
    pack = kinds.space.pack
    asked = {id for id, role in pack.roles.items() if role.quiet is None and not role.is_external}
    for plan in kinds.program.duties.values():
        bearer = plan.bearer.name if plan.bearer.kind == "role" else None
        for rung, written in zip(plan.rungs, ladder(kinds.space.procedure, plan.id), strict=False):
            if rung.act is not None or rung.every is not None:
                continue
            for role in sorted(reached(pack, bearer, written) & asked):
                if (found := _night_of(kinds, plan, rung, role)) is not None:
                    asked.discard(role)
                    yield _finding(pack, plan, role, *found)


def _night_of(kinds: Kinds, plan: DutyPlan, rung: RungPlan, role: str) -> tuple[Text, Text, Facts] | None:
    """Return begin, telling and the case's place where a rung mostly comes in the role's night; None where it does not.

    A limit of so many hours ends at any hour, now and then in the night: only what is so by rule can be a slip.
    """
    pack = kinds.space.pack
    for place in places(pack, kinds.places):
        for limit in lengths(plan.limit, [place]):
            begun, zone = ZoneInfo(limit.calendar.spec.tz), zone_of(pack, role, limit)
            by_day = kinds.year.open_hours(limit.calendar)
            ends = [(start, rung.instant(limit.due(start, {}).at, limit)) for start in by_day]
            night = [(a, b) for a, b in ends if b >= a and datetime.fromtimestamp(b, zone).hour in NIGHT]
            if 2 * len(night) > len(ends):
                told = moment(night[0][1], zone)
                if zone != begun:
                    told = phrase("on-the-clock-of", at=told, zone=str(zone))
                return moment(night[0][0], begun), told, place
    return None


def zone_of(pack: Pack, role: str, limit: LimitPlan) -> ZoneInfo:
    """Return the zone in which a role is held: its department's, the organisation's, or that of the case's place."""
    held = pack.roles[role]
    department = pack.departments.get(held.department or "")
    if department is not None and department.calendar:
        return ZoneInfo(pack.calendars[department.calendar].tz)
    if held.of in (OFFICE, DEPARTMENT, HANDLER) and held.department is None:
        return ZoneInfo(limit.calendar.spec.tz)
    return ZoneInfo(pack.calendars[pack.counting_calendar].tz)


def _finding(pack: Pack, plan: DutyPlan, role: str, start: Text, told: Text, place: Facts) -> Finding:
    held = pack.roles[role]
    values = {
        "role": role_title(pack, role),
        "duty": title_of(plan.title, plan.id),
        "start": start,
        "at": told,
        "case": kind_of_case(pack, place, ()),
    }
    return finding("told-at-night", place=held.at, clauses=[*held.cite, *plan.clauses], values=values)
