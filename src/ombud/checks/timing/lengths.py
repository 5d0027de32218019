"""The lengths that a limit may come to, and the roles that a rung reaches: what the checks of time walk over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from ombud.checks.timing.fact_classes import Facts
from ombud.checks.timing.stages import Imagined
from ombud.engine.limits import LimitPlan
from ombud.engine.program import Program
from ombud.policy.event_names import EventName
from ombud.policy.model.limits import Limit, Rung
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.vocabulary import BEARER, BOSS


def lengths(limit: LimitPlan | None, places: Iterable[Facts] = ({},)) -> Iterator[LimitPlan]:
    """Yield every length that a limit may have, on the calendar of each place; a date that others set may be any."""
    if limit is None:
        return
    if limit.order is not None:
        # A date among them may be any: what is left of them is compared, as where it is absent.
        known = [found for part in limit.cases.values() if (found := list(lengths(part, places)))]
        yield from (each for parts in product(*known) if (each := limit.comparing(parts)) is not None)
        return
    if limit.by is None and limit.field is None:
        for place in places:
            picked = limit.pick(Imagined(place))
            if picked is not None:
                yield picked
    for inner in (*limit.cases.values(), *([limit.otherwise] if limit.otherwise else ())):
        yield from lengths(inner, places)


def picked(program: Program, duty: str, facts: dict[str, object]) -> LimitPlan | None:
    """Return the length that the facts choose; None where a date counts instead."""
    limit = program.duties[duty].limit
    found = limit.pick(Imagined(facts)) if limit else None
    return found if found is not None and found.field is None else None


def is_date(limit: Limit | None) -> bool:
    """Return whether a limit may be a date that others set."""
    if limit is None:
        return False
    return limit.field is not None or any(map(is_date, (*limit.cases.values(), limit.otherwise)))


def ladder(procedure: Procedure, plan: str) -> tuple[Rung, ...]:
    """Return the rungs of a duty or of a stage CHAIN.N as the pack has them."""
    if plan in procedure.duties:
        return procedure.duties[plan].breach
    chain, number = procedure.chains[EventName.of(plan).head], EventName.of(plan).stage
    assert number is not None, "what is no duty of its own is a stage"
    return chain.stages[number - 1].breach


def reached(pack: Pack, bearer: str | None, rung: Rung) -> set[str]:
    """Return the roles of our own that a rung tells; `bearer` is the role that owes the duty, if it is one."""
    owner = pack.roles.get(bearer or "")
    meant = {BEARER: bearer, BOSS: owner.boss if owner else None}
    names = {meant.get(name, name) for name in rung.tell}
    return {name for name in names if name is not None and name in pack.roles and not pack.roles[name].is_external}
