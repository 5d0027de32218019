"""What to expect where little is known: the Early Aberration Reporting System (Hutwagner and others 2003), C2 and C3.

The baseline is the mean and the deviation of a few counts, with a gap of two before the present one, so that a slow
rise does not hide itself. The published baseline is seven; as many as sixteen are taken where there are, which alarms
less on noise. C3 adds up how far the last three counts lie above theirs; here those three together are held against one
baseline, so that their chance can be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import mean, variance

from ombud.insight.watching.distributions import beyond
from ombud.insight.watching.expecting import Expectation

METHOD = "ears"
GAP = 2
TOGETHER = GAP + 1  # counts that C3 looks at
LEAST, MOST = 7, 16  # counts of a baseline
_HALF = 0.5  # added to the sum: what was never seen is not impossible


def baseline(counts: Sequence[int]) -> tuple[int, ...]:
    """Return the counts that the last ones are held against; empty where they are too few."""
    found = tuple(counts[max(0, len(counts) - 1 - GAP - MOST) : max(0, len(counts) - 1 - GAP)])
    return found if len(found) >= LEAST else ()


def expectation(counts: Sequence[int], *, together: int = 1) -> Expectation | None:
    """Return what to expect of the last count, or of the last ones together; None where there are too few before."""
    past = baseline(counts)
    if not past:
        return None
    middle = (sum(past) + _HALF) / len(past)
    spread = max(1.0, variance(past) / middle)
    return Expectation(mean=together * middle, spread=spread * (1 + together / len(past)), method=METHOD)


def chance(counts: Sequence[int], *, together: int = 1, is_rise: bool = True) -> float:
    """Return the probability of last counts so far from their baseline, by Student's t."""
    past = baseline(counts)
    above = (sum(counts[-together:]) - together * mean(past)) / _deviation(past)  # of one count: C2
    t = above / sqrt(together + together**2 / len(past))
    return beyond(t if is_rise else -t, len(past) - 1)


def _deviation(past: Sequence[int]) -> float:
    """Return the deviation of a baseline; where it varies less than counts do by chance, that of chance."""
    return sqrt(max(variance(past), mean(past), _HALF))
