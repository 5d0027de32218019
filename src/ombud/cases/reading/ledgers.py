"""What people read of ledgers: entries, and sums for whoever manages or audits the policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum

from ombud.cases.access.permissions import Permissions, permissions_of, scoped
from ombud.cases.errors import Forbidden
from ombud.cases.models import Case, LedgerEntry
from ombud.cases.reading.paging import PAGE, Page, by_id
from ombud.organisation.models import Person


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerLine:
    """One entry of a ledger."""

    entry: LedgerEntry  # with case and person loaded
    case: Case | None  # None for a reader who may not see it


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerSum:
    """What stands against one person in a ledger."""

    person: Person
    entries: int
    points: int


def entries(
    reader: Person,
    *,
    policy: str,
    ledger: str,
    person: int | None = None,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    cursor: str | None = None,
    limit: int = PAGE,
) -> Page[LedgerLine]:
    """Return the entries of a ledger, newest first: all to who manages or audits the policy, to others their own."""
    permissions = permissions_of(reader)
    rows = LedgerEntry.objects.filter(policy=policy, ledger=ledger)
    if not _sees_all(permissions, policy):
        rows = rows.filter(person=reader)
    if person is not None:
        rows = rows.filter(person=person)
    if from_at is not None:
        rows = rows.filter(at__gte=from_at)
    if to_at is not None:
        rows = rows.filter(at__lt=to_at)
    if (last := by_id(cursor)) is not None:
        rows = rows.filter(pk__lt=last)
    found = list(rows.select_related("case", "person").order_by("-pk")[: limit + 1])
    seen = _seen(permissions, [row.case_id for row in found])
    return Page(
        rows=tuple(LedgerLine(entry=row, case=row.case if row.case_id in seen else None) for row in found[:limit]),
        after=str(found[limit - 1].pk) if len(found) > limit else None,
    )


def sums(
    reader: Person, *, policy: str, ledger: str, from_at: datetime | None = None, to_at: datetime | None = None
) -> tuple[LedgerSum, ...]:
    """Return what stands against each person in a span of time, most points first. Others than managers: Forbidden."""
    if not _sees_all(permissions_of(reader), policy):
        raise Forbidden
    rows = LedgerEntry.objects.filter(policy=policy, ledger=ledger)
    if from_at is not None:
        rows = rows.filter(at__gte=from_at)
    if to_at is not None:
        rows = rows.filter(at__lt=to_at)
    totals = {row["person"]: row for row in rows.values("person").annotate(number=Count("pk"), total=Sum("points"))}
    found = [
        LedgerSum(person=person, entries=totals[person.pk]["number"], points=totals[person.pk]["total"] or 0)
        for person in Person.objects.filter(pk__in=totals)
    ]
    return tuple(sorted(found, key=lambda each: (-each.points, each.person.username)))


def _sees_all(permissions: Permissions, policy: str) -> bool:
    return permissions.sees_all or policy in permissions.full_policies


def _seen(permissions: Permissions, cases: list[int]) -> set[int]:
    return set(scoped(permissions, is_leading=False).filter(pk__in=cases).values_list("pk", flat=True))
