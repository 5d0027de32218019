"""A control chart of counts (u chart, Shewhart 1931): which of them differ more than chance alone makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

LEAST = 8  # whole steps from which a middle and limits are taken
SIGMAS, NEAR = 3.0, 2.0  # where the limits are, and where a count is near them
RUN = 8  # counts in a row on one side of the middle
OUTSIDE, LONG_RUN, TWO_OF_THREE = "outside", "run", "two-of-three"


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What chance alone makes of one step: about `middle`, hardly ever beyond `low` and `high`."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Control:
    """The chart: what is expected of each step, and which of them breaks which rule first."""

    expected: tuple[Expected, ...]
    signals: Mapping[int, str]  # place -> rule


def control(counts: Sequence[int], lengths: Sequence[float], *, whole: int | None = None) -> Control | None:
    """Return the chart of counts over steps of these lengths, or None where too few steps or counts are over to tell.

    Of the first `whole` steps, which are over, rate and limits are taken, and only these are judged: what is expected
    of a step is rate * length, its limits are three times its square root to either side (Poisson). Where steps lie
    beyond, the rate is taken once more without them, so that one peak does not make the others look low.
    A step is a signal
    - outside: beyond its limits;
    - two-of-three: the second of two, among three in a row, beyond two sigmas on one side (Western Electric 1956);
    - run: the last of eight in a row on one side of the middle.
    """
    whole = len(counts) if whole is None else whole
    total = sum(lengths[:whole])
    if whole < LEAST or not total or sum(counts[:whole]) < whole:
        return None  # limits of less than one a step would call every other complaint news
    rate = sum(counts[:whole]) / total
    over = list(zip(counts[:whole], lengths, strict=False))
    within = [(count, length) for count, length in over if not _is_outside(count, _expected(rate * length))]
    length_within = sum(length for _count, length in within)
    if len(within) < whole and length_within:
        rate = sum(count for count, _length in within) / length_within
    expected = tuple([_expected(rate * length) for length in lengths])
    away = [
        (count - each.middle) / sqrt(each.middle) if each.middle else 0.0
        for count, each in zip(counts[:whole], expected, strict=False)
    ]
    return Control(expected=expected, signals=dict(_signals(away)))


def _expected(middle: float) -> Expected:
    reach = SIGMAS * sqrt(middle)
    return Expected(middle=middle, low=max(0.0, middle - reach), high=middle + reach)


def _is_outside(count: int, expected: Expected) -> bool:
    return not expected.low <= count <= expected.high


def _signals(away: Sequence[float]) -> list[tuple[int, str]]:
    """Return which steps, told in sigmas from the middle, break which rule; the gravest of a step stands."""
    found = []
    for place, here in enumerate(away):
        side = 1 if here > 0 else -1
        before = [side * each for each in away[max(0, place - 2) : place]]
        row = [side * each for each in away[max(0, place - RUN + 1) : place + 1]]
        if abs(here) > SIGMAS:
            found.append((place, OUTSIDE))
        elif abs(here) > NEAR and any(each > NEAR for each in before):
            found.append((place, TWO_OF_THREE))
        elif here and len(row) == RUN and all(each > 0 for each in row):
            found.append((place, LONG_RUN))
    return found
