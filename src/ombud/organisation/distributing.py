"""Choosing how what comes in for a role is given out; each choice is written down with who made it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ombud.organisation import changes
from ombud.organisation.distributions import Distribution
from ombud.organisation.models import Change, Person

KIND = "distribution"  # what changes of it are written down as


def ways() -> dict[tuple[str, str], str]:
    """Return the way of each (policy, role) that has one."""
    return {(policy, role): way for policy, role, way in Distribution.objects.values_list("policy", "role", "way")}


@transaction.atomic
def choose(policy: str, role: str, way: str, *, by: Person, now: datetime) -> bool:
    """Let what comes in for a role be given out so from now on, without a way be taken; return whether that is news."""
    row = Distribution.objects.select_for_update().filter(policy=policy, role=role).first()
    if way == (row.way if row else ""):
        return False
    if row is not None and not way:
        changes.note([row], by=by, now=now, is_gone=True)
        row.delete()
        return True
    row = row or Distribution(policy=policy, role=role)
    row.way = Distribution.Way(way)
    row.save()
    changes.note([row], by=by, now=now)
    return True


def history() -> list[Change]:
    """Return who chose what, newest first."""
    return list(Change.objects.filter(kind=KIND).select_related("by").order_by("-id")[:50])
