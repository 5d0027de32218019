"""Carries what the outbox holds for people: turns it into notices, both in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ombud.cases import outbox
from ombud.cases.access.kept_out import Door, doors_of
from ombud.cases.access.permissions import may_see, permissions_of
from ombud.cases.fold import program_of
from ombud.cases.models import Case, Duty, Event, Outbox
from ombud.cases.projections import OWED
from ombud.notices.alerts.asking import tell
from ombud.notices.models import Notice
from ombud.organisation.models import Department, Office, Person
from ombud.organisation.staff import Holding, Roster, managers, people, person_id
from ombud.organisation.standing_in import Deputising, standing_now
from ombud.policy.model.people import Role
from ombud.policy.vocabulary import OFFICE
from ombud.privacy.masking import mask_text

log = logging.getLogger(__name__)

BATCH = 200
TOGETHER = 50  # tells of one transaction: an act waits for a few dozen milliseconds at most
KEPT = timedelta(days=30)
#: Of what somebody must hear, if not those whom the policy means.
_FOR_SOMEBODY = (Notice.Kind.WARNING, Notice.Kind.BREACH, Notice.Kind.REFUSED, Notice.Kind.NEXT_TRY)


def carry(*, now: datetime) -> int:
    """Carry what waits and return how many rows were done; call again while it returns a full batch."""
    told = 0
    while told < BATCH and (done := _tell_waiting(now)):
        told += done
    return told


def tidy(*, now: datetime) -> int:
    """Remove rows that were carried long ago and return how many."""
    return Outbox.objects.filter(done_at__lt=now - KEPT).delete()[0]


def waiting(now: datetime, kind: str) -> Any:
    """Return the outbox rows of a kind that are to be carried, oldest first."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    rows = Outbox.objects.filter(free, done_at=None, available_at__lte=now, kind=kind, attempts__lt=outbox.ATTEMPTS)
    return rows.order_by("available_at", "id")


def _tell_waiting(now: datetime) -> int:
    """Turn waiting tells into notices: both in one transaction, so none is lost or told twice."""
    with transaction.atomic():
        rows = list(
            waiting(now, outbox.TELL)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("case")[:TOGETHER]
        )
        if not rows:
            return 0
        readers = Readers(rows)
        notices, done = [], []
        for row in rows:
            try:
                notices += [] if _is_moot(row) else readers.notices(row, now)
            except Exception as error:  # one unreadable row must not hold up the others
                log.exception("outbox row %s", row.pk)
                postpone(row, error, now)
            else:
                done.append(row.pk)
        tell(notices, now=now)
        Outbox.objects.filter(pk__in=done).update(done_at=now, lease_until=None)
        return len(done)


def _is_moot(row: Outbox) -> bool:
    """Return whether a row that waited is of no use any more: it warns of what is done, or says to call who was."""
    told = row.payload
    if told["why"] == Notice.Kind.NEXT_TRY:
        done = Event.objects.filter(case=row.case_id, act=told["act"] or "", recorded__gt=told["planned_at"])
        return row.case is None or row.case.closed_at is not None or done.exists()
    if told["why"] != Notice.Kind.WARNING or told.get("not_before") is None:
        return False
    owed = Duty.objects.filter(case=row.case_id, duty=told["duty"], instance=told["instance"], status__in=OWED)
    return not owed.exists()


