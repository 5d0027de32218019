"""Publishing a pack: its sources and hash are stored for ever, its departments become rows."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from ombud.organisation import editions
from ombud.organisation.models import Department, Person, PolicyVersion
from ombud.policy.model import Pack


class PublishingError(Exception):
    """The version cannot be published."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class VersionTaken(PublishingError):
    """Another text was published under the same version: give this one a new number."""


@transaction.atomic
def publish(pack: Pack, *, by: Person | None = None, now: datetime) -> PolicyVersion:
    """Store the pack as a published version and return it; publishing the same text again changes nothing.

    Raises VersionTaken.
    """
    taken = PolicyVersion.objects.filter(policy=pack.id, version=pack.version).exclude(hash=pack.hash)
    if taken.filter(status=PolicyVersion.Status.PUBLISHED).exists():
        raise VersionTaken
    taken.delete()  # drafts of the same number
    version, _ = PolicyVersion.objects.get_or_create(
        hash=pack.hash,
        defaults={
            "policy": pack.id,
            "version": pack.version,
            "title": dict(pack.title),
            "sources": dict(pack.sources),
            "effective_on": date.fromisoformat(pack.effective),
            "drafted_by": by,
        },
    )
    if version.status != PolicyVersion.Status.PUBLISHED:
        version.status, version.approved_by, version.published_at = PolicyVersion.Status.PUBLISHED, by, now
        version.save(update_fields=["status", "approved_by", "published_at"])
    sync_departments(pack)
    editions.cover(pack, now=now)
    return version


def sync_departments(pack: Pack) -> None:
    """Make a row of every department of the pack; one that a new version drops keeps its row, since cases name it."""
    for key, department in pack.departments.items():
        Department.objects.update_or_create(
            policy=pack.id,
            key=key,
            defaults={"name": dict(department.title), "is_service": department.is_service},
        )


def in_force(policy: str, *, now: datetime) -> PolicyVersion | None:
    """Return the version that a complaint received now falls under, without its sources."""
    return (
        PolicyVersion.objects.filter(
            policy=policy, status=PolicyVersion.Status.PUBLISHED, effective_on__lte=timezone.localdate(now)
        )
        .defer("sources")
        .order_by("-effective_on", "-published_at", "-id")
        .first()
    )


def latest(policy: str) -> PolicyVersion | None:
    """Return the newest published version of a policy, in force already or not, without its sources."""
    published = PolicyVersion.objects.filter(policy=policy, status=PolicyVersion.Status.PUBLISHED)
    return published.defer("sources").order_by("-effective_on", "-id").first()


def policies_in_force(*, now: datetime) -> list[PolicyVersion]:
    """Return the version in force of every policy, by policy."""
    found: dict[str, PolicyVersion] = {}
    for version in (
        PolicyVersion.objects.filter(status=PolicyVersion.Status.PUBLISHED, effective_on__lte=timezone.localdate(now))
        .defer("sources")
        .order_by("policy", "-effective_on", "-published_at", "-id")
    ):
        found.setdefault(version.policy, version)
    return list(found.values())
