"""Which of many findings stand when so many were looked for at once."""

from __future__ import annotations

from collections.abc import Sequence

SHARE = 0.02  # of the alarms of a run, how many may be noise


def standing(chances: Sequence[float], share: float = SHARE) -> frozenset[int]:
    """Return the indexes of those that stand by the rule of Benjamini and Hochberg (1995)."""
    order = sorted(range(len(chances)), key=lambda index: chances[index])
    last = 0
    for rank, index in enumerate(order, start=1):
        if chances[index] <= share * rank / len(order):
            last = rank
    return frozenset(order[:last])
