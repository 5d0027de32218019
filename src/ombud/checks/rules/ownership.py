"""Checks of who owes what: unowned, bearer-cannot, no-escalation, boss-cycle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ombud.checks.findings import Finding, finding
from ombud.checks.messages import joined, phrase
from ombud.checks.wording import act_title, column_title, role_title, title_of
from ombud.policy.event_names import EventName
from ombud.policy.model.approvals import Chain
from ombud.policy.model.duties import Duty
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.model.values import FieldType
from ombud.policy.procedure import is_external
from ombud.policy.vocabulary import ACTOR, BEARER, BOSS, DEPARTMENT, HANDLER, MACHINES, NOBODY
from ombud.texts import Text


def check_ownership(pack: Pack) -> Iterator[Finding]:
    """Yield duties that nobody can hold or that nobody hears of when they are missed."""
    for procedure in pack.procedures.values():
        for duty in procedure.duties.values():
            if (why := unowned(pack, procedure, duty)) is not None:
                yield finding(
                    "unowned",
                    place=duty.at,
                    clauses=duty.cite,
                    witness=why,
                    values={"duty": title_of(duty.title, duty.id)},
                )
                continue
            if not escalates(pack, procedure, duty):
                yield finding(
                    "no-escalation",
                    variant="silent" if duty.breach else "none",
                    place=duty.at,
                    clauses=duty.cite,
                    values={"duty": title_of(duty.title, duty.id), "bearer": bearer_title(pack, procedure, duty)},
                )
            if (able := others_only(pack, procedure, duty)) is not None:
                yield finding(
                    "bearer-cannot",
                    place=duty.at,
                    clauses=duty.cite,
                    values={
                        "duty": title_of(duty.title, duty.id),
                        "bearer": bearer_title(pack, procedure, duty),
                        "acts": [act_title(pack, procedure, name) for name in duty.do],
                        "able": [role_title(pack, role) for role in able],
                    },
                )
        for chain in procedure.chains.values():
            yield from _unheard_stages(pack, chain)
    yield from _boss_cycles(pack)


def _unheard_stages(pack: Pack, chain: Chain) -> Iterator[Finding]:
    """Yield the stages of an approval whose delay nobody hears of: without a ladder the boss is told when it is due."""
    for stage in (each for each in chain.stages if each.within is not None):
        has_boss = stage.role not in pack.roles or pack.roles[stage.role].boss is not None
        told = [(rung.tell, rung.act, rung.is_before) for rung in stage.breach] or [((BOSS,), None, False)]
        if not any(_reaches(*each, held_by=stage.role, has_boss=has_boss) for each in told):
            yield finding(
                "no-escalation",
                variant="silent" if stage.breach else "none",
                place=stage.at,
                clauses=chain.cite,
                values={"duty": title_of(chain.title, chain.id), "bearer": role_title(pack, stage.role)},
            )


def bearer_title(pack: Pack, procedure: Procedure, duty: Duty) -> Text:
    """Return who owes a duty, in words."""
    kind, name = duty.bearer.kind, duty.bearer.name
    if kind == "role":
        return role_title(pack, name)
    if kind == ACTOR:
        return phrase("actor-of", title=act_title(pack, procedure, name))
    if kind == "field" and name in pack.fields:
        return column_title(pack.fields[name])
    return phrase("nobody" if kind == NOBODY else "handler")


def unowned(pack: Pack, procedure: Procedure, duty: Duty) -> Text | None:
    """Return why nobody can hold the duty, or None."""
    kind, name = duty.bearer.kind, duty.bearer.name
    written = {each.fact for act in procedure.acts.values() for each in act.sets}
    given = written | {field for act in procedure.acts.values() for field in (*act.needs, *act.may)}
    if kind == ACTOR and name in procedure.acts and set(procedure.acts[name].by) <= MACHINES:
        return phrase("machine-acts", title=act_title(pack, procedure, name))
    if kind == HANDLER and HANDLER not in written:
        return phrase("no-handler")
    if kind == "field" and name in pack.fields:
        if pack.fields[name].type not in (FieldType.PERSON, FieldType.DEPARTMENT):
            return phrase("not-a-person", title=column_title(pack.fields[name]))
        if name not in given:
            return phrase("never-given", title=column_title(pack.fields[name]))
    return vacant(pack, procedure, name) if kind == "role" else None


def vacant(pack: Pack, procedure: Procedure, name: str) -> Text | None:
    """Return why nobody can hold a role on any case, or None."""
    role, written = pack.roles.get(name), {each.fact for act in procedure.acts.values() for each in act.sets}
    if role and role.of == DEPARTMENT and not role.department and DEPARTMENT not in written:
        return phrase("no-department", role=role_title(pack, name))
    if role and role.of == HANDLER and HANDLER not in written:
        return phrase("no-handler")
    return None


def others_only(pack: Pack, procedure: Procedure, duty: Duty) -> list[str] | None:
    """Return who may discharge a duty, if neither its bearer nor anybody under them may; None otherwise."""
    bearers = _bearing(pack, procedure, duty)
    able: set[str] = set()
    for name in duty.do:
        roles = _doing(procedure, name)
        if roles & (MACHINES | {"handler"}) or any(
            role in pack.roles and pack.roles[role].of == HANDLER for role in roles
        ):
            return None  # the clock does it by itself, or whoever has taken the case
        able |= roles
    if (
        not bearers
        or is_external(pack, procedure, duty.bearer)
        or any(_answers_for(pack, each, able) for each in bearers)
    ):
        return None
    return [role for role in pack.roles if role in able]


def _bearing(pack: Pack, procedure: Procedure, duty: Duty) -> set[str]:
    """Return the roles that owe a duty; none where it may be anybody."""
    kind, name = duty.bearer.kind, duty.bearer.name
    if kind == "role" and name in pack.roles and pack.roles[name].of != HANDLER:
        return {name}
    act = procedure.acts.get(name) if kind == ACTOR else None
    return set(act.by) - MACHINES if act is not None and HANDLER not in act.by else set()


def _doing(procedure: Procedure, event: str) -> set[str]:
    """Return who may bring an event about; an approval also whoever may ask for it."""
    head = EventName.of(event).head
    chain = procedure.chains.get(head)
    if chain is None:
        return set(procedure.acts[head].by)
    return {*procedure.acts[chain.starts].by, *(stage.role for stage in chain.stages)}


def _answers_for(pack: Pack, bearer: str, able: set[str]) -> bool:
    """Return whether a role may act itself, or is a boss, however far up, of one that may."""
    for role in able:
        line: list[str] = []
        here: str | None = role
        while here is not None and here in pack.roles and here not in line:
            line.append(here)
            here = pack.roles[here].boss
        if bearer in line:
            return True
    return False


def escalates(pack: Pack, procedure: Procedure, duty: Duty) -> bool:
    """Return whether missing the duty is heard of by somebody else, or makes something happen."""
    if is_external(pack, procedure, duty.bearer):
        return any(rung.act for rung in duty.breach)
    held_by = duty.bearer.name if duty.bearer.kind == "role" else None
    has_boss = held_by is None or held_by not in pack.roles or pack.roles[held_by].boss is not None
    return any(
        _reaches(rung.tell, rung.act, rung.is_before, held_by=held_by, has_boss=has_boss) for rung in duty.breach
    )


def _reaches(tell: Iterable[str], act: str | None, is_before: bool, *, held_by: str | None, has_boss: bool) -> bool:
    """Return whether a rung makes something happen, or tells somebody else once it is too late."""
    others = [who for who in tell if who not in (BEARER, held_by) and (who != BOSS or has_boss)]
    return bool(act or (others and not is_before))


def _boss_cycles(pack: Pack) -> Iterator[Finding]:
    reported: set[str] = set()
    for role in pack.roles:
        line: list[str] = []
        here: str | None = role
        while here is not None and here in pack.roles and here not in line:
            line.append(here)
            here = pack.roles[here].boss
        if here == role and role not in reported:
            reported |= set(line)
            witness = joined([role_title(pack, each) for each in [*line, role]], "arrow")
            yield finding(
                "boss-cycle", place=pack.roles[role].at, witness=witness, values={"role": role_title(pack, role)}
            )
