"""Quasi-Poisson regression of counts on the time of year and a trend, by iteratively reweighted least squares.

log(mean) = level of the season + slope x time. Each point is in one season, so the normal equations are diagonal but
for one row, and a fit takes time in proportion to the points: no matrix is ever built.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

ROUNDS = 50
_ENOUGH = 1e-9  # change of the deviance's stand-in between two rounds
_WIDEST = 30.0  # of a logarithm: a season without any count goes there and no further


class NoFit(ValueError):
    """The regression does not settle, or has too few points for its parameters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """A fitted model."""

    levels: tuple[float, ...]  # logarithm of the mean in each season, at time 0
    slope: float  # of the logarithm, for one unit of time; 0 without a trend
    spread: float  # variance / mean (Pearson), as found: may be below 1
    fitted: tuple[float, ...]
    leverages: tuple[float, ...]  # diagonal of the hat matrix
    _information: tuple[tuple[float, ...], tuple[float, ...], float]  # sums of w, w t by season; what is left of w t^2

    def mean(self, season: int, time: float) -> float:
        return exp(self.levels[season] + self.slope * time)

    def uncertainty(self, season: int, time: float) -> float:
        """Return the variance of the mean's logarithm there, for a spread of 1."""
        return _leverage(self._information, season, time)


def fit(
    counts: Sequence[int],
    times: Sequence[float],
    seasons: Sequence[int],
    *,
    weights: Sequence[float] | None = None,
    has_trend: bool = True,
) -> Fit:
    """Return the model fitted to counts at these times in these seasons (0, 1, ...). Raises NoFit."""
    number = max(seasons) + 1
    prior = weights or [1.0] * len(counts)
    free = len(counts) - number - has_trend
    if free < 1:
        raise NoFit(NoFit.__doc__)
    logs = [log(max(count, 0.1)) for count in counts]
    levels, slope, before = [0.0] * number, 0.0, float("inf")
    working, means = list(logs), [max(float(count), 0.1) for count in counts]
    for _round in range(ROUNDS):
        w = [p * mean for p, mean in zip(prior, means, strict=True)]
        information = _sums(w, times, seasons, number, has_trend)
        levels, slope = _solved(information, w, times, seasons, working)
        logs = [min(_WIDEST, max(-_WIDEST, levels[s] + slope * t)) for s, t in zip(seasons, times, strict=True)]
        means = [exp(each) for each in logs]
        working = [eta + (count - mean) / mean for eta, count, mean in zip(logs, counts, means, strict=True)]
        now = sum(p * (mean - count * eta) for p, mean, count, eta in zip(prior, means, counts, logs, strict=True))
        if abs(now - before) < _ENOUGH * (abs(now) + 0.1):
            break
        before = now
    else:
        raise NoFit(NoFit.__doc__)
    w = [p * mean for p, mean in zip(prior, means, strict=True)]
    information = _sums(w, times, seasons, number, has_trend)
    pearson = sum(p * (count - mean) ** 2 / mean for p, count, mean in zip(prior, counts, means, strict=True))
    return Fit(
        levels=tuple(levels),
        slope=slope,
        spread=pearson / free,
        fitted=tuple(means),
        leverages=tuple(
            each * _leverage(information, season, time) for each, season, time in zip(w, seasons, times, strict=True)
        ),
        _information=information,
    )


def residuals(counts: Sequence[int], model: Fit) -> list[float]:
    """Return the standardised Anscombe residuals (Farrington and others 1996, 3.3)."""
    spread = max(1.0, model.spread)
    return [
        1.5 * (count ** (2 / 3) * mean ** (-1 / 6) - sqrt(mean)) / sqrt(spread * max(1e-9, 1 - leverage))
        for count, mean, leverage in zip(counts, model.fitted, model.leverages, strict=True)
    ]


_Information = tuple[tuple[float, ...], tuple[float, ...], float]


def _sums(
    w: Sequence[float], times: Sequence[float], seasons: Sequence[int], number: int, has_trend: bool
) -> _Information:
    """Return by season the sums of w and of w t, and what the seasons leave of the sum of w t^2 (0: no trend)."""
    ones, firsts, second = [0.0] * number, [0.0] * number, 0.0
    for each, time, season in zip(w, times, seasons, strict=True):
        ones[season] += each
        firsts[season] += each * time
        second += each * time * time
    if min(ones) <= 0:
        raise NoFit(NoFit.__doc__)
    left = second - sum(first * first / one for one, first in zip(ones, firsts, strict=True))
    return tuple(ones), tuple(firsts), left if has_trend and left > 1e-12 * (second or 1.0) else 0.0


def _solved(
    information: _Information,
    w: Sequence[float],
    times: Sequence[float],
    seasons: Sequence[int],
    working: Sequence[float],
) -> tuple[list[float], float]:
    ones, firsts, left = information
    sums, across = [0.0] * len(ones), 0.0
    for each, time, season, value in zip(w, times, seasons, working, strict=True):
        sums[season] += each * value
        across += each * time * value
    slope = 0.0
    if left:
        slope = (across - sum(f * s / o for o, f, s in zip(ones, firsts, sums, strict=True))) / left
    return [(s - slope * f) / o for o, f, s in zip(ones, firsts, sums, strict=True)], slope


def _leverage(information: _Information, season: int, time: float) -> float:
    """Return x' (X' W X)^-1 x of a point."""
    ones, firsts, left = information
    return 1 / ones[season] + ((time - firsts[season] / ones[season]) ** 2 / left if left else 0.0)
