"""Outbox rows: what an event asks to be told, resolved to roles and people while the state is at hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ombud.cases.access import assignees
from ombud.cases.bulk_sql import insert, new_row
from ombud.cases.models import Case, Outbox
from ombud.engine import State
from ombud.engine.model import Actor, Notification
from ombud.engine.roles import TO_HANDLER, case_boss, outsider_of
from ombud.organisation.models import AUDITOR, MANAGER, Person
from ombud.organisation.staff import Roster
from ombud.policy.vocabulary import COMPLAINANT

TELL, LETTER = "tell", "letter"
CODE = "code"  # somebody asked for a new tracking code; of no case before it was looked at
NEXT_TRY = "next-try"  # why: somebody whom nobody reached by telephone is to be called again
UNMASKED = "unmasked"  # why: somebody looked at much that is masked for them
CONFIDENTIAL = "confidential"  # why: the list of a confidential case was changed
UNATTENDED = "unattended"  # why: nobody whom the list of a confidential case names can do what is owed on it
ATTEMPTS = 8  # over two hours; then only the log and /readyz still know of a row


def given_up() -> int:
    """Return how many rows nobody tries any more: letters that no server took, tasks that could not be done."""
    return Outbox.objects.filter(done_at=None, attempts__gte=ATTEMPTS).count()


def try_now(case: Case, roles: Collection[str], *, now: datetime) -> None:
    """Let letters to these outside roles that found no address be tried at once: one was just given."""
    waiting = Outbox.objects.filter(case=case, kind=LETTER, done_at=None, payload__outsider__in=list(roles))
    waiting.filter(available_at__gt=now, attempts=0).exclude(error="").update(available_at=now)


def viewers(tells: Sequence[Notification], state: State, roster: Roster) -> set[str]:
    """Return whom being told lets see the case: nobody is called to a case that does not exist for them."""
    return assignees.viewers_of(
        assignees.assignee_of(tell.to, tell.department or state.department, state, roster)
        for tell in tells
        if outsider_of(state, tell.to) is None
    )


def rows(
    case: Case, tells: Sequence[Notification], state: State, roster: Roster, *, actors: Mapping[str, str], now: datetime
) -> list[Outbox]:
    """Return one row, not saved, for everything that is to be told; carried after the transaction.

    `actors` holds who performed each act: nobody is told of what they just did themselves.
    """
    return [
        new_row(
            Outbox,
            kind=LETTER if tell.document else TELL,
            case=case,
            payload={**_payload(case, tell, state, roster), "actor": _actor(tell, actors)},
            dedupe=f"{case.reference}/{case.seq}/{number}",
            available_at=now if tell.not_before is None else max(now, datetime.fromtimestamp(tell.not_before, UTC)),
        )
        for number, tell in enumerate(tells)
    ]


def tell_refused(case: Case, state: State, act: str, *, now: datetime) -> None:
    """Tell whoever handles the case, or without a handler the boss of its department, what could not be done on it."""
    to = TO_HANDLER if state.handler else case_boss(state)
    if to is None:
        return
    plan = state.program.procedure.acts.get(act)
    tell = Notification(
        to=to,
        department=state.department,
        office=state.office,
        why="rung-refused",
        at=int(now.timestamp()),
        act=act,
        clauses=plan.cite if plan else (),
    )
    key = f"{case.reference}/{case.seq}/refused/{act}/{int(now.timestamp())}"
    payload = {**_payload(case, tell, state, Roster(case.policy)), "actor": None}
    insert([Outbox(kind=TELL, case=case, payload=payload, dedupe=key, available_at=now)], ignore_conflicts=True)


def tell_of_looks(case: Case, who: Person, *, now: datetime) -> None:
    """Tell managers and auditors that somebody has looked at as much masked personal data as a day allows."""
    overseers = Person.objects.filter(memberships__role__in=(MANAGER, AUDITOR), memberships__policy="", is_active=True)
    seen = {"why": UNMASKED, "at": int(now.timestamp()), "actor": who.key}
    rows = [
        Outbox(
            kind=TELL,
            case=case,
            payload={**seen, "person": person.pk},
            dedupe=f"{UNMASKED}/{who.pk}/{now:%Y-%m-%d}/{person.pk}",
            available_at=now,
        )
        for person in overseers.distinct()
    ]
    insert(rows, ignore_conflicts=True)


def tell_of_list(case: Case, people: Collection[int], *, actor: Actor, seq: int, now: datetime) -> None:
    """Tell these people that the list of a confidential case, which named or names them, was changed.

    And the managers, where it leaves a duty of the case to nobody whom it names; whether it does is asked when the
    row is carried.
    """
    base = {"at": int(now.timestamp()), "actor": actor.person}
    rows = [
        Outbox(
            kind=TELL,
            case=case,
            payload={**base, "why": CONFIDENTIAL, "person": person},
            dedupe=f"{case.reference}/{seq}/list/{person}",
            available_at=now,
        )
        for person in sorted(people)
    ]
    unattended = {**base, "why": UNATTENDED}
    key = f"{case.reference}/{seq}/unattended"
    rows.append(Outbox(kind=TELL, case=case, payload=unattended, dedupe=key, available_at=now))
    insert(rows, ignore_conflicts=True)


def call_again(case: Case, who: Person, act: str, *, attempt: str, at: datetime, now: datetime) -> None:
    """Remind somebody at that time to call the complainant again, for that act.

    `attempt` tells the call that reached nobody from all others. Where the case is over by then, or the act done,
    nobody is reminded.
    """
    told = {"why": NEXT_TRY, "at": int(at.timestamp()), "planned_at": int(now.timestamp()), "act": act or None}
    key = f"{case.reference}/{NEXT_TRY}/{attempt}"
    row = Outbox(kind=TELL, case=case, payload={**told, "person": who.pk}, dedupe=key, available_at=at)
    insert([row], ignore_conflicts=True)


def forget_calls(case: Case, *, now: datetime) -> None:
    """Let nobody be reminded to call again: somebody just has."""
    Outbox.objects.filter(case=case, kind=TELL, done_at=None, payload__why=NEXT_TRY).update(done_at=now)


def _actor(tell: Notification, actors: Mapping[str, str]) -> str | None:
    return actors.get(tell.act or "") if tell.why == "act" else None


def _payload(case: Case, tell: Notification, state: State, roster: Roster) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "seq": case.seq,
        "why": tell.why,
        "at": tell.at,
        "not_before": tell.not_before,
        "act": tell.act,
        "duty": tell.duty,
        "instance": tell.instance,
        "rung": tell.rung,
        "due_at": tell.due_at,
        "document": tell.document,
        "clauses": list(tell.clauses),
    }
    outsider = outsider_of(state, tell.to)
    if outsider == COMPLAINANT:
        return {**payload, "complainant": True}
    if outsider is not None:
        # Never the complainant's: a regulator's or partner's own address, that of the case's office where it has one.
        return {**payload, "outsider": outsider, "office": assignees.office_id(state.office)}
    holder = assignees.assignee_of(tell.to, tell.department or state.department, state, roster)
    return {
        **payload,
        "role": holder.role,
        "department": holder.department_id,
        "office": holder.office_id,
        "person": holder.person_id,
    }
