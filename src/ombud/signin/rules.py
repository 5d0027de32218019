"""Which roles need a second factor: kept by administrators, each change written down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ombud.organisation.hiring import SECOND_FACTOR
from ombud.organisation.models import Change, Person
from ombud.signin.models import AskedRole

KIND, KEY = SECOND_FACTOR, "roles"  # what changes of it are written down as


def asked() -> set[str]:
    """Return the roles that need one, each as POLICY/ROLE; the organisation's own as /ROLE."""
    return {f"{policy}/{role}" for policy, role in AskedRole.objects.values_list("policy", "role")}


@transaction.atomic
def ask(roles: Iterable[str], *, by: Person, now: datetime) -> bool:
    """Let exactly these roles need one, and return whether that is news."""
    wanted = set(roles)
    if wanted == asked():
        return False
    AskedRole.objects.all().delete()
    AskedRole.objects.bulk_create(
        [
            AskedRole(policy=policy, role=role)
            for policy, _slash, role in (each.partition("/") for each in sorted(wanted))
        ]
    )
    Change.objects.create(kind=KIND, key=KEY, content={"roles": sorted(wanted)}, by=by, at=now)
    return True


def history() -> list[Change]:
    """Return who changed it, newest first."""
    return list(Change.objects.filter(kind=KIND, key=KEY).select_related("by").order_by("-id")[:20])
