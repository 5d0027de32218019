"""To whom a complaint goes by rule of the policy: which rule holds, what it asks for, who comes first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple, TypeVar

from ombud.engine.readiness import waits
from ombud.engine.state import OPEN, State
from ombud.policy.model.distribution import CATEGORY, DistributionRule
from ombud.policy.model.procedures import MAIN
from ombud.policy.vocabulary import LANGUAGE
from ombud.texts import base_of

#: What the event says where the policy gave the case to somebody: that it did, by which rule, of which clauses.
BY_RULE, RULE, CLAUSES = "by_rule", "rule", "clauses"
T = TypeVar("T")


class Turn(NamedTuple):
    """When somebody's turn is, the lowest first."""

    lacks: int  # of what is asked
    is_off: bool  # whether it is nobody's shift, or another's
    has: int  # open cases, where these count
    last: int  # the turn that they had last


def in_turn(people: Iterable[tuple[Turn, T]]) -> list[T]:
    """Return people in the order in which a case is offered to them; among equals in the given order."""
    return [person for _turn, person in sorted(people, key=lambda each: each[0])]


def is_open_to_rules(state: State) -> bool:
    """Return whether rules of the policy may give the case to somebody: it is a complaint that nobody handles."""
    return state.program.procedure.id == MAIN and state.handler is None and not state.ended


def rule_for(state: State, owing: Collection[str]) -> DistributionRule | None:
    """Return the first rule that holds for a case on which these roles owe something, or None."""
    if not is_open_to_rules(state):
        return None
    for rule in state.program.pack.distribution.values():
        if rule.role in owing and (rule.where is None or rule.where.holds(state)):
            return rule
    return None


def owing(state: State) -> set[str]:
    """Return the roles that owe something now, without what waits for others first and without stages of approvals."""
    owed = [(each.plan, each.bearer or each.plan.bearer) for each in state.all_owed() if each.status == OPEN]
    return {
        bearer.name
        for plan, bearer in owed
        if bearer.kind == "role" and plan.stage is None and not waits(state, plan, bearer)
    }


def asked_by(rule: DistributionRule, state: State, language: str = "") -> tuple[str, ...]:
    """Return what a rule asks for on this case, each as kind/value; `language` where the case names none itself."""
    category = state.program.pack.figures.category
    known = {
        LANGUAGE: base_of(str(state.facts.get(LANGUAGE) or language or "")),
        CATEGORY: state.facts.get(category) if category else None,
    }
    return tuple(f"{skill}/{value}" for skill in rule.skills if (value := known[skill]) and isinstance(value, str))


def is_fit(rule: DistributionRule, role: str, asked: Collection[str], had: Collection[str]) -> bool:
    """Return whether a rule lets somebody of a role who has these skills have the case; of `else` anybody may."""
    return role != rule.role or not rule.is_strict or set(asked) <= set(had)
