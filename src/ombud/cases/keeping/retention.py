"""Keeping and removing: what the policy's time for keeping is over of, legal holds, and the removal itself."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from ombud.cases import attachments
from ombud.cases.access.permissions import permissions_of, scoped
from ombud.cases.errors import CaseError, Forbidden
from ombud.cases.keeping.erasure import OnHold, erase
from ombud.cases.models import Attachment, Case, LegalHold, Removal
from ombud.cases.reading import register
from ombud.cases.reading.paging import PAGE, Page, by_instant, instant_cursor
from ombud.cases.reading.register import CaseLine
from ombud.organisation import library
from ombud.organisation.models import Person, PolicyVersion
from ombud.policy.documents import END, RECEIPT
from ombud.policy.model.limits import Limit
from ombud.policy.model.records import Retention
from ombud.policy.plain_text import plain
from ombud.policy.vocabulary import CASE, EVIDENCE
from ombud.worktime import Unit

_COUNTED = {END: "closed_at", RECEIPT: "received_at"}  # from when the time for keeping runs
_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}


class HoldError(CaseError):
    """A legal hold needs a reason."""


class NotDue(CaseError):
    """The time to keep it is not over, or another case of the same complainant must still be kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DueForRemoval:
    """A case that has been kept for as long as the policy says."""

    line: CaseLine
    ended_at: datetime
    clauses: tuple[str, ...]
    hold: LegalHold | None  # it stays for as long as this is not lifted


def due(
    reader: Person, *, policy: str, kind: str = CASE, now: datetime, cursor: str | None = None, limit: int = PAGE
) -> Page[DueForRemoval]:
    """Return the cases of a policy whose keeping is over, what ended first coming first; `kind` is case or evidence.

    Nothing that has not ended is among them, however long ago it was received. Each case goes by the version that it
    ended under. What was removed is not listed again.
    """
    standing = permissions_of(reader)
    over, cites = Q(pk__in=()), {}
    for version, rule in _rules(policy, kind):
        over |= Q(policy_version=version, **{f"{_COUNTED[rule.since]}__lt": before(rule.keep, now)})
        cites[version] = rule.cite
    kept = Attachment.objects.filter(case=OuterRef("pk")).exclude(stored_as="")
    rows = scoped(standing, is_leading=False).filter(over, policy=policy, closed_at__isnull=False)
    rows = rows.filter(Exists(kept)) if kind == EVIDENCE else rows.filter(complainant__erased_at=None)
    if (last := by_instant(cursor)) is not None:
        rows = rows.filter(closed_at__gte=last[0]).filter(Q(closed_at__gt=last[0]) | Q(pk__gt=last[1]))
    found = list(register.whole(rows).order_by("closed_at", "pk")[: limit + 1])
    shown = found[:limit]
    holds = {hold.case_id: hold for hold in LegalHold.objects.filter(case__in=shown, lifted_at=None)}
    return Page(
        rows=tuple(
            DueForRemoval(
                line=register.line(case, standing, now),
                ended_at=case.closed_at or now,
                clauses=cites[case.policy_version_id],
                hold=holds.get(case.pk),
            )
            for case in shown
        ),
        after=instant_cursor(shown[-1].closed_at or now, shown[-1].pk) if len(found) > limit else None,
    )


def remove(case: Case, kind: str, *, by: Person, now: datetime) -> Removal:
    """Remove a case's personal data, or its evidence, whose time is over; events, proofs and statistics stay.

    Only a manager may, and it cannot be undone. Raises Forbidden, NotDue, OnHold.
    """
    if not permissions_of(by).is_manager:
        raise Forbidden
    with transaction.atomic():
        fresh = Case.objects.select_for_update(of=("self",)).select_related("complainant").get(pk=case.pk)
        clauses = _clauses_if_due(fresh, kind, now)
        if clauses is None:
            raise NotDue
        if kind == EVIDENCE:
            if LegalHold.objects.filter(case=fresh, lifted_at=None).exists():
                raise OnHold
            files = list(Attachment.objects.filter(case=fresh))
            transaction.on_commit(lambda: attachments.erase(files))
        elif fresh.complainant is not None:
            others = Case.objects.filter(complainant=fresh.complainant).exclude(pk=fresh.pk)
            if any(_clauses_if_due(other, kind, now) is None for other in others):
                raise NotDue
            erase(fresh.complainant, now=now, by=by)
        return Removal.objects.create(
            reference=fresh.reference, kind=kind, clauses=list(clauses), removed_by=by, removed_at=now
        )


def hold(case: Case, *, reason: str, by: Person, now: datetime) -> LegalHold:
    """Keep a case whole until the hold is lifted. Raises HoldError without a reason, Forbidden for non-managers."""
    if not permissions_of(by).is_manager:
        raise Forbidden
    reason = plain(reason, lines=True)
    if not reason:
        raise HoldError
    return LegalHold.objects.create(case=case, reason=reason, placed_by=by, placed_at=now)


def lift(placed: LegalHold, *, by: Person, now: datetime) -> None:
    """End a hold; lifting it again changes nothing. Raises Forbidden for non-managers."""
    if not permissions_of(by).is_manager:
        raise Forbidden
    LegalHold.objects.filter(pk=placed.pk, lifted_at=None).update(lifted_by=by, lifted_at=now)


def before(keep: Limit, now: datetime) -> datetime:
    """Return the instant so long ago: what ended, or was received, before it has been kept long enough."""
    assert keep.length is not None, "the loader takes only a length"
    assert keep.unit is not None, "a length has a unit"
    if keep.unit in _MONTHS:
        month = now.year * 12 + now.month - 1 - keep.length * _MONTHS[keep.unit]
        year, number = month // 12, month % 12 + 1
        return now.replace(year=year, month=number, day=min(now.day, monthrange(year, number)[1]))
    return now - timedelta(days=keep.length * _DAYS[keep.unit])


def _rules(policy: str, kind: str) -> Iterator[tuple[int, Retention]]:
    """Yield every published version of a policy that says how long this is kept."""
    rows = PolicyVersion.objects.filter(policy=policy, status=PolicyVersion.Status.PUBLISHED)
    for pk, pack_hash in rows.values_list("pk", "hash"):
        rule = library.pack(pack_hash).retention.get(kind)
        if rule is not None:
            yield pk, rule


def _clauses_if_due(case: Case, kind: str, now: datetime) -> tuple[str, ...] | None:
    rule = library.pack(library.hash_of(case.policy_version_id)).retention.get(kind)
    if rule is None or case.closed_at is None:
        return None
    since = case.received_at if rule.since == RECEIPT else case.closed_at
    if since >= before(rule.keep, now):
        return None
    return rule.cite
