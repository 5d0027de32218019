"""Keeping and removing: what the policy's time for keeping is over of, now and later, and the removal itself."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from ombud.cases import attachments
from ombud.cases.access.permissions import permissions_of, scoped
from ombud.cases.errors import CaseError
from ombud.cases.keeping import holds
from ombud.cases.keeping.erasure import erase
from ombud.cases.keeping.holds import OnHold
from ombud.cases.models import Attachment, Case, LegalHold, Removal
from ombud.cases.reading import register
from ombud.cases.reading.paging import PAGE, Page, by_instant, instant_cursor
from ombud.cases.reading.register import CaseLine
from ombud.organisation import library
from ombud.organisation.models import Person, PolicyVersion
from ombud.policy.documents import END, RECEIPT
from ombud.policy.model.limits import Limit
from ombud.policy.model.records import Retention
from ombud.policy.vocabulary import EVIDENCE
from ombud.worktime import Unit

_EVER = datetime(1900, 1, 1, tzinfo=UTC)  # before which nothing came in
_COUNTED = {END: "closed_at", RECEIPT: "received_at"}  # from when the time for keeping runs
_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}
READ = 500  # cases looked at in one step


class NotDue(CaseError):
    """The time to keep it is not over, or another case of the same complainant must still be kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DueForRemoval:
    """A case that has been kept for as long as the policy says."""

    line: CaseLine
    ended_at: datetime
    clauses: tuple[str, ...]
    hold: LegalHold | None  # it stays for as long as this is in force


def due(
    reader: Person,
    *,
    policy: str,
    kind: str,
    at: datetime,
    now: datetime,
    cursor: str | None = None,
    limit: int = PAGE,
) -> Page[DueForRemoval]:
    """Return the cases of a policy whose keeping is over at an instant, what ended first coming first.

    `kind` is case or evidence. Nothing that has not ended is among them, however long ago it was received. Each case
    goes by the version that it ended under. What was removed is not listed again.
    """
    standing = permissions_of(reader)
    rows = scoped(standing, is_leading=False).filter(_over(policy, kind, at), _is_left(kind), policy=policy)
    if (last := by_instant(cursor)) is not None:
        rows = rows.filter(closed_at__gte=last[0]).filter(Q(closed_at__gt=last[0]) | Q(pk__gt=last[1]))
    found = list(register.whole(rows).order_by("closed_at", "pk")[: limit + 1])
    shown = found[:limit]
    held = {hold.case_id: hold for hold in holds.in_force(now=now).filter(case__in=shown)}
    return Page(
        rows=tuple(
            DueForRemoval(
                line=register.line(case, standing, now),
                ended_at=case.closed_at or now,
                clauses=rule_of(case, kind).cite,
                hold=held.get(case.pk),
            )
            for case in shown
        ),
        after=instant_cursor(shown[-1].closed_at or now, shown[-1].pk) if len(found) > limit else None,
    )


def counts(policy: str, kind: str, instants: Sequence[datetime], *, now: datetime) -> tuple[list[int], int]:
    """Return how many cases of a policy are due at each instant, and how many of the last are on hold; one query."""
    over = {f"at{place}": Count("pk", filter=_over(policy, kind, at)) for place, at in enumerate(instants)}
    on_hold = _is_on_hold(kind, now)
    rows = Case.objects.filter(_is_left(kind), policy=policy, closed_at__isnull=False)
    found = rows.aggregate(**over, held=Count("pk", filter=_over(policy, kind, instants[0]) & on_hold))
    return [found[name] for name in over], found["held"]


def removable(policy: str, kind: str, *, now: datetime, limit: int) -> list[str]:
    """Return the numbers of the cases that may be removed now: due, on no hold, and so all others of the person."""
    rows = Case.objects.filter(_over(policy, kind, now), _is_left(kind), ~_is_on_hold(kind, now), policy=policy)
    found: list[str] = []
    last = 0
    while len(found) < limit:
        batch = list(rows.filter(pk__gt=last).order_by("pk")[:READ])
        if not batch:
            break
        last = batch[-1].pk
        kept = set() if kind == EVIDENCE else _whose_others_are_kept(batch, kind, now)
        found += [case.reference for case in batch if case.complainant_id not in kept]
    return found[:limit]


