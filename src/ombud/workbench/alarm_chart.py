"""The chart of an alarm: the weeks that were seen as bars, what was expected and the limit as lines; plain SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 520.0, 120.0
_ROOM = 1.05  # of the highest value: a line at the top is not cut off
_GAP = 0.25  # of a bar's place
Week = Sequence[float | None]  # observed, expected, limit


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One week, in the chart's units."""

    x: str
    y: str
    width: str
    height: str
    is_beyond: bool  # above its limit


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmChart:
    """What the template draws; coordinates are written with a point whatever the reader's language."""

    width: str
    height: str
    bars: tuple[Bar, ...]
    expected: tuple[str, ...]  # points of lines; a week without a past breaks a line
    limit: tuple[str, ...]
    most: int  # the highest value


def chart(weeks: Sequence[Week]) -> AlarmChart:
    """Return the chart of weeks in order, oldest first."""
    highest = max([1.0, *(each for week in weeks for each in week if each is not None)])
    most = _ROOM * highest
    place = WIDTH / max(1, len(weeks))
    return AlarmChart(
        width=_n(WIDTH),
        height=_n(HEIGHT),
        bars=tuple(_bar(week, index * place, place, most) for index, week in enumerate(weeks)),
        expected=_lines([week[1] for week in weeks], place, most),
        limit=_lines([week[2] for week in weeks], place, most),
        most=round(highest),
    )


def _bar(week: Week, left: float, place: float, most: float) -> Bar:
    observed, limit = week[0] or 0.0, week[2]
    height = HEIGHT * observed / most
    return Bar(
        x=_n(left + place * _GAP / 2),
        y=_n(HEIGHT - height),
        width=_n(place * (1 - _GAP)),
        height=_n(height),
        is_beyond=limit is not None and observed > limit,
    )


def _lines(values: Sequence[float | None], place: float, most: float) -> tuple[str, ...]:
    """Return stretches of points, a step of one place for each value, broken where there is none."""
    found: list[list[str]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            found.append([])
            continue
        y = _n(HEIGHT - HEIGHT * value / most)
        found[-1] += [f"{_n(index * place)},{y}", f"{_n((index + 1) * place)},{y}"]
    return tuple(" ".join(each) for each in found if each)


def _n(value: float) -> str:
    return f"{value:.1f}"
