"""Publishing a pack: its sources and hash are stored for ever, its departments become rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ombud.organisation import editions, library, offices
from ombud.organisation.models import Department, Person, PolicyStep, PolicyVersion
from ombud.organisation.round_trips import Question, ask
from ombud.policy.model.pack import Pack


class PublishingError(Exception):
    """The version cannot be published."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class VersionTaken(PublishingError):
    """Another text was published under the same version: give this one a new number."""


class DraftInTheWay(PublishingError):
    """A draft of this version is being worked on: publish it in the workbench, withdraw it, or give another number."""


@transaction.atomic
def publish(pack: Pack, *, by: Person | None = None, because: str = "", now: datetime) -> PolicyVersion:
    """Store the pack as a published version and return it; publishing the same text again changes nothing.

    This is how an installation begins: nobody else looks at it. Afterwards versions go through `drafting`,
    where a second person approves. Raises VersionTaken, DraftInTheWay.
    """
    taken = PolicyVersion.objects.filter(policy=pack.id, version=pack.version).exclude(hash=pack.hash)
    if taken.filter(status=PolicyVersion.Status.PUBLISHED).exists():
        raise VersionTaken
    version = PolicyVersion.objects.filter(hash=pack.hash).first()
    if (version and version.status != PolicyVersion.Status.PUBLISHED) or taken.exclude(
        status=PolicyVersion.Status.WITHDRAWN
    ).exists():
        raise DraftInTheWay
    if version is None:
        version = PolicyVersion.objects.create(
            hash=pack.hash,
            policy=pack.id,
            version=pack.version,
            title=dict(pack.title),
            sources=dict(pack.sources),
            effective_on=date.fromisoformat(pack.effective),
            status=PolicyVersion.Status.PUBLISHED,
            drafted_by=by,
            approved_by=by,
            published_at=now,
        )
        data = {"hash": pack.hash, "effective_on": pack.effective, "at_setup": True}
        PolicyStep.objects.create(
            version=version, kind=PolicyStep.Kind.PUBLISHED, person=by, at=now, note=because, data=data
        )
    settle(pack, now=now)
    return version


def settle(pack: Pack, *, now: datetime) -> None:
    """Make rows of the departments and offices of a published pack, and freeze its calendars into the edition."""
    sync_departments(pack)
    offices.sync(pack)
    editions.cover(pack, now=now)


def sync_departments(pack: Pack) -> None:
    """Make a row of every department of the pack; one that a new version drops keeps its row, since cases name it."""
    Department.objects.bulk_create(
        [
            Department(policy=pack.id, key=key, name=dict(department.title), is_service=department.is_service)
            for key, department in pack.departments.items()
        ],
        update_conflicts=True,
        unique_fields=["policy", "key"],
        update_fields=["name", "is_service"],
    )


# Every complaint and every page asks for these: one plain statement, and rows that are kept once read.
_PUBLISHED = (
    "SELECT id, hash, policy FROM organisation_policyversion WHERE status = 'published' AND {where}"
    " ORDER BY policy, effective_on DESC{then}, id DESC{limit}"
)
_IN_FORCE = _PUBLISHED.format(where="policy = %s AND effective_on <= %s", then=", published_at DESC", limit=" LIMIT 1")
_ALL_IN_FORCE = _PUBLISHED.format(where="effective_on <= %s", then=", published_at DESC", limit="")
_LATEST = _PUBLISHED.format(where="policy = %s", then="", limit=" LIMIT 1")


def in_force(policy: str, *, now: datetime) -> PolicyVersion | None:
    """Return the version that a complaint received now falls under, without its sources."""
    return ask(asking_in_force(policy, now=now))


def asking_in_force(policy: str, *, now: datetime) -> Question[PolicyVersion | None]:
    """Return the question for `in_force`."""

    def read(rows: list[tuple[Any, ...]]) -> PolicyVersion | None:
        return next(iter(_versions(rows)), None)

    return Question(sql=_IN_FORCE, params=[policy, today(now).isoformat()], read=read)


def latest(policy: str) -> PolicyVersion | None:
    """Return the newest published version of a policy, in force already or not, without its sources."""
    return next(iter(_rows(_LATEST, policy)), None)


def policies_in_force(*, now: datetime) -> list[PolicyVersion]:
    """Return the version in force of every policy, by policy."""
    return _rows(_ALL_IN_FORCE, today(now).isoformat())


def _rows(sql: str, *params: str) -> list[PolicyVersion]:
    """Return the first version of each policy that the statement finds."""
    return ask(Question(sql=sql, params=params, read=_versions))


def _versions(rows: list[tuple[Any, ...]]) -> list[PolicyVersion]:
    first: dict[str, tuple[int, str]] = {}
    for pk, pack_hash, policy in rows:
        first.setdefault(policy, (pk, pack_hash))
    return [library.version(*each) for each in first.values()]


def today(now: datetime) -> date:
    """Return the date in the installation's zone: a reader's own must not decide which version is in force."""
    return timezone.localdate(now, timezone.get_default_timezone())
