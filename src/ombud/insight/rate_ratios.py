"""How two rates compare: the ratio of two Poisson rates with its exact interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, lgamma, log

_TAIL = 0.025  # on each side of the 95 % interval
_STEPS = 60  # of halving, so that the bound is exact beyond what is shown
_TERMS = 300  # of the continued fraction, which needs a few dozen
_CLOSE = 1e-14


@dataclass(frozen=True, kw_only=True, slots=True)
class RateRatio:
    """The later rate as a share of the earlier one; `high` is None where nothing bounds it, as none were before."""

    value: float | None  # None: none were before
    low: float
    high: float | None

    @property
    def is_fewer(self) -> bool:
        return self.high is not None and self.high < 1

    @property
    def is_more(self) -> bool:
        return self.low > 1


def rate_ratio(before: int, exposure_before: float, after: int, exposure_after: float) -> RateRatio:
    """Return the rate after over that before, with its 95 % interval; both exposures, such as days, are above 0.

    Of all events together those after are binomial, whatever the common rate, so the interval is that of Clopper and
    Pearson (1934) for their share, turned into a ratio (Przyborowski and Wilenski 1940).
    """
    scale = exposure_before / exposure_after
    low = _beta_quantile(_TAIL, after, before + 1) if after else 0.0
    high = _beta_quantile(1 - _TAIL, after + 1, before) if before else None
    return RateRatio(
        value=after / before * scale if before else None,
        low=_odds(low) * scale,
        high=None if high is None else _odds(high) * scale,
    )


def _odds(share: float) -> float:
    return share / (1 - share)


def _beta_quantile(chance: float, a: float, b: float) -> float:
    return _root(lambda share: beta_at_most(share, a, b) - chance)


def _root(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _step in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def beta_at_most(share: float, a: float, b: float) -> float:
    """Return the probability that a beta variable is at most this (Numerical Recipes 6.4, Lentz's method)."""
    if share <= 0 or share >= 1:
        return 0.0 if share <= 0 else 1.0
    if share > (a + 1) / (a + b + 2):  # where the fraction converges slowly its complement does not
        return 1 - beta_at_most(1 - share, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(share) + b * log(1 - share)) / a
    c, d = 1.0, 1 / (1 - (a + b) * share / (a + 1))
    found = d
    for m in range(1, _TERMS):
        even = m * (b - m) * share / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * share / ((a + 2 * m) * (a + 2 * m + 1))
        for numerator in (even, odd):
            d = 1 / (1 + numerator * d)
            c = 1 + numerator / c
            found *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return front * found
