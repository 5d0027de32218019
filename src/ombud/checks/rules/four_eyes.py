"""Check of people against rules on who may not, or has to, act: four-eyes-unsatisfiable.

With the organisation's staff it says where the people at hand are too few. Without, it judges what no staff can give:
the complainant and the handler of a case are one person each, every other role is taken to have people enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ombud.checks.findings import Finding, finding
from ombud.checks.messages import phrase
from ombud.checks.model.abstract_state import Space
from ombud.checks.timing.fact_classes import fact_classes
from ombud.checks.timing.must_precede import Answers, MustPrecede
from ombud.checks.wording import act_title, role_title, title_of
from ombud.engine.model import Staff
from ombud.engine.roles import escalate, place_of
from ombud.policy.model import Act, Chain, Pack, Procedure, Role, Stage
from ombud.policy.vocabulary import COMPLAINANT, DEPARTMENT, HANDLER, MACHINES, OFFICE
from ombud.texts import Text, same


@dataclass(frozen=True, slots=True)
class Where:
    """A department and an office that a case may belong to."""

    department: str | None
    office: str | None


class Enough:
    """A staff of which nothing is known: whoever can only be one person is one, of all others there are plenty."""

    def __init__(self, pack: Pack, plenty: int) -> None:
        self.pack, self.plenty = pack, plenty

    def holders(self, role: str, department: str | None, office: str | None) -> frozenset[str]:
        known = self.pack.roles.get(role)
        if role == HANDLER or (known is not None and known.of == HANDLER):
            return frozenset({HANDLER})
        if role == COMPLAINANT:
            return frozenset({role})
        return frozenset(f"{role} {number}" for number in range(self.plenty))

    def is_qualified(self, person: str, exam: str, at: int) -> bool:
        return True


def check_four_eyes(pack: Pack, staff: Staff | None = None, now: int = 0) -> Iterator[Finding]:
    """Yield the acts and approvals that nobody is left to perform once somebody has done what excludes them."""
    for procedure in pack.procedures.values():
        most = max((s.quorum for chain in procedure.chains.values() for s in chain.stages), default=1)
        stages = sum(len(chain.stages) for chain in procedure.chains.values())
        people = People(pack, staff or Enough(pack, most + stages + 2), now)
        for act in procedure.acts.values():
            yield from _of_act(people, procedure, act)
        for chain in procedure.chains.values():
            yield from _of_chain(people, procedure, chain)


class People:
    """Who is there to act, department by department and office by office."""

    def __init__(self, pack: Pack, staff: Staff, now: int) -> None:
        self.pack, self.staff, self.now = pack, staff, now

    def who(self, role: str, where: Where) -> frozenset[str]:
        """Return who holds a role for a case that belongs there."""
        if role not in self.pack.roles:
            return self.staff.holders(role, where.department, None) if role == HANDLER else frozenset()
        return self.staff.holders(role, *place_of(self.pack, role, where.department, where.office))

    def may(self, act: Act, where: Where) -> frozenset[str]:
        """Return who may perform an act."""
        found = frozenset[str]().union(*(self.who(role, where) for role in act.by if role not in MACHINES))
        if act.qualified is None:
            return found
        return frozenset(each for each in found if self.staff.is_qualified(each, act.qualified, self.now))

    def approvers(self, role: str, where: Where, excluded: frozenset[str]) -> frozenset[str]:
        """Return who decides a stage: the holders of its role, or the boss upward where the exclusion leaves nobody."""
        found = escalate(self.pack, role, lambda here: self.who(here, where) - excluded)
        return self.who(found, where) - excluded if found else frozenset()

    def places(self, roles: Iterable[str]) -> list[Where]:
        """Return the departments and offices where it can make a difference to these roles."""
        known = [self.pack.roles[role] for role in roles if role in self.pack.roles]
        inside = any(role.of in (DEPARTMENT, HANDLER) and role.department is None for role in known)
        departments: list[str | None] = [*case_departments(self.pack)] if inside else []
        offices: list[str | None] = [*self.pack.offices] if any(role.of == OFFICE for role in known) else []
        return [Where(department, office) for department in departments or [None] for office in offices or [None]]


def case_departments(pack: Pack) -> list[str]:
    """Return the departments that a case may be given to."""
    found: set[str] = set()
    for act in (act for procedure in pack.procedures.values() for act in procedure.acts.values()):
        for setting in act.sets:
            if setting.fact != DEPARTMENT:
                continue
            if setting.kind == "constant":
                found.add(str(setting.value))
            elif setting.value in pack.tables:
                found |= {str(row.output) for row in pack.tables[setting.value].rows}
            else:
                found |= set(pack.departments)
    return [id for id in pack.departments if id in found]


def _of_act(people: People, procedure: Procedure, act: Act) -> Iterator[Finding]:
    if act.is_auto or set(act.by) <= MACHINES:
        return
    if act.qualified is not None:
        yield from _unqualified(people, procedure, act)
    for name in act.distinct_from:
        other = procedure.acts.get(name)
        if other is None:
            continue
        for where in people.places([*act.by, *other.by]):
            alone = [person for person in people.may(other, where) if not people.may(act, where) - {person}]
            if alone and people.may(act, where):
                yield _finding(people, procedure, act.id, act, where, other=other)
                break
    if act.same_as is not None and act.same_as in act.distinct_from:
        yield _finding(people, procedure, act.id, act, Where(None, None), other=procedure.acts[act.same_as])


def _unqualified(people: People, procedure: Procedure, act: Act) -> Iterator[Finding]:
    for where in people.places(act.by):
        held = frozenset[str]().union(*(people.who(role, where) for role in act.by if role not in MACHINES))
        if held and not people.may(act, where):
            yield finding(
                "four-eyes-unsatisfiable",
                variant="qualified",
                place=act.at,
                clauses=act.cite,
                values={
                    "act": act_title(people.pack, procedure, act.id),
                    "where": _place(people.pack, where),
                    "exam": people.pack.exams[act.qualified or ""].title,
                    "roles": [role_title(people.pack, role) for role in act.by if role not in MACHINES],
                },
            )
            return


def _of_chain(people: People, procedure: Procedure, chain: Chain) -> Iterator[Finding]:
    excluding = [procedure.acts[name] for name in chain.distinct_from if name in procedure.acts]
    for number, stage in enumerate(chain.stages, 1):
        title = chain.stage_duty(number)
        for where in people.places([stage.role, *(role for act in excluding for role in act.by)]):
            if (found := _stage(people, procedure, chain, stage, title, where, excluding)) is not None:
                yield found
                break
    yield from _same_person_twice(people, procedure, chain)


def _stage(
    people: People, procedure: Procedure, chain: Chain, stage: Stage, id: str, where: Where, excluding: list[Act]
) -> Finding | None:
    if len(people.approvers(stage.role, where, frozenset())) < stage.quorum:
        variant = "nobody" if stage.quorum == 1 else "quorum"
        return _finding(people, procedure, id, chain, where, variant=variant, stage=stage)
    for act in excluding:
        for person in sorted(people.may(act, where)):
            if len(people.approvers(stage.role, where, frozenset({person}))) < stage.quorum:
                return _finding(people, procedure, id, chain, where, variant="chain", stage=stage, other=act)
    return None


def _same_person_twice(people: People, procedure: Procedure, chain: Chain) -> Iterator[Finding]:
    """Two stages of one run need two people: whoever has approved may not approve again."""
    for index, stage in enumerate(chain.stages):
        for earlier in chain.stages[:index]:
            for where in people.places([stage.role, earlier.role]):
                first = people.approvers(earlier.role, where, frozenset())
                is_same = len(first) == 1 and first == people.approvers(stage.role, where, frozenset())
                if is_same and _may_both_be_asked(people.pack, procedure, earlier, stage):
                    id = chain.stage_duty(index + 1)
                    yield _finding(people, procedure, id, chain, where, variant="twice", stage=stage)
                    return


def _may_both_be_asked(pack: Pack, procedure: Procedure, one: Stage, other: Stage) -> bool:
    """Return whether one case may need both stages."""
    if one.where is None or other.where is None:
        return True
    space, answers = Space(pack, procedure), Answers()
    roads = (MustPrecede(space, facts, answers) for facts in fact_classes(pack, one.where.names | other.where.names))
    return any(road.may_hold(one.where, {}) and road.may_hold(other.where, {}) for road in roads)


def _finding(
    people: People,
    procedure: Procedure,
    id: str,
    entry: Act | Chain,
    where: Where,
    *,
    variant: str = "",
    stage: Stage | None = None,
    other: Act | None = None,
) -> Finding:
    pack = people.pack
    role = pack.roles.get(stage.role) if stage else None
    return finding(
        "four-eyes-unsatisfiable",
        variant=variant,
        place=stage.at if stage else entry.at,
        clauses=entry.cite,
        values={
            "title": title_of((stage.title if stage else {}) or entry.title, id),
            "role": title_of(role.title if isinstance(role, Role) else {}, stage.role if stage else ""),
            "where": _place(pack, where),
            "other": act_title(pack, procedure, other.id) if other else same(""),
            "quorum": stage.quorum if stage else 1,
        },
    )


def _place(pack: Pack, where: Where) -> Text:
    """Return where a case belongs, to stand behind a sentence; nothing where it makes no difference."""
    found = [pack.departments.get(where.department or ""), pack.offices.get(where.office or "")]
    titles = [title_of(each.title, each.id) for each in found if each is not None]
    return phrase("at-place", place=titles) if titles else same("")
