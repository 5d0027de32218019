"""What a count is held against: its mean and spread, and how rare what was seen is."""

from __future__ import annotations

from dataclasses import dataclass

from ombud.insight.watching.distributions import at_least, at_most, upper_limit

LIMIT = 0.005  # counts rarer than this lie above the limit that charts show


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """What the past lets expect of one count."""

    mean: float
    spread: float  # variance / mean of a new count, what is not known of the mean included
    method: str  # farrington or ears

    @property
    def limit(self) -> int:
        """The largest count that is not yet unusual by itself."""
        return upper_limit(self.mean, self.spread, LIMIT)

    def rise(self, count: int) -> float:
        """Return the probability of so many or more."""
        return at_least(count, self.mean, self.spread)

    def fall(self, count: int) -> float:
        """Return the probability of so few or fewer."""
        return at_most(count, self.mean, self.spread)
