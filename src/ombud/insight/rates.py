"""Rates with their interval, ranks and shares: the one place that says how a figure comes of many, or of few."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

FEW = 20  # below, a rate is shown as one from few cases
_Z = 1.959964  # 95 % of a normal distribution lie within so many standard deviations


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """So many of so many. `share`, `low` and `high` are None where there is nothing to count."""

    of: int
    number: int

    @property
    def share(self) -> float | None:
        return self.number / self.of if self.of else None

    @property
    def is_from_few(self) -> bool:
        return self.of < FEW

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval after Wilson (1927): never beyond 0 and 1, sensible for few cases and for none late."""
        if not self.of:
            return None
        share, weight = self.number / self.of, _Z * _Z / self.of
        middle = (share + weight / 2) / (1 + weight)
        half = _Z / (1 + weight) * sqrt(share * (1 - share) / self.of + weight / (4 * self.of))
        return max(0.0, middle - half), min(1.0, middle + half)


def percent_of(share: float) -> str:
    """Return a share in whole points: short of all it never reads as all, more than none never as none."""
    points = round(100 * share)
    points = min(points, 99) if share < 1 else points
    return f"{max(points, 1) if share > 0 else points} %"


def points(now: float, before: float) -> int:
    """Return by how many points of a hundred a share differs from another, each rounded as it is shown."""
    return round(100 * now) - round(100 * before)


def rank(values: Sequence[Any], tenths: int) -> Any:
    """Return the smallest of the values that so many tenths of them do not exceed: 5 gives the middle one.

    In whole numbers: 0.9 of a length, as a float, may come to a hair more than it is.
    """
    ordered = sorted(values)
    return ordered[max(0, -(-tenths * len(ordered) // 10) - 1)]


def rank_of(runs: Iterable[Sequence[int]], tenths: int) -> int:
    """Return the same of whole numbers that lie in several runs, each in order, without putting them together."""
    filled = [each for each in runs if len(each)]
    place = max(1, -(-tenths * sum(map(len, filled)) // 10))
    low, high = min(each[0] for each in filled) - 1, max(each[-1] for each in filled)
    while high - low > 1:  # fewer than `place` are no more than `low`; so many or more are no more than `high`
        middle = (low + high) // 2
        if sum(bisect_right(each, middle) for each in filled) >= place:
            high = middle
        else:
            low = middle
    return high
