"""Open cases going over to a version: once it is in force where it says so itself, or when its owner says so."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ombud.cases import tasks
from ombud.cases.errors import CannotMigrate, Forbidden
from ombud.cases.models import Case
from ombud.organisation import library, publishing
from ombud.organisation.models import MANAGER, POLICY_OWNER, Membership, Person, PolicyStep, PolicyVersion
from ombud.policy.plain_text import plain

MIGRATE = "migrate"
REASON = "The version says that open cases go over to it."
BATCH = 1000


def ask(*, now: datetime) -> int:
    """Ask for every open case of the policies whose version in force wants them; return how many. Once a version."""
    asked = 0
    for version in publishing.policies_in_force(now=now):
        if library.pack(version.hash).on_upgrade == MIGRATE and not _is_asked(version):
            asked += _ask(version, now)
    return asked


def _is_asked(version: PolicyVersion) -> bool:
    return PolicyStep.objects.filter(version=version, kind=PolicyStep.Kind.MIGRATED).exists()


def take_over(version: PolicyVersion, *, by: Person, reason: str, now: datetime) -> int:
    """Ask for every open case of the policy to go over to the version in force; return how many.

    Raises Forbidden, CannotMigrate.
    """
    if not Membership.objects.filter(person=by, policy="", role__in=(MANAGER, POLICY_OWNER)).exists():
        raise Forbidden
    reason = plain(reason, lines=True)
    if not reason:
        raise CannotMigrate("Say why the cases are to go on under another version.")
    in_force = publishing.in_force(version.policy, now=now)
    if in_force is None or in_force.pk != version.pk:
        raise CannotMigrate("Only the version in force takes open cases over.")
    with transaction.atomic():
        return _ask_all(version, now, reason=reason, by=by)


def _ask(version: PolicyVersion, now: datetime) -> int:
    with transaction.atomic():
        # Only one clock asks: the others wait here, and then find the step.
        PolicyVersion.objects.select_for_update().get(pk=version.pk)
        return 0 if _is_asked(version) else _ask_all(version, now, reason=REASON, by=None)


def _ask_all(version: PolicyVersion, now: datetime, *, reason: str, by: Person | None) -> int:
    """Write the step and one task for each case; asked again, those that stayed are tried again."""
    cases = open_elsewhere(version)
    step = PolicyStep.objects.create(
        version=version, kind=PolicyStep.Kind.MIGRATED, person=by, at=now, note=reason, data={"cases": len(cases)}
    )
    payload = {"version": version.pk, "reason": reason, **({"by": by.pk} if by else {})}
    for start in range(0, len(cases), BATCH):
        batch = cases[start : start + BATCH]
        wanted = [(case, f"{case.reference}/{version.pk}/{step.pk}", payload) for case in batch]
        tasks.ask_all(tasks.MIGRATE, wanted, now=now)
    return len(cases)


def open_elsewhere(version: PolicyVersion) -> list[Case]:
    """Return the open cases of a policy under other versions: all before a move, those that stayed after it."""
    rows = Case.objects.filter(policy=version.policy, closed_at=None).exclude(policy_version=version)
    return list(rows.order_by("pk"))
