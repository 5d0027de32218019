"""Check of people against rules on who may not, or has to, act: four-eyes-unsatisfiable.

With the organisation's staff it says where the people at hand are too few. Without, it judges what no staff can give:
the complainant and the handler of a case are one person each, every other role is taken to have people enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from ombud.checks.findings import Finding, finding
from ombud.checks.messages import joined, phrase
from ombud.checks.model.abstract_state import Space
from ombud.checks.timing.fact_classes import fact_classes
from ombud.checks.timing.must_precede import Answers, MustPrecede
from ombud.checks.wording import act_title, role_title, title_of
from ombud.engine.model import Staff
from ombud.engine.roles import escalate, place_of
from ombud.policy.event_names import EventName
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain, Stage
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Role
from ombud.policy.model.procedures import Procedure
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
        kept_apart = max((len(each.distinct_from) for each in _rules(procedure)), default=0)
        people = People(pack, staff or Enough(pack, most + stages + kept_apart + 2), now)
        for act in procedure.acts.values():
            yield from _of_act(people, procedure, act)
        for chain in procedure.chains.values():
            yield from _of_chain(people, procedure, chain)


def _rules(procedure: Procedure) -> tuple[Act | Chain, ...]:
    return (*procedure.acts.values(), *procedure.chains.values())


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

    def line(self, role: str, where: Where) -> frozenset[str]:
        """Return who holds a role or is a boss above it."""
        found: set[str] = set()
        escalate(self.pack, role, lambda here: found.update(self.who(here, where)))
        return frozenset(found)

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
    roles = [*act.by, *_roles_of(procedure, act.distinct_from)]
    for where in people.places(roles):
        able = people.may(act, where)
        others = _blocking(people, procedure, act.distinct_from, where, able=able, left=able.difference)
        if able and others:
            yield _finding(people, procedure, act.id, act, where, others=others)
            break
    if act.same_as is not None and act.same_as in act.distinct_from:
        yield _finding(people, procedure, act.id, act, Where(None, None), others=(act.same_as,))


def _roles_of(procedure: Procedure, names: Iterable[str]) -> list[str]:
    """Return the roles that perform these acts, or decide these approvals."""
    found: list[str] = []
    for name in names:
        if name in procedure.acts:
            found += procedure.acts[name].by
        else:
            found += [stage.role for stage in procedure.chains[EventName.of(name).head].stages]
    return found


def _doers(people: People, procedure: Procedure, name: str, where: Where) -> frozenset[str]:
    """Return who may perform an act, or decide a stage of an approval."""
    if name in procedure.acts:
        return people.may(procedure.acts[name], where)
    stages = procedure.chains[EventName.of(name).head].stages
    return frozenset[str]().union(*(people.approvers(stage.role, where, frozenset()) for stage in stages))


def _blocking(
    people: People,
    procedure: Procedure,
    names: Sequence[str],
    where: Where,
    *,
    able: frozenset[str],
    left: Callable[[frozenset[str]], frozenset[str]],
    wanted: int = 1,
) -> tuple[str, ...]:
    """Return the fewest of these acts that, each done by one of the able, leave fewer than are wanted; () if none can.

    More people may have had a hand in an act, but nobody has to let them.
    """
    doers = {name: sorted(_doers(people, procedure, name, where) & able) for name in names}
    for number in range(1, len(names) + 1):
        if len(left(frozenset())) >= number + wanted:
            continue  # so many do not leave too few
        for acts in combinations(names, number):
            if any(len(left(frozenset(chosen))) < wanted for chosen in product(*(doers[act] for act in acts))):
                return acts
    return ()


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
    roles = _roles_of(procedure, chain.distinct_from)
    for number, stage in enumerate(chain.stages, 1):
        for where in people.places([stage.role, *roles]):
            if (found := _stage(people, procedure, chain, stage, chain.stage_duty(number), where)) is not None:
                yield found
                break
    if chain.are_stages_distinct:
        yield from _same_person_twice(people, procedure, chain)


def _stage(people: People, procedure: Procedure, chain: Chain, stage: Stage, id: str, where: Where) -> Finding | None:
    if len(people.approvers(stage.role, where, frozenset())) < stage.quorum:
        variant = "nobody" if stage.quorum == 1 else "quorum"
        return _finding(people, procedure, id, chain, where, variant=variant, stage=stage)

    def left(out: frozenset[str]) -> frozenset[str]:
        return people.approvers(stage.role, where, out)

    able = people.line(stage.role, where)
    others = _blocking(people, procedure, chain.distinct_from, where, able=able, left=left, wanted=stage.quorum)
    if not others:
        return None
    return _finding(people, procedure, id, chain, where, variant="chain", stage=stage, others=others)


def _same_person_twice(people: People, procedure: Procedure, chain: Chain) -> Iterator[Finding]:
    """Two stages of one run need two people, also where whoever wrote it is one of those who could decide."""
    for index, stage in enumerate(chain.stages):
        for earlier in chain.stages[:index]:
            for where in people.places([stage.role, earlier.role, *_roles_of(procedure, chain.distinct_from)]):
                is_same = any(
                    _takes_all(people, earlier, stage, where, out) for out in _authors(people, procedure, chain, where)
                )
                if is_same and _may_both_be_asked(people.pack, procedure, earlier, stage):
                    id = chain.stage_duty(index + 1)
                    yield _finding(people, procedure, id, chain, where, variant="twice", stage=stage)
                    return


def _authors(people: People, procedure: Procedure, chain: Chain, where: Where) -> list[frozenset[str]]:
    """Return nobody, and each single person who may have done what the approvers must be apart from."""
    found = [_doers(people, procedure, name, where) for name in chain.distinct_from]
    return [frozenset(), *(frozenset({person}) for person in sorted(frozenset[str]().union(*found)))]


def _takes_all(people: People, earlier: Stage, stage: Stage, where: Where, out: frozenset[str]) -> bool:
    """Return whether the only one left for the earlier stage is the only one left for the later one too."""
    first = people.approvers(earlier.role, where, out)
    if len(first) != 1 or len(people.approvers(stage.role, where, out)) < stage.quorum:
        return False  # somebody else can decide, or nobody at all: that is said of the stage itself
    return len(people.approvers(stage.role, where, out | first)) < stage.quorum


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
    others: Sequence[str] = (),
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
            "other": joined([act_title(pack, procedure, name) for name in others], "and"),
            "quorum": stage.quorum if stage else 1,
        },
    )


def _place(pack: Pack, where: Where) -> Text:
    """Return where a case belongs, to stand behind a sentence; nothing where it makes no difference."""
    found = [pack.departments.get(where.department or ""), pack.offices.get(where.office or "")]
    titles = [title_of(each.title, each.id) for each in found if each is not None]
    return phrase("at-place", place=titles) if titles else same("")
