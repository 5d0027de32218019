"""Versions that say `on_upgrade: migrate`: once one is in force, every open case of its policy goes over to it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ombud.cases import tasks
from ombud.cases.models import Case
from ombud.organisation import library, publishing
from ombud.organisation.models import PolicyStep, PolicyVersion

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


def _ask(version: PolicyVersion, now: datetime) -> int:
    with transaction.atomic():
        # Only one clock asks: the others wait here, and then find the step.
        PolicyVersion.objects.select_for_update().get(pk=version.pk)
        if _is_asked(version):
            return 0
        cases = list(open_elsewhere(version))
        for start in range(0, len(cases), BATCH):
            wanted = [
                (case, f"{case.reference}/{version.pk}", {"version": version.pk})
                for case in cases[start : start + BATCH]
            ]
            tasks.ask_all(tasks.MIGRATE, wanted, now=now)
        PolicyStep.objects.create(
            version=version, kind=PolicyStep.Kind.MIGRATED, at=now, note=REASON, data={"cases": len(cases)}
        )
    return len(cases)


def open_elsewhere(version: PolicyVersion) -> list[Case]:
    """Return the open cases of a policy under other versions: all before a move, those that stayed after it."""
    rows = Case.objects.filter(policy=version.policy, closed_at=None).exclude(policy_version=version)
    return list(rows.order_by("pk"))
