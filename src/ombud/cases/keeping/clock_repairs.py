"""The clock was set back after acts ahead of it: one person asks that these cases go on from now, another decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from ombud.cases import tasks
from ombud.cases.errors import CaseError, Forbidden, NothingAhead, ReasonMissing
from ombud.cases.fold import seconds
from ombud.cases.models import Case, ClockRepair, Event
from ombud.organisation.models import ADMINISTRATOR, MANAGER, Membership, Person
from ombud.policy.plain_text import plain

LATEST = 20
NAMED = 50  # cases that are named


class AskedBefore(CaseError):
    """Their request waits for a decision already."""


class OwnRequest(CaseError):
    """Nobody decides on their own request: another manager does."""


class DecidedBefore(CaseError):
    """It was decided before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ahead:
    """What lies ahead of the clock now."""

    cases: int
    until: datetime | None  # the last entry
    references: tuple[str, ...]  # of some of them, the furthest ahead first


def ahead(*, now: datetime) -> Ahead:
    """Return the cases whose last entries lie ahead of `now`."""
    found = list(_last_events(now).order_by("-recorded", "case").values_list("case__reference", "recorded"))
    until = datetime.fromtimestamp(found[0][1], now.tzinfo) if found else None
    return Ahead(cases=len(found), until=until, references=tuple(each for each, _at in found[:NAMED]))


def can_ask(person: Person) -> bool:
    """Return whether the person asks for a repair: managers, and administrators, who set clocks right."""
    return Membership.objects.filter(person=person, policy="", role__in=(MANAGER, ADMINISTRATOR)).exists()


def can_decide(person: Person) -> bool:
    """Return whether the person decides on what somebody else asked for: a manager."""
    return Membership.objects.filter(person=person, policy="", role=MANAGER).exists()


def ask(*, reason: str, by: Person, now: datetime) -> ClockRepair:
    """Ask that every case ahead of the clock go on from when it is approved.

    Raises Forbidden, ReasonMissing, NothingAhead, AskedBefore.
    """
    reason = plain(reason)[:500]
    if not can_ask(by):
        raise Forbidden
    if not reason:
        raise ReasonMissing
    if not _last_events(now).exists():
        raise NothingAhead
    try:
        with transaction.atomic():
            return ClockRepair.objects.create(reason=reason, asked_by=by, asked_at=now)
    except IntegrityError as error:
        raise AskedBefore from error


def approve(request: ClockRepair, *, by: Person, now: datetime) -> int:
    """Have the clock repair every case that lies ahead of it now, and return how many these are.

    Raises Forbidden for non-managers, OwnRequest, DecidedBefore, NothingAhead.
    """
    with transaction.atomic():
        row = _to_decide(request)
        if not can_decide(by):
            raise Forbidden
        if row.asked_by_id == by.pk:
            raise OwnRequest
        cases = list(Case.objects.filter(pk__in=_last_events(now).values("case")).order_by("pk"))
        if not cases:
            raise NothingAhead
        _decide(row, by, now, is_approved=True, cases=len(cases))
        tasks.ask_all(tasks.REPAIR, [(each, f"{row.pk}/{each.pk}", {"repair": row.pk}) for each in cases], now=now)
    return len(cases)


def decline(request: ClockRepair, *, by: Person, now: datetime) -> None:
    """Let things be as they are; who asked may take it back so. Raises Forbidden, DecidedBefore."""
    with transaction.atomic():
        row = _to_decide(request)
        if row.asked_by_id != by.pk and not can_decide(by):
            raise Forbidden
        _decide(row, by, now, is_approved=False, cases=None)


def waiting() -> list[ClockRepair]:
    """Return what waits for a decision, oldest first."""
    return list(ClockRepair.objects.filter(decided_at=None).select_related("asked_by").order_by("id"))


def decided() -> list[ClockRepair]:
    """Return what was decided, newest first."""
    rows = ClockRepair.objects.exclude(decided_at=None).select_related("asked_by", "decided_by")
    return list(rows.order_by("-decided_at", "-id")[:LATEST])


def _last_events(now: datetime) -> QuerySet[Event]:
    """Return the last event of each case that was recorded later than it is."""
    return Event.objects.filter(recorded__gt=seconds(now), seq=F("case__seq"))


def _to_decide(request: ClockRepair) -> ClockRepair:
    row = ClockRepair.objects.select_for_update().get(pk=request.pk)
    if row.decided_at is not None:
        raise DecidedBefore
    return row


def _decide(row: ClockRepair, by: Person, now: datetime, *, is_approved: bool, cases: int | None) -> None:
    row.decided_by, row.decided_at, row.is_approved, row.cases = by, now, is_approved, cases
    row.save(update_fields=["decided_by", "decided_at", "is_approved", "cases"])
