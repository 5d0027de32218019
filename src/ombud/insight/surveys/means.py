"""Means of points with the interval that holds them: how far a mean of few answers may be from that of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from ombud.insight.rates import FEW

# 97.5 % of Student's t distribution lie below, by degrees of freedom; beyond, the next lower one that stands here: the
# interval is then a little wider than it need be.
_T = {
    1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228,
    11: 2.201, 12: 2.179, 13: 2.160, 14: 2.145, 15: 2.131, 16: 2.120, 17: 2.110, 18: 2.101, 19: 2.093, 20: 2.086,
    22: 2.074, 24: 2.064, 26: 2.056, 28: 2.048, 30: 2.042, 40: 2.021, 60: 2.000, 120: 1.980, 1000: 1.962,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Mean:
    """A mean of so many answers. `low` and `high` are None where they say nothing: of one answer, or all alike."""

    of: int
    value: float
    low: float | None = None
    high: float | None = None

    @property
    def is_from_few(self) -> bool:
        return self.of < FEW


def mean(counts: Mapping[int, int], *, points: int) -> Mean | None:
    """Return the mean of answers from 1 to `points`, by how often each was given; None where there are none."""
    number = sum(counts.values())
    if not number:
        return None
    value = sum(point * count for point, count in counts.items()) / number
    squares = sum(count * (point - value) ** 2 for point, count in counts.items())
    if number < 2 or not squares:
        return Mean(of=number, value=value)
    half = _quantile(number - 1) * sqrt(squares / (number - 1) / number)
    return Mean(of=number, value=value, low=max(1.0, value - half), high=min(float(points), value + half))


def _quantile(freedom: int) -> float:
    return _T[max(each for each in _T if each <= freedom)]