def remove(case: Case, kind: str, *, by: Person | None, now: datetime) -> Removal:
    """Remove a case's personal data, or its evidence, whose time is over; events, proofs and statistics stay.

    `by` is who released it, None where the policy lets the clock. It cannot be undone. Raises NotDue, OnHold.
    """
    with transaction.atomic():
        fresh = Case.objects.select_for_update(of=("self",)).select_related("complainant").get(pk=case.pk)
        if not _is_due(fresh, kind, now):
            raise NotDue
        if kind == EVIDENCE:
            if holds.in_force(now=now).filter(case=fresh).exists():
                raise OnHold
            files = list(Attachment.objects.filter(case=fresh))
            attachments.erase(files)
        elif fresh.complainant is None:  # a matter that nobody complained in has no key: its own hold keeps it
            if holds.in_force(now=now).filter(case=fresh).exists():
                raise OnHold
        else:
            if _whose_others_are_kept([fresh], kind, now):
                raise NotDue
            erase(fresh.complainant, now=now, by=by)
        clauses = list(rule_of(fresh, kind).cite)
        return Removal.objects.create(
            reference=fresh.reference, kind=kind, clauses=clauses, removed_by=by, removed_at=now
        )


def before(keep: Limit, now: datetime) -> datetime:
    """Return the instant so long ago: what ended, or was received, before it has been kept long enough."""
    assert keep.length is not None, "the loader takes only a length"
    assert keep.unit is not None, "a length has a unit"
    try:
        if keep.unit in _MONTHS:
            return max(months_on(now, -keep.length * _MONTHS[keep.unit]), _EVER)
        return max(now - timedelta(days=keep.length * _DAYS[keep.unit]), _EVER)
    except (ValueError, OverflowError):  # so long that no calendar reaches back: kept for good
        return _EVER


def months_on(at: datetime, months: int) -> datetime:
    """Return the same day so many months on (back where negative), or the last of a month that has none such."""
    month = at.year * 12 + at.month - 1 + months
    year, number = month // 12, month % 12 + 1
    return at.replace(year=year, month=number, day=min(at.day, monthrange(year, number)[1]))


def rule_of(case: Case, kind: str) -> Retention:
    """Return what the version that a case ended under says of keeping it. Raises KeyError where it says nothing."""
    return library.pack(library.hash_of(case.policy_version_id)).retention[kind]


def _over(policy: str, kind: str, at: datetime) -> Q:
    """Return the condition that the time for keeping is over."""
    over = Q(pk__in=())
    for version, rule in _rules(policy, kind):
        over |= Q(policy_version=version, **{f"{_COUNTED[rule.since]}__lt": before(rule.keep, at)})
    return over & Q(closed_at__isnull=False)


def _is_left(kind: str) -> Q:
    """Return the condition that there is something left to remove."""
    if kind == EVIDENCE:
        return Q(Exists(Attachment.objects.filter(case=OuterRef("pk"), content__isnull=False)))
    return Q(complainant__erased_at=None) & ~Q(
        Exists(Removal.objects.filter(reference=OuterRef("reference"), kind=kind))
    )


def _is_on_hold(kind: str, now: datetime) -> Q:
    """Return the condition that a hold keeps it: one of the case itself, or of another case of the same person."""
    held = holds.in_force(now=now)
    own = Q(Exists(held.filter(case=OuterRef("pk"))))
    return own if kind == EVIDENCE else own | Q(Exists(held.filter(case__complainant=OuterRef("complainant"))))


def _rules(policy: str, kind: str) -> Iterator[tuple[int, Retention]]:
    """Yield every published version of a policy that says how long this is kept."""
    rows = PolicyVersion.objects.filter(policy=policy, status=PolicyVersion.Status.PUBLISHED)
    for pk, pack_hash in rows.values_list("pk", "hash"):
        rule = library.pack(pack_hash).retention.get(kind)
        if rule is not None:
            yield pk, rule


def _is_due(case: Case, kind: str, now: datetime) -> bool:
    rule = library.pack(library.hash_of(case.policy_version_id)).retention.get(kind)
    if rule is None or case.closed_at is None:
        return False
    since = case.received_at if rule.since == RECEIPT else case.closed_at
    return since < before(rule.keep, now)


def _whose_others_are_kept(cases: Sequence[Case], kind: str, now: datetime) -> set[object]:
    """Return the complainants of these cases who have another case that must be kept."""
    mine = {case.complainant_id for case in cases} - {None}
    rows = Case.objects.filter(complainant__in=mine)
    return {case.complainant_id for case in rows if not _is_due(case, kind, now)}
