"""Who is to be told of what has just happened."""

from __future__ import annotations

from collections.abc import Iterable

from ombud.engine.limits import RungPlan
from ombud.engine.merging import chosen
from ombud.engine.model import Event, Notification, Refusal, Staff
from ombud.engine.quiet import end_of_quiet
from ombud.engine.roles import (
    TO_HANDLER,
    addressee,
    case_boss,
    department_of,
    is_outsider,
    office_of,
    present,
    recipient,
)
from ombud.engine.state import Instance, State
from ombud.policy.model.duties import Bearer
from ombud.policy.model.records import Document
from ombud.policy.vocabulary import BOSS, NOBODY, SYSTEM


def act_notifications(state: State, event: Event, clauses: tuple[str, ...], staff: Staff | None) -> list[Notification]:
    """Return whom an act informs: its `tells`, the complainant it contacts, and its letters."""
    plan = state.program.acts[event.act]
    tells: list[Notification] = []
    if plan.act is not None:
        is_own = event.actor != SYSTEM and not is_outsider(state.program.pack, event.role)
        above = Bearer(kind="role", name=event.role) if is_own else TO_HANDLER  # whose boss is told
        names = (*plan.act.tells, *((plan.act.contacts,) if plan.act.contacts else ()))
        for name in dict.fromkeys(names):
            to = recipient(state, name, above if name == BOSS else TO_HANDLER, staff)
            if to is not None:
                tells.append(_notification(state, to, "act", event.occurred, staff, act=event.act, clauses=clauses))
    for document in _documents(state, event):
        to = recipient(state, document.to, None, staff)
        if to is not None:
            tells.append(
                Notification(
                    to=to,
                    department=_department(state, to),
                    office=_office(state, to),
                    why="document",
                    at=event.occurred,
                    act=event.act,
                    document=document.id,
                    clauses=document.cite,
                )
            )
    return tells


def _documents(state: State, event: Event) -> list[Document]:
    """Return the documents that an act produces, or what it came to: the choice that it made, an approval's end."""
    program, plan = state.program, state.program.acts[event.act]
    if not program.documents:
        return []
    names = [event.act, *(name for name, entry in state.log.items() if entry.seq == event.seq)]
    if plan.choice is not None:
        names += plan.outcome_keys.get(str(chosen(plan, event.data, state.facts)), ())
    found = (each for name in dict.fromkeys(names) for each in program.documents.get(name, ()))
    return list({each.id: each for each in found}.values())


def rung_notifications(
    state: State, instance: Instance, rung: RungPlan, at: int, staff: Staff | None
) -> list[Notification]:
    """Return whom a passed rung informs."""
    why = "breach" if rung.breaks else "warning"
    found = [recipient(state, name, instance.bearer or instance.plan.bearer, staff) for name in rung.tell]
    return [_of_instance(state, to, why, at, instance, rung, staff) for to in dict.fromkeys(found) if to is not None]


def refusal_notifications(
    state: State, instance: Instance, rung: RungPlan, refusals: Iterable[Refusal], at: int
) -> list[Notification]:
    """Tell the boss of the case's department that a rung could not do its act."""
    to = case_boss(state)
    if to is None:
        return []
    clauses = tuple(dict.fromkeys(clause for refusal in refusals for clause in refusal.clauses))
    return [
        Notification(
            to=to,
            department=_department(state, to),
            office=_office(state, to),
            why="rung-refused",
            at=at,
            act=rung.act,
            duty=instance.plan.id,
            instance=instance.number,
            rung=rung.index,
            due_at=instance.due,
            clauses=clauses,
        )
    ]


def moved_notifications(state: State, moved: Iterable[Instance], at: int) -> list[Notification]:
    """Tell the bearers whose due times another calendar edition or version has moved."""
    found = [(addressee(state, each.bearer or each.plan.bearer), each) for each in moved]
    return [
        Notification(
            to=to,
            department=_department(state, to),
            office=_office(state, to),
            why="due-moved",
            at=at,
            duty=each.plan.id,
            instance=each.number,
            due_at=each.due,
            clauses=each.plan.clauses,
        )
        for to, each in found
        if to.kind != NOBODY
    ]


def _of_instance(
    state: State, to: Bearer, why: str, at: int, instance: Instance, rung: RungPlan, staff: Staff | None
) -> Notification:
    to = _present(state, to, staff)
    told = at if rung.act is not None else end_of_quiet(state, to, at)  # what acts cannot wait, nor can word of it
    return Notification(
        to=to,
        department=_department(state, to),
        office=_office(state, to),
        why=why,
        at=at,
        not_before=told if told > at else None,
        act=rung.act,
        duty=instance.plan.id,
        instance=instance.number,
        rung=rung.index,
        due_at=instance.due,
        clauses=instance.plan.clauses,
    )


def _notification(
    state: State, to: Bearer, why: str, at: int, staff: Staff | None, *, act: str, clauses: tuple[str, ...]
) -> Notification:
    to = _present(state, to, staff)
    return Notification(
        to=to, department=_department(state, to), office=_office(state, to), why=why, at=at, act=act, clauses=clauses
    )


def _present(state: State, to: Bearer, staff: Staff | None) -> Bearer:
    """Return the bearer, or the boss upward of a role that nobody holds."""
    role = state.program.pack.roles.get(to.name) if to.kind == "role" else None
    if role is None or role.is_external:
        return to
    return Bearer(kind="role", name=present(state, to.name, staff))


def _department(state: State, to: Bearer) -> str | None:
    return department_of(state, to.name) if to.kind == "role" else state.department


def _office(state: State, to: Bearer) -> str | None:
    return office_of(state, to.name) if to.kind == "role" else None
