"""A series that fell silent: how likely is it that nothing has come for so long?"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, variance

from ombud.insight.watching.expecting import Expectation

METHOD = "silence"
WEEK = 7
LEAST, MOST = 7, 16  # stretches of the past that the silent one is held against


def length(days: Sequence[int]) -> int:
    """Return for how many days nothing has come."""
    return next((ago for ago, count in enumerate(reversed(days)) if count), len(days))


def expectation(days: Sequence[int]) -> Expectation | None:
    """Return what to expect of the silent stretch, by stretches as long that began on the same weekday.

    None where it is not silent, or the past is too short.
    """
    silent = length(days)
    past = _stretches(days, silent)
    if not silent or len(past) < LEAST or not any(past):
        return None
    middle = mean(past)
    return Expectation(mean=middle, spread=max(1.0, variance(past) / middle) * (1 + 1 / len(past)), method=METHOD)


def chance(days: Sequence[int], expected: Expectation) -> float:
    """Return the probability of the silence; never less than the share of such silences in the whole past."""
    silent = length(days)
    before = days[: len(days) - silent]
    runs = [sum(before[at : at + silent]) for at in range(len(before) - silent + 1)]
    return max(expected.fall(0), runs.count(0) / len(runs))


def _stretches(days: Sequence[int], silent: int) -> list[int]:
    weeks = -(-silent // WEEK)  # the first that ends before the silence began
    ends = [len(days) - WEEK * ago for ago in range(weeks, weeks + MOST)]
    return [sum(days[end - silent : end]) for end in ends if end >= silent]
