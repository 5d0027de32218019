"""Exchanging shifts: two people agree on it between themselves, whoever plans the rota confirms where it is set so.

Nothing changes in the rota before it is agreed and confirmed; then it is the same swap that whoever plans may make.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from ombud.organisation import changes, staffing
from ombud.organisation.models import Person
from ombud.organisation.rotas import Rota, Shift, ShiftExchange
from ombud.organisation.shift_plan import Plan, Slot
from ombud.organisation.staffing import RotaError

State = ShiftExchange.State
ACCEPT, CONFIRM, DECLINE, WITHDRAW = "accept", "confirm", "decline", "withdraw"
WITHIN = timedelta(days=14)  # how far off the shift may lie that is asked for


def possible(slot: Slot, person: Person, *, now: datetime) -> list[tuple[Slot, Person]]:
    """Return for which shifts of whom somebody may offer one of theirs: of the same rota, within two weeks, to come."""
    slots = Plan([slot.rota], slot.day - WITHIN, slot.day + WITHIN).slots()
    return [
        (each, other)
        for each in slots
        if each.starts_at > now and person not in each.people
        for other in each.there
        if other not in slot.people
    ]


@transaction.atomic
def propose(slot: Slot, other: Slot, with_: Person, *, by: Person, now: datetime) -> ShiftExchange:
    """Offer somebody a shift for one of theirs. Raises RotaError: "not-theirs", "both", "over", "offered"."""
    _check(slot, by, other, with_, now)
    try:
        with transaction.atomic():
            row = ShiftExchange.objects.create(
                shift=slot.shift, day=slot.day, person=by,
                for_shift=other.shift, for_day=other.day, other=with_, proposed_at=now,
            )  # fmt: skip
    except IntegrityError as error:
        raise RotaError("offered") from error
    changes.note([row], by=by, now=now)
    return row


@transaction.atomic
def accept(row: ShiftExchange, *, by: Person, now: datetime) -> bool:
    """Take an offer on; return whether the shifts are exchanged, or wait to be confirmed. Raises RotaError."""
    row = _to_decide(row, State.PROPOSED)
    if by.pk != row.other_id:
        raise RotaError("not-theirs")
    row.accepted_at = now
    if row.shift.rota.confirms_exchanges:
        _check(*_parties(row), now)
        row.state = State.ACCEPTED
        row.save(update_fields=["state", "accepted_at"])
        changes.note([row], by=by, now=now)
        return False
    _swap(row, by, now)
    return True


@transaction.atomic
def confirm(row: ShiftExchange, *, by: Person, now: datetime) -> None:
    """Let an accepted exchange be; `by` plans the rota and is none of the two. Raises RotaError."""
    row = _to_decide(row, State.ACCEPTED)
    if by.pk in (row.person_id, row.other_id):
        raise RotaError("own")
    _swap(row, by, now)


@transaction.atomic
def decline(row: ShiftExchange, *, by: Person, now: datetime) -> None:
    """Let an exchange not be; by whoever proposed it it is taken back. Raises RotaError("decided")."""
    row = _to_decide(row, State.PROPOSED, State.ACCEPTED)
    _decide(row, State.WITHDRAWN if by.pk == row.person_id else State.DECLINED, by, now)


def open_ones(rotas: Sequence[Rota]) -> QuerySet[ShiftExchange]:
    """Return what waits for somebody's answer, the oldest first."""
    rows = ShiftExchange.objects.filter(decided_at=None, shift__rota__in=rotas)
    return rows.select_related("shift__rota__office", "for_shift__rota", "person", "other").order_by("id")


def open_to(row: ShiftExchange, person: Person, planned: Collection[int]) -> tuple[str, ...]:
    """Return what somebody may do with an exchange that waits; `planned` are the rotas (pk) that they plan."""
    if person.pk == row.person_id:
        return (WITHDRAW,)
    if person.pk == row.other_id:
        return (ACCEPT, DECLINE) if row.state == State.PROPOSED else (DECLINE,)
    return (CONFIRM, DECLINE) if row.state == State.ACCEPTED and row.shift.rota_id in planned else ()


def concerning(
    person: Person, rotas: Sequence[Rota], planned: Collection[int]
) -> list[tuple[ShiftExchange, tuple[str, ...]]]:
    """Return the exchanges that wait and in which somebody has a say, each with what they may do."""
    found = [(row, open_to(row, person, planned)) for row in open_ones(rotas)] if rotas else []
    return [(row, may) for row, may in found if may]


def to_answer(person: Person) -> QuerySet[ShiftExchange]:
    """Return the offers of others that wait for this person to accept or decline them."""
    rows = ShiftExchange.objects.filter(other=person, state=State.PROPOSED)
    return rows.select_related("shift", "for_shift", "person").order_by("id")


def told_about(since: datetime) -> QuerySet[ShiftExchange]:
    """Return what waits, and what was decided since then."""
    rows = ShiftExchange.objects.filter(Q(decided_at=None) | Q(decided_at__gt=since))
    return rows.select_related("shift__rota__office", "for_shift", "person", "other", "decided_by")


def _parties(row: ShiftExchange) -> tuple[Slot, Person, Slot, Person]:
    """Return both shifts as the rota has them now, each with who gives it away."""
    return slot_on(row.shift, row.day), row.person, slot_on(row.for_shift, row.for_day), row.other


def slot_on(shift: Shift, day: date) -> Slot:
    found = next((each for each in Plan([shift.rota], day, day).slots() if each.shift.pk == shift.pk), None)
    if found is None:
        raise RotaError("day")
    return found


def _check(slot: Slot, person: Person, other: Slot, with_: Person, now: datetime) -> None:
    if slot.rota.pk != other.rota.pk or person not in slot.people or with_ not in other.people or person == with_:
        raise RotaError("not-theirs")
    if person in other.people or with_ in slot.people:
        raise RotaError("both")
    if slot.starts_at <= now or other.starts_at <= now:
        raise RotaError("over")


def _swap(row: ShiftExchange, by: Person, now: datetime) -> None:
    slot, person, other, with_ = _parties(row)
    _check(slot, person, other, with_, now)
    staffing.swap(slot, person.pk, other, with_.pk, by=by, now=now)
    _decide(row, State.DONE, by, now)


def _to_decide(row: ShiftExchange, *states: str) -> ShiftExchange:
    row = ShiftExchange.objects.select_for_update(of=("self",)).select_related(
        "shift__rota__office", "for_shift__rota__office", "person", "other"
    ).get(pk=row.pk)  # fmt: skip
    if row.state not in states:
        raise RotaError("decided")
    return row


def _decide(row: ShiftExchange, state: str, by: Person, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at = state, by, now
    row.save(update_fields=["state", "accepted_at", "decided_by", "decided_at"])
    changes.note([row], by=by, now=now)
