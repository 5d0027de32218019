"""Training as readers may see it: the records of a policy, and who of its people may do what the trained may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from ombud.cases.access.permissions import Permissions, permissions_of
from ombud.cases.errors import Forbidden
from ombud.cases.reading.paging import PAGE, Page, by_id
from ombud.organisation import library, publishing
from ombud.organisation.models import ADMINISTRATOR, Membership, Person, TrainingRecord
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Exam
from ombud.texts import Text

VALID, EXPIRED, REVOKED, MISSING = "valid", "expired", "revoked", "missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingLine:
    """One training record."""

    record: TrainingRecord  # with person and recorded_by loaded
    exam: Text
    status: str  # valid, expired, revoked


@dataclass(frozen=True, kw_only=True, slots=True)
class RollLine:
    """One of a policy's people and one of its exams."""

    person: Person
    exam: str
    title: Text
    status: str  # valid, expired, missing
    record: TrainingRecord | None  # the one that counts, or the last that did


def may_record(person: Person, policy: str) -> bool:
    """Return whether somebody keeps the training records: managers, administrators, the service department."""
    return _keeps(permissions_of(person), policy)


def records(
    reader: Person,
    *,
    policy: str,
    now: datetime,
    exam: str = "",
    person: int | None = None,
    cursor: str | None = None,
    limit: int = PAGE,
) -> Page[TrainingLine]:
    """Return the training records of a policy, newest first: all to who keeps or audits them, to others their own."""
    rows = TrainingRecord.objects.filter(_seen_by(reader, policy), policy=policy)
    if exam:
        rows = rows.filter(exam=exam)
    if person is not None:
        rows = rows.filter(person=person)
    if (last := by_id(cursor)) is not None:
        rows = rows.filter(pk__lt=last)
    found = list(rows.select_related("person", "recorded_by", "revoked_by").order_by("-pk")[: limit + 1])
    exams, today = _exams(policy), _today(now)
    shown = tuple(
        TrainingLine(record=row, exam=_title(exams, row.exam), status=_status(row, today)) for row in found[:limit]
    )
    return Page(rows=shown, after=str(found[limit - 1].pk) if len(found) > limit else None)


def roll(reader: Person, *, policy: str, now: datetime) -> tuple[RollLine, ...]:
    """Return, for each exam, the people whose roles have acts that ask for it, and where they stand with it.

    Who neither keeps nor audits the records is Forbidden.
    """
    if not sees_records(permissions_of(reader), policy):
        raise Forbidden
    pack, today = _pack(policy), _today(now)
    asked = _asked(pack) if pack else {}
    best: dict[tuple[int, str], TrainingRecord] = {}
    for row in TrainingRecord.objects.filter(policy=policy, revoked_at=None, passed_on__lte=today):
        known = best.get((row.person_id, row.exam))
        if known is None or _ends(row) >= _ends(known):
            best[row.person_id, row.exam] = row
    roles: dict[Person, set[str]] = {}
    held_by = Membership.objects.filter(policy=policy, person__is_active=True).select_related("person")
    for membership in held_by.order_by("person__username"):
        roles.setdefault(membership.person, set()).add(membership.role)
    return tuple(
        RollLine(
            person=person,
            exam=exam.id,
            title=exam.title,
            status=_status(held, today) if (held := best.get((person.pk, exam.id))) else MISSING,
            record=held,
        )
        for person, held_roles in roles.items()
        for exam in (pack.exams.values() if pack else ())
        if held_roles & asked[exam.id]
    )


def _seen_by(reader: Person, policy: str) -> Q:
    return Q() if sees_records(permissions_of(reader), policy) else Q(person=reader)


def sees_records(permissions: Permissions, policy: str) -> bool:
    """Return whether somebody sees everybody's records: who keeps or audits them."""
    return permissions.is_auditor or _keeps(permissions, policy)


def _keeps(permissions: Permissions, policy: str) -> bool:
    if permissions.is_manager or policy in permissions.full_policies:
        return True
    return Membership.objects.filter(person=permissions.person, policy="", role=ADMINISTRATOR).exists()


def _pack(policy: str) -> Pack | None:
    version = publishing.latest(policy)
    return library.pack(version.hash) if version else None


def _exams(policy: str) -> Mapping[str, Exam]:
    pack = _pack(policy)
    return pack.exams if pack else {}


def _asked(pack: Pack) -> Mapping[str, set[str]]:
    """Return the roles whose acts ask for each exam."""
    found: dict[str, set[str]] = {exam: set() for exam in pack.exams}
    for procedure in pack.procedures.values():
        for act in procedure.acts.values():
            if act.qualified:
                found[act.qualified].update(act.by)
    return found


def _title(exams: Mapping[str, Exam], exam: str) -> Text:
    return exams[exam].title if exam in exams else {"zh": exam, "en": exam}


def _status(row: TrainingRecord, today: date) -> str:
    if row.revoked_at is not None:
        return REVOKED
    return VALID if _ends(row) >= today else EXPIRED


def _ends(row: TrainingRecord) -> date:
    return row.valid_until or date.max


def _today(now: datetime) -> date:
    return timezone.localdate(now, timezone.get_default_timezone())
