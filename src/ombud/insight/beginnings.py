"""Since when there is anything to count: what lies before the first complaint is no step without complaints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from ombud.cases.models import Duty
from ombud.insight.measuring import zone
from ombud.insight.models import Measured
from ombud.insight.scopes import Scope, ever
from ombud.insight.spans import Span


def begun(scope: Scope, now: datetime) -> datetime | None:
    """Return when the first complaint of the policy came in that the reader may see; None: none did.

    However the scope is narrowed: a part in which nothing came in for months had months of nothing.
    """
    whole = Scope(
        reader=scope.reader, policy=scope.policy, span=scope.span, procedure=scope.procedure, known=scope.known
    )
    return ever(whole, now).order_by("received_at").values_list("received_at", flat=True).first()


def unbegun(steps: Sequence[Span], first: datetime | None) -> int:
    """Return how many of the steps, earliest first, were over before anything came in; none where nothing did."""
    return sum(each.end <= first for each in steps) if first is not None else 0


def firsts(policy: str) -> dict[str, datetime]:
    """Return when the first case of each procedure came in that has any, whatever version knows it.

    From one to the next along the index, where it stands first: a clock asks time and again.
    """
    rows = Measured.objects.filter(policy=policy).order_by("procedure", "received_at")
    found: dict[str, datetime] = {}
    following = rows.values_list("procedure", "received_at").first()
    while following is not None:
        procedure, found[procedure] = following
        following = rows.filter(procedure__gt=procedure).values_list("procedure", "received_at").first()
    return found


def first_day(policy: str) -> date:
    """Return the day before which nothing of a policy is counted: no case had come in, and no duty begun."""
    began = Duty.objects.filter(policy=policy).order_by("opened_at").values_list("opened_at", flat=True).first()
    known = [*firsts(policy).values(), *([began] if began else [])]
    return min((at.astimezone(zone()).date() for at in known), default=date.max)
