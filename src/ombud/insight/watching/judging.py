"""One series judged: is the last day or week, or are the last three weeks, more or less than the past lets expect?

A day here is the 24 hours before an instant, a week seven of them, so that a week is whole whenever one looks, and each
has every weekday once. A day is held against the same weekdays of the weeks before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ombud.insight.watching import ears, farrington, silence
from ombud.insight.watching.expecting import Expectation

WEEK = 7
RISE_LEAST = 5  # complaints in the span; fewer are no rise, however unusual
LONGEST = WEEK * ears.TOGETHER  # days of the longest span
HISTORY = 26  # weeks that charts show
FALL_LEAST = 5.0  # expected; of fewer a silence tells nothing
DAY, ONE_WEEK, THREE_WEEKS, SILENCE = "day", "week", "weeks", "silence"  # the spans that are looked at


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What was seen of a series beside what was expected, in the span where it is the least likely."""

    span: str
    days: int  # how long the span is
    observed: int
    expected: float
    limit: int
    chance: (
        float  # of so many or more (so few or fewer) if nothing is the matter; that several spans are looked at counted
    )
    method: str


def weeks_of(days: Sequence[int]) -> list[int]:
    """Return the whole weeks that end with the last day, oldest first."""
    first = len(days) % WEEK
    return [sum(days[at : at + WEEK]) for at in range(first, len(days), WEEK)]


def weekdays_of(days: Sequence[int]) -> list[int]:
    """Return the days on the weekday of the last one, oldest first."""
    return list(days[(len(days) - 1) % WEEK :: WEEK])


def rise(days: Sequence[int]) -> Verdict | None:
    """Return how unusual a rise is; None where the past is too short to tell."""
    return _judged(days, is_rise=True)


def fall(days: Sequence[int]) -> Verdict | None:
    """Return how unusual a silence is; None where the past is too short, or too little was to be expected."""
    return _judged(days, is_rise=False)


def expected_week(weeks: Sequence[int]) -> Expectation | None:
    """Return what to expect of the last week: by years where they are known, else by the weeks before."""
    return farrington.expectation(weeks) or ears.expectation(weeks)


def history(days: Sequence[int]) -> list[tuple[int, float | None, int | None]]:
    """Return for each of the last weeks what was seen, and the mean and the limit that its own past let expect."""
    weeks, found = weeks_of(days), []
    for end in range(max(1, len(weeks) - HISTORY + 1), len(weeks) + 1):
        expected = expected_week(weeks[:end])
        known = (round(expected.mean, 2), expected.limit) if expected else (None, None)
        found.append((weeks[end - 1], *known))
    return found


def _judged(days: Sequence[int], *, is_rise: bool) -> Verdict | None:
    weeks, weekdays = weeks_of(days), weekdays_of(days)
    by_week = expected_week(weeks)
    found = [_verdict(ONE_WEEK, weeks, by_week, is_rise), _verdict(DAY, weekdays, ears.expectation(weekdays), is_rise)]
    if by_week is not None and by_week.method == ears.METHOD:  # where seasons are known, they would be the slow rise
        together = ears.expectation(weeks, together=ears.TOGETHER)
        found.append(_verdict(THREE_WEEKS, weeks, together, is_rise, ears.TOGETHER))
    if not is_rise:
        found.append(_silence(days))
    looked_at = [each for each in found if each is not None]
    if not looked_at:
        return None
    least = min(looked_at, key=lambda each: each.chance)
    return replace(least, chance=min(1.0, least.chance * len(looked_at)))


def _verdict(
    span: str, counts: Sequence[int], expectation: Expectation | None, is_rise: bool, together: int = 1
) -> Verdict | None:
    if expectation is None or (not is_rise and expectation.mean < FALL_LEAST):
        return None
    observed = sum(counts[-together:])
    if is_rise and observed < RISE_LEAST:
        chance = 1.0
    else:
        chance = expectation.rise(observed) if is_rise else expectation.fall(observed)
        if expectation.method == ears.METHOD:
            chance = max(chance, ears.chance(counts, together=together, is_rise=is_rise))
    return Verdict(
        span=span,
        days=1 if span == DAY else WEEK * together,
        observed=observed,
        expected=expectation.mean,
        limit=expectation.limit,
        chance=chance,
        method=expectation.method,
    )


def _silence(days: Sequence[int]) -> Verdict | None:
    expectation = silence.expectation(days)
    if expectation is None or expectation.mean < FALL_LEAST:
        return None
    return Verdict(
        span=SILENCE,
        days=silence.length(days),
        observed=0,
        expected=expectation.mean,
        limit=expectation.limit,
        chance=silence.chance(days, expectation),
        method=expectation.method,
    )
