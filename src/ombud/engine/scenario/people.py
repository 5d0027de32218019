"""Whom a story describes, so that cases go to them by rule of the policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ombud.engine.allotting import BECAUSE
from ombud.engine.distribution import BY_RULE, CLAUSES, RULE, Turn, asked_by, in_turn, is_fit
from ombud.engine.local_time import zone_of
from ombud.engine.model import Actor
from ombud.engine.roles import place_of
from ombud.engine.state import State
from ombud.policy.model.distribution import CATEGORY, IN_TURN, DistributionRule
from ombud.policy.vocabulary import LANGUAGE
from ombud.texts import base_of


class People:
    """The people of a story by what it calls them; without any, nothing is given to anybody."""

    def __init__(self, known: Mapping[str, Mapping[str, Any]]) -> None:
        self.known = known

    def offered(self, rule: DistributionRule, state: State, now: int) -> Iterator[tuple[Actor, Mapping[str, Any]]]:
        """Yield to whom a case is offered by a rule, in turn, each with what the event says of it."""
        today = datetime.fromtimestamp(now, zone_of(state)).date().isoformat()
        asked, said = asked_by(rule, state), {BECAUSE: BY_RULE, RULE: rule.id, CLAUSES: list(rule.cite)}
        for role in rule.roles:
            there = [id for id in self._holders(state, role) if not self._is_away(id, today)]
            fit = [id for id in there if is_fit(rule, role, asked, self._skills(id))]
            for id in in_turn((self._turn(id, rule, asked), id) for id in fit):
                who = self.known[id]
                yield Actor(person=id, role=role, department=who.get("department"), office=who.get("office")), said

    def _holders(self, state: State, role: str) -> list[str]:
        place = place_of(state.program.pack, role, state.department, state.office)
        wanted = {"department": place.department, "office": place.office}
        return [
            id
            for id, who in self.known.items()
            if who["role"] == role
            and all(None in (who.get(name), where) or who[name] == where for name, where in wanted.items())
        ]

    def _turn(self, id: str, rule: DistributionRule, asked: tuple[str, ...]) -> Turn:
        who, has = self.known[id], self._skills(id)
        load = 0 if rule.way == IN_TURN else who.get("open", 0)
        return Turn(sum(1 for each in asked if each not in has), False, load, who.get("last", 0))

    def _skills(self, id: str) -> set[str]:
        who = self.known[id]
        spoken = {f"{LANGUAGE}/{base_of(each)}" for each in who.get("languages", ())}
        return spoken | {f"{CATEGORY}/{each}" for each in who.get("categories", ())}

    def _is_away(self, id: str, today: str) -> bool:
        return any(first <= today <= last for first, last in self.known[id].get("away", ()))
