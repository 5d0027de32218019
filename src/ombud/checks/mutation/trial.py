"""Telling a policy's scenarios under each of its mutants until one of them comes out otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ombud.checks.findings import Finding, finding
from ombud.checks.messages import phrase
from ombud.checks.mutation.changes import mutants
from ombud.checks.mutation.mutant import Mutant, Reach
from ombud.checks.rules.ownership import check_ownership
from ombud.checks.tables.grading import check_tables
from ombud.engine import check_story
from ombud.engine.scenario.run import Story
from ombud.policy.model.pack import Pack, Scenario
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.tables import Table
from ombud.policy.model.values import Value

CHEAP = (check_tables, check_ownership)  # checks that take next to no time; they notice what no scenario has to


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """How many changes of a policy were noticed, and which were not."""

    policy: str
    version: str
    tried: int
    survivors: tuple[Mutant, ...]
    reached: Mapping[int, int]  # for each survivor, how many scenarios go through what was changed
    failing: tuple[str, ...]  # scenarios that fail as it is, and so were not asked

    @property
    def noticed(self) -> int:
        return self.tried - len(self.survivors)

    @property
    def percent(self) -> float:
        """How much of a hundred was noticed; a policy in which nothing can be changed has full marks."""
        return 100 * self.noticed / self.tried if self.tried else 100.0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Each survivor as a finding."""
        return tuple(
            finding(
                "unkilled-mutant",
                place=each.change.at,
                clauses=each.clauses,
                values={
                    "change": each.words,
                    "old": each.change.old,
                    "scenarios": phrase("tried-by", count=self.reached[index])
                    if self.reached[index]
                    else phrase("tried-by-none"),
                },
            )
            for index, each in enumerate(self.survivors)
        )


@dataclass(kw_only=True, slots=True)
class Trail:
    """What a scenario goes through as the policy stands."""

    scenario: Scenario
    procedure: str
    acts: set[str] = field(default_factory=set)
    duties: set[str] = field(default_factory=set)
    asked: dict[str, dict[str, Mapping[str, Value]]] = field(default_factory=dict)  # table -> facts it was asked about
    expected: set[str] = field(default_factory=set)  # acts, duties and tables that it expects something of


def mutate(pack: Pack, tried: Iterable[Mutant] | None = None) -> Score:
    """Return which changes (all of them, unless some are given) the pack's scenarios notice."""
    trails, failing = _trails(pack)
    known = _cheap(pack)
    kills: Counter[tuple[str, str]] = Counter()
    survivors: list[Mutant] = []
    reached: dict[int, int] = {}
    count = 0
    for count, mutant in enumerate(mutants(pack) if tried is None else tried, 1):
        changed = mutant.build()
        changed = replace(changed, hash=f"{pack.hash}:{count}")  # so that it is compiled as a pack of its own
        asked = [trail for trail in trails if _may_notice(pack, changed, mutant, trail)]
        asked.sort(key=lambda trail: (-kills[mutant.id, trail.scenario.name], mutant.id not in trail.expected))
        killer = next((trail for trail in asked if check_story(changed, trail.scenario.story)), None)
        if killer is not None:
            kills[mutant.id, killer.scenario.name] += 1
        elif not _cheap(changed) - known:
            reached[len(survivors)] = len(asked)
            survivors.append(mutant)
    return Score(
        policy=pack.id,
        version=pack.version,
        tried=count,
        survivors=tuple(survivors),
        reached=reached,
        failing=failing,
    )


def _cheap(pack: Pack) -> set[str]:
    return {f"{each.code} {each.message}" for check in CHEAP for each in check(pack)}


def _trails(pack: Pack) -> tuple[list[Trail], tuple[str, ...]]:
    """Return what each scenario goes through, and the names of those that fail already."""
    trails: list[Trail] = []
    failing: list[str] = []
    for scenario in pack.scenarios:
        if check_story(pack, scenario.story):
            failing.append(scenario.name)
        else:
            trails.append(_trail(pack, scenario))
    return trails, tuple(failing)


def _trail(pack: Pack, scenario: Scenario) -> Trail:
    trail = Trail(scenario=scenario, procedure=scenario.story.get("procedure") or MAIN)
    tables = {id: replace(table, decide=_Listening(table, trail)) for id, table in pack.tables.items()}
    told = Story(replace(pack, tables=tables, hash=f"{pack.hash}:{scenario.name}"), scenario.story)
    expect = scenario.story.get("expect") or {}
    trail.acts = {str(step["act"]) for step in scenario.story["log"]}
    trail.acts |= {str(name) for event in told.events for name in (event.act, event.data.get("act")) if name}
    if "next" in expect:
        trail.acts |= set(pack.procedures[trail.procedure].acts)
    trail.duties = {each.plan.id for each in told.state.instances}
    trail.expected = {str(id) for part in ("duties", "grades") for id in expect.get(part) or {}} | trail.acts
    return trail


class _Listening:
    """A table that remembers what it was asked about."""

    def __init__(self, table: Table, trail: Trail) -> None:
        self.table, self.seen = table, trail.asked.setdefault(table.id, {})

    def __call__(self, facts: Mapping[str, Value]) -> Value | None:
        known = {name: facts[name] for name in self.table.inputs if name in facts}
        self.seen.setdefault(repr(known), known)
        return self.table.decide(facts)


def _may_notice(pack: Pack, changed: Pack, mutant: Mutant, trail: Trail) -> bool:
    """Return whether the change can make a difference to a scenario."""
    if mutant.procedure is not None and mutant.procedure != trail.procedure:
        return False
    name = mutant.id.rpartition(".")[2]
    if mutant.reach is Reach.ACT:
        return name in trail.acts
    if mutant.reach is Reach.DUTY:
        return name in trail.duties
    if mutant.reach is Reach.TABLE:
        before, after = pack.tables[name].decide, changed.tables[name].decide
        return any(before(facts) != after(facts) for facts in trail.asked.get(name, {}).values())
    return True
