"""Check of acts that wait for each other: deadlock. No case can ever do the first of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_

from ombud.checks.findings import Finding, finding
from ombud.checks.may_analysis import MayAnalysis, Values, may_analysis
from ombud.checks.messages import joined, phrase
from ombud.checks.model.abstract_state import Space
from ombud.checks.model.duty_flow import components
from ombud.checks.wording import act_title
from ombud.policy.model.acts import Act
from ombud.policy.procedure import targets


def deadlocks(space: Space) -> tuple[tuple[str, ...], ...]:
    """Return circles of acts of which each waits for the next, and the last for the first."""
    known = space.worked_out
    if "deadlocks" not in known:
        may = may_analysis(space)
        known["deadlocks"] = tuple(_circles(may)) if may.never else ()
    found: tuple[tuple[str, ...], ...] = known["deadlocks"]
    return found


def check_deadlocks(space: Space) -> Iterator[Finding]:
    """Yield one finding for each circle of acts that wait for each other."""
    pack, procedure = space.pack, space.procedure
    for circle in deadlocks(space):
        titles = {each: act_title(pack, procedure, each) for each in circle}
        pairs = zip(circle, (*circle[1:], circle[0]), strict=True)
        yield finding(
            "deadlock",
            place=procedure.acts[circle[0]].at,
            clauses=[clause for each in circle for clause in procedure.acts[each].cite],
            witness=joined(
                [phrase("waits-for", act=titles[one], other=titles[other]) for one, other in pairs], "comma"
            ),
            values={"acts": list(titles.values())},
        )


def _circles(may: MayAnalysis) -> Iterator[tuple[str, ...]]:
    """Yield a shortest circle of every group of acts that wait for each other."""
    never = may.never
    wide = MayAnalysis(may.space, unguarded=never)
    waits = {act.id: sorted(_awaited(may, wide, act) & never) for act in may.procedure.acts.values() if act.id in never}
    order = list(waits)
    for group in sorted(components(waits), key=lambda each: min(map(order.index, each))):
        if len(group) > 1:
            yield min((_circle(waits, act) for act in sorted(group, key=order.index)), key=len)


def _circle(waits: Mapping[str, list[str]], start: str) -> tuple[str, ...]:
    """Return a shortest circle through an act that is known to lie on one."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:
        for after in waits[way[-1]]:
            if after == start:
                return way
            if after not in seen:
                seen.add(after)
                ways.append((*way, after))
    raise AssertionError(f"{start} was found to wait for itself in the end")


def _awaited(may: MayAnalysis, wide: MayAnalysis, act: Act) -> set[str]:
    """Return the acts without which this one cannot happen, as far as its condition or its phases would let it then."""
    reached = [phase for phase in act.from_phases if phase in may.at]
    if not reached:
        return {name for phase in act.from_phases for _, name in wide.entering.get(phase, ())} or _leading(may, act)
    ever = tuple(
        reduce(or_, column) for column in zip(*wide.at.values(), strict=True)
    )  # what may be true in some phase, if not in this one
    for phase in reached:
        for then in (wide.before(act, phase), ever):
            if found := _missing(may, wide, act, phase, then):
                return found
    return set()


def _leading(may: MayAnalysis, act: Act) -> set[str]:
    """Return the acts that are written to lead to where this one stands, though nothing leads to them either."""
    wanted, procedure = set(act.from_phases), may.procedure
    return {
        each.id
        for each in procedure.acts.values()
        if any((targets(procedure, each, phase) - {phase}) & wanted for phase in each.from_phases)
    }


def _missing(may: MayAnalysis, wide: MayAnalysis, act: Act, phase: str, values: Values) -> set[str]:
    """Return who would bring what the act lacks in a phase, the fewest of these values taken as missing."""
    now, then = may.before(act, phase), list(values)
    if not wide.is_triggered(act, phase, then) or wide.narrowed(act.when, then) is None:
        return set()
    lacking = [slot for slot in range(len(then)) if then[slot] & ~now[slot]]
    for slot in list(lacking):
        tried = [*then]
        tried[slot] = now[slot]
        if wide.is_triggered(act, phase, tried) and wide.narrowed(act.when, tried) is not None:
            then = tried
            lacking.remove(slot)
    return {
        name
        for slot in lacking
        for (part, value), names in wide.producers.items()
        if part == slot and (then[slot] & ~now[slot]) >> value & 1
        for name in names
    }
