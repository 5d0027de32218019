"""Removal lists: what is due is put on a list, managers let it go, the clock removes it in small batches."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet

from ombud.cases.access.kept_out import admitting
from ombud.cases.access.permissions import permissions_of
from ombud.cases.errors import CaseError, Forbidden
from ombud.cases.keeping import retention
from ombud.cases.keeping.holds import OnHold
from ombud.cases.models import Case, ListedCase, RemovalList
from ombud.organisation import library, publishing
from ombud.organisation.models import Person
from ombud.policy.documents import BY_CLOCK, BY_TWO
from ombud.policy.model.pack import Pack
from ombud.policy.model.records import Retention
from ombud.policy.vocabulary import KEPT

log = logging.getLogger(__name__)

BATCH = 10  # cases in one transaction: acts wait for no more
LISTED = 1000  # cases on one list; the next takes the others
LATEST = 30
_OUTCOMES = {each.value: Count("listed", filter=Q(listed__outcome=each)) for each in ListedCase.Outcome}


class NothingDue(CaseError):
    """Nothing is due for removal, or all that is due is held."""


class ListedBefore(CaseError):
    """What is due is on a list already."""


class OwnList(CaseError):
    """The policy asks for two managers: another one releases the list."""


class SettledBefore(CaseError):
    """The list was released or dropped before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What a policy in force says of keeping one thing."""

    pack: Pack
    rule: Retention


def rules(*, now: datetime) -> Iterator[Kept]:
    """Yield what every policy in force says of how long it keeps cases and evidence."""
    for version in publishing.policies_in_force(now=now):
        pack = library.pack(version.hash)
        yield from (Kept(pack=pack, rule=pack.retention[kind]) for kind in KEPT if kind in pack.retention)


def make(policy: str, kind: str, *, by: Person, now: datetime) -> RemovalList:
    """List what may be removed; where the policy asks for one manager only, this releases it.

    Raises Forbidden for non-managers, NothingDue, ListedBefore.
    """
    if not permissions_of(by).is_manager:
        raise Forbidden
    rule = next((each.rule for each in rules(now=now) if (each.pack.id, each.rule.id) == (policy, kind)), None)
    is_released = rule is None or rule.release != BY_TWO  # a policy that is in force no more asks for one
    return _listed(policy, kind, by=by, is_released=is_released, now=now)


def make_by_itself(*, now: datetime) -> int:
    """List what is due under policies that let the clock remove it, and return how many lists that are."""
    made = 0
    for kept in rules(now=now):
        if kept.rule.release == BY_CLOCK:
            try:
                _listed(kept.pack.id, kept.rule.id, by=None, is_released=True, now=now)
            except (NothingDue, ListedBefore):
                continue
            made += 1
    return made


def release(row: RemovalList, *, by: Person, now: datetime) -> None:
    """Let the clock remove what is on a list. Raises Forbidden for non-managers, OwnList, SettledBefore."""
    if not permissions_of(by).is_manager:
        raise Forbidden
    if row.made_by_id == by.pk:
        raise OwnList
    if not _unsettled(row).update(released_by=by, released_at=now):
        raise SettledBefore


def drop(row: RemovalList, *, by: Person, now: datetime) -> None:
    """Let a list be that waits for its release. Raises Forbidden for non-managers, SettledBefore."""
    if not permissions_of(by).is_manager:
        raise Forbidden
    if not _unsettled(row).update(dropped_by=by, finished_at=now):
        raise SettledBefore


def run(*, now: datetime) -> int:
    """Remove the next few cases of a released list and return how many were looked at; call again while some were."""
    row = RemovalList.objects.filter(released_at__lte=now, finished_at=None).order_by("released_at", "id").first()
    if row is None:
        return 0
    with transaction.atomic():
        waiting = row.listed.filter(outcome=ListedCase.Outcome.WAITS).order_by("id")
        batch = list(waiting.select_for_update(skip_locked=True)[:BATCH])
        for listed in batch:
            listed.outcome, listed.at = _removed(row, listed.reference, now), now
            listed.save(update_fields=["outcome", "at"])
        if not waiting.exists():
            RemovalList.objects.filter(pk=row.pk).update(finished_at=now)
    return len(batch)


def latest(*, limit: int = LATEST) -> list[RemovalList]:
    """Return the newest lists, with how many of their cases came to what (`waits`, `removed`, ...)."""
    return list(with_outcomes().order_by("-made_at", "-id")[:limit])


def with_outcomes() -> QuerySet[RemovalList]:
    """Return the lists with whoever settled them and how many of their cases came to what."""
    rows = RemovalList.objects.select_related("made_by", "released_by", "dropped_by")
    return rows.annotate(number=Count("listed"), **_OUTCOMES)


def lines(row: RemovalList, reader: Person) -> list[ListedCase]:
    """Return the cases of a list, by number; none that the reader is kept out of."""
    return list(row.listed.filter(admitting(reader, case__reference="reference")).order_by("reference"))


def _listed(policy: str, kind: str, *, by: Person | None, is_released: bool, now: datetime) -> RemovalList:
    if RemovalList.objects.filter(policy=policy, kind=kind, finished_at=None).exists():
        raise ListedBefore
    references = retention.removable(policy, kind, now=now, limit=LISTED)
    if not references:
        raise NothingDue
    try:
        with transaction.atomic():
            row = RemovalList.objects.create(
                policy=policy,
                kind=kind,
                due_at=now,
                made_by=by,
                made_at=now,
                released_by=by if is_released else None,
                released_at=now if is_released else None,
            )
            ListedCase.objects.bulk_create([ListedCase(list=row, reference=each) for each in references])
    except IntegrityError as error:
        raise ListedBefore from error
    return row


def _unsettled(row: RemovalList) -> QuerySet[RemovalList]:
    return RemovalList.objects.filter(pk=row.pk, released_at=None, finished_at=None)


def _removed(row: RemovalList, reference: str, now: datetime) -> ListedCase.Outcome:
    """Remove one case, or its evidence, and return what came of it; asked anew, as much may have happened since."""
    try:
        with transaction.atomic():
            retention.remove(Case.objects.get(reference=reference), row.kind, by=row.released_by, now=now)
    except OnHold:
        return ListedCase.Outcome.HELD
    except retention.NotDue:
        return ListedCase.Outcome.KEPT
    except Exception:  # one case that cannot be removed must not hold up the others
        log.exception("%s of %s could not be removed", row.kind, reference)
        return ListedCase.Outcome.FAILED
    return ListedCase.Outcome.REMOVED
