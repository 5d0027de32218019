"""What to expect of a week where years are known: Farrington (1996) as improved by Noufaily and others (2012).

A quasi-Poisson regression on the time of year (the seven weeks about each anniversary, and nine stretches of five weeks
between) and a trend. The latest half-year is left out, so that a rise that goes on does not become what is expected;
past peaks weigh less. What is not known of the mean is added to the spread, which the paper leaves out.
"""

from __future__ import annotations

from collections.abc import Sequence

from ombud.insight.watching.expecting import Expectation
from ombud.insight.watching.regression import Fit, NoFit, fit, residuals

METHOD = "farrington"
YEAR = 365.2425 / 7  # weeks
ENOUGH = 104  # weeks before the present one
LEFT_OUT = 26  # the latest weeks
MOST = round(5 * YEAR) + 3
HALF_WINDOW = 3  # weeks before and after an anniversary that are like the present one
STRETCH = 5  # weeks of each of the other seasons
PEAK = 2.58  # a residual above it weighs less


def expectation(weeks: Sequence[int]) -> Expectation | None:
    """Return what to expect of the last of these weeks, by those before; None where they are too few to tell."""
    back = range(LEFT_OUT + 1, min(len(weeks) - 1, MOST) + 1)
    if len(weeks) - 1 < ENOUGH or not any(weeks[-1 - ago] for ago in back):
        return None
    counts = [weeks[-1 - ago] for ago in back]
    times = [-float(ago) for ago in back]
    seasons = [season(ago) for ago in back]
    if any(not sum(c for c, s in zip(counts, seasons, strict=True) if s == each) for each in set(seasons)):
        seasons = [0] * len(counts)  # too few complaints to tell seasons apart
    try:
        model = _fitted(counts, times, seasons, has_trend=True)
        if model.mean(0, 0.0) > max(counts):  # as in the paper: the trend runs away
            model = _fitted(counts, times, seasons, has_trend=False)
    except NoFit:
        return None
    mean, spread = model.mean(0, 0.0), max(1.0, model.spread)
    return Expectation(mean=mean, spread=spread * (1 + mean * model.uncertainty(0, 0.0)), method=METHOD)


def season(ago: int) -> int:
    """Return in which season a week lies that is so many weeks ago: 0 is that of the present week."""
    place = round(ago % YEAR)
    if place <= HALF_WINDOW or place >= round(YEAR) - HALF_WINDOW:
        return 0
    return 1 + (place - HALF_WINDOW - 1) // STRETCH


def weighted(found: Sequence[float]) -> list[float]:
    """Return the weight of each residual: the same for all but peaks, which lose by the square; they add up to all."""
    raw = [each**-2 if each > PEAK else 1.0 for each in found]
    share = len(raw) / sum(raw)
    return [share * each for each in raw]


def _fitted(counts: Sequence[int], times: Sequence[float], seasons: Sequence[int], *, has_trend: bool) -> Fit:
    model = fit(counts, times, seasons, has_trend=has_trend)
    return fit(counts, times, seasons, weights=weighted(residuals(counts, model)), has_trend=has_trend)