class Readers:
    """Whom the rows of one batch reach, as the organisation is now."""

    def __init__(self, rows: Iterable[Outbox | Duty] = ()) -> None:
        # By case; whatever is asked about another one is looked up then.
        self._doors: dict[int, Door] = dict(doors_of({row.case_id for row in rows if row.case_id is not None}))
        self._rosters: dict[str, Roster] = {}
        self._known: dict[str, Person] = {}  # many rows of a batch reach the same people
        self._deputies: list[Deputising] | None = None
        self._departments = {row.pk: row.key for row in Department.objects.all()}
        self._offices = {row.pk: row.key for row in Office.objects.all()}

    def notices(self, row: Outbox, now: datetime) -> list[Notice]:
        """Return the notices, not saved, that a row asks for."""
        case, payload = row.case, row.payload
        assert case is not None, "whatever is told is told of a case"
        if payload.get("complainant"):
            return [_notice(case, None, row)]
        if payload["why"] == Notice.Kind.UNATTENDED:
            return self._unattended(row, is_missed=self._lacks_people(case))
        found = self.people(row)
        if not found and payload["why"] in _FOR_SOMEBODY and not payload.get("outsider"):
            found = self.serving(case)
            if not found:
                return self._unattended(row, is_missed=bool(self._door(case).confidants))
        return [_notice(case, person, row) for person in found] or (
            self.undelivered(row) if self._is_missed(row) else []
        )

    def _unattended(self, row: Outbox, *, is_missed: bool) -> list[Notice]:
        """Return a word to the managers, not saved, that somebody must be named on a confidential case."""
        case = row.case
        assert case is not None, "whatever is told is told of a case"
        return [_notice(case, person, row, Notice.Kind.UNATTENDED) for person in managers()] if is_missed else []

    def _lacks_people(self, case: Case) -> bool:
        """Return whether something is owed on the case that nobody whom its list names can do."""
        if not self._door(case).confidants:
            return False
        owed = Duty.objects.filter(case=case, status__in=OWED, is_outsiders=False).select_related("case")
        whose = Q(person__isnull=False) | Q(department__isnull=False) | ~Q(role="")  # nobody's are nobody's anyway
        return any(not self.owing(duty) for duty in owed.filter(whose))

    def undelivered(self, row: Outbox) -> list[Notice]:
        """Return a word to the service department, not saved, that nobody outside was reached."""
        case = row.case
        assert case is not None, "whatever is told is told of a case"
        return [_notice(case, person, row, Notice.Kind.UNDELIVERED) for person in self.serving(case)]

    def serving(self, case: Case) -> list[Person]:
        """Return whoever answers for what nobody else does on a case: its service department.

        Where all of them left or were taken out of the case it is the complaint managers, who see every case.
        """
        return self._allowed(case, self._service(case)) or self._allowed(case, {person.key for person in managers()})

    def owing(self, duty: Duty) -> list[Person]:
        """Return whoever owes a duty."""
        place = {
            "role": duty.role,
            "department": duty.department_id,
            "office": duty.office_id,
            "person": duty.person_id,
        }
        return self._allowed(duty.case, self._people(duty.case, place))

    def holding(self, case: Case, role: str) -> list[Person]:
        """Return whoever holds a role for a case, or where it is empty its boss."""
        place = {"department": case.department_id, "office": case.office_id}
        return self._allowed(case, self._people(case, {"role": role, **place}))

    def _is_missed(self, row: Outbox) -> bool:
        """Return whether it matters that a row reached nobody outside: an act that speaks to them has done so."""
        outsider, case = row.payload.get("outsider"), row.case
        if not outsider or case is None:
            return False
        act = program_of(case).procedure.acts.get(row.payload.get("act") or "")
        return act is None or act.contacts != outsider

    def people(self, row: Outbox) -> list[Person]:
        """Return whom a row reaches, without who did it and who was taken out of the case."""
        case = row.case
        assert case is not None, "whatever is told is told of a case"
        found = self._allowed(case, self._people(case, row.payload) - {row.payload.get("actor")})
        if row.payload.get("why") != Notice.Kind.REFUSED:
            return found
        # No event lets anybody see the case for this: it goes to those who do already.
        seeing = [person for person in found if may_see(case, permissions_of(person))]
        return seeing or self.serving(case)

    def _allowed(self, case: Case, keys: set[str]) -> list[Person]:
        self._known |= people(key for key in keys if key is not None and key not in self._known)
        door = self._door(case)
        known = (self._known[key] for key in sorted(keys & self._known.keys()))
        return [person for person in known if door.admits(person.pk)]

    def _roster(self, case: Case) -> Roster:
        return self._rosters.setdefault(case.policy, Roster(case.policy))

    def _door(self, case: Case) -> Door:
        if case.pk not in self._doors:
            self._doors |= doors_of({case.pk})
        return self._doors[case.pk]

    def _service(self, case: Case) -> set[str]:
        """Return the service department; where the policy has none, the handler, else who answers to nobody."""
        serving = {id for id, department in program_of(case).pack.departments.items() if department.is_service}
        own = self._own(case)
        found = {
            (holding.person, role.id) for holding, role in own if (holding.department or role.department) in serving
        }
        if not found and case.handler_id is not None:
            return self._with_deputies(case, {(f"p{case.handler_id}", "")})
        return self._with_deputies(
            case, found or {(holding.person, role.id) for holding, role in own if role.boss is None}
        )

    def _own(self, case: Case) -> list[tuple[Holding, Role]]:
        """Return the memberships of the organisation's own people."""
        roles, holdings = program_of(case).pack.roles, self._roster(case).holdings
        known = [(holding, roles[holding.role]) for holding in holdings if holding.role in roles]
        return [(holding, role) for holding, role in known if not role.is_external]

    def _people(self, case: Case, payload: dict[str, Any]) -> set[str]:
        if payload.get("person"):
            return self._with_deputies(case, {(f"p{payload['person']}", payload.get("role") or "")})
        roster = self._roster(case)
        if payload.get("outsider"):
            return set(roster.outsiders(payload["outsider"], self._offices.get(payload.get("office") or 0)))
        department = self._departments.get(payload.get("department") or 0)
        if not payload.get("role"):
            # Those of an office see its cases, not those that their department has elsewhere.
            own = [held for held, role in self._own(case) if held.office_id is None or role.of != OFFICE]
            there = {(held.person, held.role) for held in own if department and held.department == department}
            return self._with_deputies(case, there)
        pack = program_of(case).pack
        office = self._offices.get(payload.get("office") or 0)
        role, _department, found = roster.effective(pack, payload["role"], department, office)
        return self._with_deputies(case, {(person, role) for person in found})

    def _with_deputies(self, case: Case, held: set[tuple[str, str]]) -> set[str]:
        """Return these people, each told in a role, with the deputies of those who are away.

        Nothing of a case goes to the deputy of somebody whom it keeps out.
        """
        if self._deputies is None:
            self._deputies = standing_now(now=timezone.now())
        found = {person for person, _role in held}
        if not self._deputies:
            return found
        door = self._door(case)
        return found | {
            each.deputy
            for each in self._deputies
            for person, role in held
            if each.absent == person and each.is_for(case.policy, role) and door.admits(person_id(person))
        }


def _notice(case: Case, person: Person | None, row: Outbox, kind: Notice.Kind | None = None) -> Notice:
    payload = row.payload
    known = Notice.Kind(payload["why"]) if payload["why"] in Notice.Kind.values else Notice.Kind.OTHER
    return Notice(
        person=person,
        case=case,
        kind=kind or known,
        act=payload.get("act") or "",
        duty=payload.get("duty") or "",
        instance=payload.get("instance"),
        clauses=payload.get("clauses") or [],
        due_at=_instant(payload.get("due_at")),
        at=datetime.fromtimestamp(payload["at"], UTC),
        dedupe="/".join([row.dedupe, str(person.pk) if person else "complainant", *([kind] if kind else [])]),
    )


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def postpone(row: Outbox, error: Exception, now: datetime) -> None:
    """Try a row again later, longer each time; the reason is kept."""
    wait = timedelta(seconds=30 * 2 ** min(row.attempts, 10))
    Outbox.objects.filter(pk=row.pk).update(
        available_at=now + wait, lease_until=None, attempts=row.attempts + 1, error=mask_text(repr(error))[:1000]
    )
