"""How probable a count is, given what was expected: tails of the negative binomial and of Student's t."""

from __future__ import annotations

from math import atan, cos, exp, lgamma, log, pi, sin, sqrt

_NEGLIGIBLE = 1e-12  # a further term of a sum, beside the sum
_LEAST = 1e-9  # an expectation below it counts as this: logarithms of nought there are none


def at_least(count: int, mean: float, spread: float = 1.0) -> float:
    """Return the probability of this count or more.

    `spread` is variance / mean: 1 (and what lies below) is Poisson, more is negative binomial, as Noufaily and others
    (2012) have it: size = mean / (spread - 1).
    """
    if count <= 0:
        return 1.0
    if count <= mean:
        return max(0.0, 1.0 - at_most(count - 1, mean, spread))
    total = term = _mass(count, mean, spread)
    while term > total * _NEGLIGIBLE:
        count += 1
        term *= _next(count, mean, spread)
        total += term
    return min(1.0, total)


def at_most(count: int, mean: float, spread: float = 1.0) -> float:
    """Return the probability of this count or less."""
    if count < 0:
        return 0.0
    if count > mean:
        return max(0.0, 1.0 - at_least(count + 1, mean, spread))
    total = term = _mass(count, mean, spread)
    while count > 0 and term > total * _NEGLIGIBLE:
        term /= _next(count, mean, spread)
        count -= 1
        total += term
    return min(1.0, total)


def upper_limit(mean: float, spread: float, chance: float) -> int:
    """Return the largest count that is not rarer than `chance`: more than this lies above the limit."""
    low, high = int(mean), int(mean) + 1
    while at_least(high + 1, mean, spread) > chance:
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        if at_least(middle + 1, mean, spread) > chance:
            low = middle + 1
        else:
            high = middle
    return low


def beyond(t: float, degrees: int) -> float:
    """Return the probability that Student's t with whole degrees of freedom exceeds `t` (Abramowitz, Stegun 26.7.3)."""
    angle = atan(abs(t) / sqrt(degrees))
    step = cos(angle) ** 2
    if degrees % 2:
        total, term, first = 0.0, cos(angle), 2
        for k in range(first, degrees, 2):
            total += term
            term *= step * k / (k + 1)
        inside = 2 / pi * (angle + sin(angle) * total)
    else:
        total, term = 0.0, 1.0
        for k in range(1, degrees, 2):
            total += term
            term *= step * k / (k + 1)
        inside = sin(angle) * total
    tail = max(0.0, (1 - inside) / 2)
    return tail if t >= 0 else 1 - tail


def _mass(count: int, mean: float, spread: float) -> float:
    mean = max(mean, _LEAST)
    if spread <= 1.0 + 1e-6:
        return exp(count * log(mean) - mean - lgamma(count + 1))
    size = mean / (spread - 1)
    return exp(
        lgamma(count + size) - lgamma(size) - lgamma(count + 1) - size * log(spread) + count * log(1 - 1 / spread)
    )


def _next(count: int, mean: float, spread: float) -> float:
    """Return the probability of a count over that of one less."""
    mean = max(mean, _LEAST)
    if spread <= 1.0 + 1e-6:
        return mean / count
    return (count - 1 + mean / (spread - 1)) / count * (1 - 1 / spread)
