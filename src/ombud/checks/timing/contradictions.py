"""Two limits for one act: contradictory-limits.

Two duties that the same event opens and the same act discharges bind that act twice. Where they do not end together,
the longer one says nothing, or now the one and now the other counts, and whoever reads the clauses cannot know which.
No contradiction are limits that never hold for the same case, that count from different events, that nobody owes, of
which one is the time of somebody outside and one is ours, or of which the shorter one stops where the longer one runs
on (so long net, so long in all).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from math import prod
from zoneinfo import ZoneInfo

from ombud.checks.findings import Finding, finding
from ombud.checks.rules.deadlines import Kinds, end_moment, facts_of, kind_of_case, moment, places
from ombud.checks.timing.fact_classes import Facts
from ombud.checks.timing.lengths import picked
from ombud.checks.timing.must_precede import MOST, MustPrecede
from ombud.checks.wording import act_title, title_of
from ombud.engine.limits import LimitPlan
from ombud.policy.event_names import EventName
from ombud.policy.limitwords import limit_text
from ombud.policy.model.duties import Duty
from ombud.policy.model.guards import Guard
from ombud.policy.procedure import is_external
from ombud.policy.vocabulary import NOBODY, TRIGGER


@dataclass(frozen=True, kw_only=True, slots=True)
class _Contradiction:
    """Two limits of the same act, and a start from which they end at different times: `short` is the earlier there."""

    short: Duty
    long: Duty
    trigger: str
    limits: tuple[LimitPlan, LimitPlan]
    at: int  # which of the half hours
    facts: Facts


def contradictory_limits(kinds: Kinds) -> Iterator[Finding]:
    """Yield the pairs of duties that bind one act from one event to different limits."""
    pack, procedure = kinds.space.pack, kinds.space.procedure
    for one, other in combinations(procedure.duties.values(), 2):
        if is_external(pack, procedure, one.bearer) != is_external(pack, procedure, other.bearer):
            continue
        if (trigger := _shared_trigger(one, other)) is not None and _may_bind(one, other):
            found = next(_apart(kinds, one, other, trigger), None)
            if found is not None:
                yield _finding(kinds, found)


def _shared_trigger(one: Duty, other: Duty) -> str | None:
    """Return the event from which both count; None where there is none."""
    if one.anchor_is_field or other.anchor_is_field or one.is_recurring != other.is_recurring:
        return None
    if {one.anchor, other.anchor} - {None, TRIGGER} and one.anchor != other.anchor:
        return None
    return next((min(a, b, key=len) for a in one.after for b in other.after if _covers(a, b) or _covers(b, a)), None)


def _covers(event: str, outcome: str) -> bool:
    """Return whether an event happens whenever another does: an act happens with each of its outcomes."""
    return event in (outcome, EventName.of(outcome).head)


def _may_bind(one: Duty, other: Duty) -> bool:
    is_owed = NOBODY not in (one.bearer.kind, other.bearer.kind)  # a time that merely passes binds nobody
    return is_owed and (_discharges(one, other) or _discharges(other, one))


def _discharges(one: Duty, other: Duty) -> bool:
    """Return whether whatever discharges one duty discharges the other with it."""
    return all(any(_covers(wanted, event) for wanted in other.do) for event in one.do)


def _apart(kinds: Kinds, one: Duty, other: Duty, trigger: str) -> Iterator[_Contradiction]:
    """Yield, for every kind of case in which both may be owed, where their ends lie apart."""
    year = kinds.year
    for road in kinds.of(frozenset(facts_of(one) | facts_of(other))):
        if not may_both_hold(road, one.where, other.where):
            continue
        for place in places(kinds.space.pack, kinds.places):
            facts = {**road.facts, **place}
            mine, yours = picked(kinds.program, one.id, facts), picked(kinds.program, other.id, facts)
            if mine is None or yours is None:
                continue
            found = [
                (a < b, at) for at, (a, b) in enumerate(zip(year.dues(mine), year.dues(yours), strict=True)) if a != b
            ]
            if found and _is_contradiction(one, other, {is_first for is_first, _ in found}):
                is_first, at = found[0]
                pairs = [(one, mine), (other, yours)] if is_first else [(other, yours), (one, mine)]
                yield _Contradiction(
                    short=pairs[0][0],
                    long=pairs[1][0],
                    trigger=trigger,
                    limits=(pairs[0][1], pairs[1][1]),
                    at=at,
                    facts=facts,
                )


def _is_contradiction(one: Duty, other: Duty, earlier: set[bool]) -> bool:
    """Return whether the difference says nothing sensible; `earlier`: whether `one` ends first, from some starts."""
    if len(earlier) == 2:  # now the one ends first, now the other: one clause may well ask for the earlier of two
        return set(one.cite) != set(other.cite) and set(one.pause) == set(other.pause)
    short, long = (one, other) if True in earlier else (other, one)
    # A pause of the shorter one alone makes it the longer one: so much working on it, so much in all.
    return _discharges(short, long) and set(short.pause) <= set(long.pause)


def may_both_hold(road: MustPrecede, one: Guard | None, other: Guard | None) -> bool:
    """Return whether two conditions may be true of the same case."""
    if not (road.may_hold(one, {}) and road.may_hold(other, {})):
        return False
    if one is None or other is None:
        return True
    space, names = road.space, one.names | other.names
    facts = {name: value for name, value in road.facts.items() if name in names}
    inside = {name for each in set(facts) & set(space.pack.tables) for name in space.pack.tables[each].inputs}
    parts = sorted({*space.reads(one), *space.reads(other)})
    free = [part for part in parts if part[0] != "var" or part[1] not in {*facts, *(inside - names)}]
    choices = [space.choices(part) for part in free]
    if prod(map(len, choices)) > MOST:
        return True
    asked = (space.as_read(dict(zip(free, values, strict=True)), facts) for values in product(*choices))
    return any(one.holds(each) and other.holds(each) for each in asked)


def _finding(kinds: Kinds, found: _Contradiction) -> Finding:
    pack, procedure = kinds.space.pack, kinds.space.procedure
    short, long, zone = found.short, found.long, ZoneInfo(found.limits[0].calendar.spec.tz)
    first, last = (kinds.year.dues(limit)[found.at] for limit in found.limits)
    values = {
        "short": title_of(short.title, short.id),
        "long": title_of(long.title, long.id),
        "within": limit_text(short.limit, pack),
        "longer": limit_text(long.limit, pack),
        "acts": [act_title(pack, procedure, event) for event in short.do],
        "trigger": act_title(pack, procedure, found.trigger),
        "start": moment(kinds.year.starts[found.at], zone),
        "first": end_moment(first, zone),
        "last": end_moment(last, zone),
        "case": kind_of_case(pack, found.facts, facts_of(short) | facts_of(long)),
    }
    return finding("contradictory-limits", place=long.at, clauses=[*short.cite, *long.cite], values=values)
