"""Which cases wait for a rule of their policy to say who gets them; rotas and settings leave these alone."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from ombud.cases.models import Case
from ombud.clock.models import Unruled
from ombud.organisation import library
from ombud.organisation.models import PolicyVersion
from ombud.policy.model.procedures import MAIN


def versions_with_rules() -> list[int]:
    """Return the versions (PolicyVersion.pk) of policies with rules of distribution under which cases wait."""
    waiting = Case.objects.filter(policy_version=OuterRef("pk"), handler=None, closed_at=None, procedure=MAIN)
    rows = PolicyVersion.objects.filter(Exists(waiting)).values_list("pk", "hash")
    return [pk for pk, hash in rows if library.pack(hash).distribution]


def let_go(rows: QuerySet[Case], versions: list[int]) -> QuerySet[Case]:
    """Return the cases that no rule of these versions speaks of, as far as that has been looked at."""
    if not versions:
        return rows
    looked_at = Unruled.objects.filter(case=OuterRef("pk"), seq=OuterRef("seq"))
    return rows.exclude(Q(policy_version__in=versions, procedure=MAIN) & ~Exists(looked_at))


def unlooked(versions: list[int]) -> QuerySet[Case]:
    """Return the complaints of these versions that nobody handles, but for those of which no rule speaks."""
    rows = Case.objects.filter(policy_version__in=versions, procedure=MAIN, handler=None, closed_at=None)
    return rows.exclude(Exists(Unruled.objects.filter(case=OuterRef("pk"), seq=OuterRef("seq"))))


def tidy(*, now: datetime) -> int:
    """Forget which cases no rule speaks of, where they were taken, are over or went on."""
    gone = ~Q(case__handler=None) | ~Q(case__closed_at=None) | ~Q(seq=F("case__seq"))
    return Unruled.objects.filter(gone).delete()[0]
