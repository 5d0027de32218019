"""Since when there is anything to count: what lies before the first complaint is no step without complaints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

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
