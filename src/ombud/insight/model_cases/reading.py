"""The library as readers see it: what is published to all who work under the policy, what waits to who decides."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from ombud.cases.access.permissions import Permissions, scoped
from ombud.cases.models import Case
from ombud.cases.reading.paging import PAGE, Page, by_instant_and_uuid, instant_cursor
from ombud.insight.model_cases.choosing import may_choose
from ombud.insight.model_cases.models import ModelCase

Status = ModelCase.Status


def policies_of(permissions: Permissions, known: Collection[str]) -> tuple[str, ...]:
    """Return the policies whose library the reader may look into: those that they work under."""
    return tuple(each for each in known if permissions.sees_all or each in permissions.policies)


def _seen(permissions: Permissions, policies: Collection[str]) -> Q:
    chosen = [each for each in policies if may_choose(permissions, each)]
    return Q(policy__in=policies, status=Status.PUBLISHED) | Q(policy__in=chosen)


def listed(
    permissions: Permissions,
    policies: Collection[str],
    *,
    status: str = Status.PUBLISHED,
    kind: str = "",
    cause: str = "",
    said: str = "",
    cursor: str | None = None,
) -> Page[ModelCase]:
    """Return model cases, written last first; `said` stands in their words. Raises NotOurs for a strange cursor."""
    rows = ModelCase.objects.filter(_seen(permissions, policies), status=status).select_related("written_by", "case")
    if kind:
        rows = rows.filter(kind=kind)
    if cause:
        rows = rows.filter(cause=cause)
    for word in said.split()[:8]:
        rows = rows.filter(Q(title__icontains=word) | Q(story__icontains=word) | Q(lesson__icontains=word))
    if (last := by_instant_and_uuid(cursor)) is not None:
        at, key = last
        rows = rows.filter(Q(written_at__lt=at) | Q(written_at=at, pk__lt=key))
    found = list(rows.order_by("-written_at", "-pk")[: PAGE + 1])
    more = len(found) > PAGE
    return Page(
        rows=tuple(found[:PAGE]),
        after=instant_cursor(found[PAGE - 1].written_at, found[PAGE - 1].pk) if more else None,
    )


def waiting(permissions: Permissions, policies: Collection[str]) -> int:
    """Return how many model cases wait for the reader: proposed by others, under policies that they decide for."""
    mine = [each for each in policies if may_choose(permissions, each)]
    rows = ModelCase.objects.filter(policy__in=mine, status=Status.PROPOSED)
    return rows.exclude(written_by=permissions.person).count() if mine else 0


def one(permissions: Permissions, policies: Collection[str], key: UUID) -> ModelCase | None:
    """Return one model case; None where there is none for the reader."""
    rows = ModelCase.objects.filter(_seen(permissions, policies), pk=key)
    return rows.select_related("written_by", "decided_by", "case").first()


def case_behind(permissions: Permissions, row: ModelCase) -> Case | None:
    """Return the case where the reader may see it, too."""
    return scoped(permissions, is_leading=False).filter(pk=row.case_id).first()


def cases_behind(permissions: Permissions, rows: Collection[ModelCase]) -> dict[UUID, str]:
    """Return the numbers of the cases that the reader may see, too, by their model cases."""
    seen = scoped(permissions, is_leading=False).filter(pk__in=[row.case_id for row in rows])
    known = {case.pk: str(case) for case in seen}
    return {row.pk: known[row.case_id] for row in rows if row.case_id in known}


def published_between(policy: str, begin: datetime, end: datetime) -> tuple[ModelCase, ...]:
    """Return what a policy's library took in within a span, good ones first."""
    rows = ModelCase.objects.filter(
        policy=policy, status=Status.PUBLISHED, decided_at__gte=begin, decided_at__lt=end
    ).select_related("case")
    return tuple(rows.order_by("-kind", "decided_at", "pk"))
