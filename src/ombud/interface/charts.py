"""Small charts drawn on the server: plain SVG that follows the theme and prints, each with the table of its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil, floor, log10

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ombud.interface.lists import told_of

Words = str | Promise
WIDTH, HEIGHT = 480, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 10, 26  # room for what stands at the axes
_LETTER, _SIGN = 7.5, 14  # how wide a letter is, and a Chinese sign, so that labels do not run into each other
_WIDE = "\u1100"  # from here on signs are wide, nearly all
_number = count(1)
_LINES = 5  # of a grid, above the lowest
_WIDEST = 56  # of a bar: of a few steps each would be a wall


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One value with what it is called; `value` None is a gap."""

    label: Words
    value: float | None
    words: str  # the value as people read it
    low: float | None = None
    high: float | None = None
    is_open: bool = False  # still under way: hatched, or hollow
    is_from_few: bool = False
    href: str = ""  # where its number in the table leads: the drawing is one image, and holds no link
    expected: tuple[float, float, float] | None = None  # the middle, and from where to where chance alone reaches
    signal: Words = ""  # why it is more than chance; empty: it is not


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A drawing and the numbers that it shows."""

    title: Words
    svg: SafeString
    points: tuple[Point, ...]
    column: Words = ""  # what the points are by

    @property
    def is_empty(self) -> bool:
        """Return whether no point has anything to show."""
        return not any(each.value or (each.value is not None and each.low is not None) for each in self.points)

    @property
    def is_control(self) -> bool:
        """Return whether it says what is expected."""
        return any(each.expected for each in self.points)


def bars(title: Words, points: Iterable[Point], *, column: Words = "") -> Chart:
    """Return upright bars, such as a count by week."""
    points = tuple(points)
    tops = [max(each.value or 0, each.expected[2] if each.expected else 0) for each in points]
    return _bars(title, points, column, _round_up(max(tops, default=0)), share=False)


def shares(title: Words, points: Iterable[Point], *, column: Words = "") -> Chart:
    """Return upright bars of shares between 0 and 1, where no course leads from one to the next."""
    return _bars(title, tuple(points), column, 1, share=True)


def pareto(title: Words, points: Iterable[Point], together: Sequence[float], *, column: Words = "") -> Chart:
    """Return bars of shares, the highest first, under the line of what each makes with all before it."""
    points = tuple(points)
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(points))
    course = [(_n(_LEFT + step * (place + 0.5)), _n(_y(share, 1))) for place, share in enumerate(together)]
    dots = format_html_join("", '<circle cx="{}" cy="{}" r="3" class="chart-dot"/>', course)
    line = format_html('<polyline points="{}" class="chart-line"/>{}', " ".join(f"{x},{y}" for x, y in course), dots)
    return _bars(title, points, column, 1, share=True, above=line)


def _bars(
    title: Words, points: tuple[Point, ...], column: Words, top: float, *, share: bool, above: SafeString | str = ""
) -> Chart:
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(points))
    wide = min(step * 0.7, _WIDEST)
    hatch = f"hatch-{next(_number)}"
    drawn = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" rx="2" class="{}" fill="{}"><title>{}</title></rect>',
        (
            (
                _n(_LEFT + step * (place + 0.5) - wide / 2),
                _n(y := _y(each.value or 0, top)),
                _n(wide),
                _n(HEIGHT - _BOTTOM - y),
                "chart-open" if each.is_open else "chart-signal" if each.signal else "chart-bar",
                f"url(#{hatch})" if each.is_open else "currentColor",
                told_of(str(each.label), each.words),
            )
            for place, each in enumerate(points)
        ),
    )
    drawn = format_html("{}{}", drawn, above)
    inner = (_hatch(hatch), _grid(top, share=share), drawn, _limits(points, step, top), _labels(points, step))
    svg = _frame(title, format_html("{}{}{}{}{}", *inner))
    return Chart(title=title, svg=svg, points=points, column=column)


def _limits(points: Sequence[Point], step: float, top: float) -> SafeString:
    """Return the middle and the limits of what is expected, each over its own step."""
    return format_html_join(
        "",
        '<line x1="{}" x2="{}" y1="{}" y2="{}" class="{}"/>',
        (
            (_n(_LEFT + step * place), _n(_LEFT + step * (place + 1)), _n(_y(at, top)), _n(_y(at, top)), look)
            for place, each in enumerate(points)
            for at, look in zip(each.expected or (), ("chart-middle", "chart-limit", "chart-limit"), strict=False)
        ),
    )


def line(title: Words, points: Iterable[Point], *, column: Words = "") -> Chart:
    """Return a line of shares between 0 and 1, with the range that each may lie in; hollow where from few, or open."""
    points = tuple(points)
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(points))
    at = [(_LEFT + step * (place + 0.5), each) for place, each in enumerate(points) if each.value is not None]
    ranges = [(x, each.low, each.high) for x, each in at if each.low is not None and each.high is not None]
    band = " ".join(
        [f"{_n(x)},{_n(_y(high, 1))}" for x, _low, high in ranges]
        + [f"{_n(x)},{_n(_y(low, 1))}" for x, low, _high in reversed(ranges)]
    )
    course = " ".join(f"{_n(x)},{_n(_y(each.value or 0, 1))}" for x, each in at)
    dots = format_html_join(
        "",
        '<circle cx="{}" cy="{}" r="3.5" class="{}"><title>{}</title></circle>',
        (
            (
                _n(x),
                _n(_y(each.value or 0, 1)),
                "chart-hollow" if each.is_from_few or each.is_open else "chart-dot",
                told_of(str(each.label), each.words),
            )
            for x, each in at
        ),
    )
    drawn = format_html(
        '<polygon points="{}" class="chart-range"/><polyline points="{}" class="chart-line"/>', band, course
    )
    svg = _frame(title, format_html("{}{}{}{}", _grid(1, share=True), drawn, dots, _labels(points, step)))
    return Chart(title=title, svg=svg, points=points, column=column)


def _frame(title: Words, inner: SafeString) -> SafeString:
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>', WIDTH, HEIGHT, title, inner
    )


def _hatch(name: str) -> SafeString:
    return format_html(
        '<defs><pattern id="{}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="2.5" height="6" fill="currentColor"/></pattern></defs>',
        name,
    )


def _grid(top: float, *, share: bool) -> SafeString:
    parts = 4 if share else round(top / _step(top))
    return format_html_join(
        "",
        '<line x1="{0}" x2="{1}" y1="{2}" y2="{2}" class="chart-grid"/>'
        '<text x="{3}" y="{4}" text-anchor="end" class="chart-text">{5}</text>',
        (
            (
                _LEFT,
                WIDTH - _RIGHT,
                _n(y := _y(top * part / parts, top)),
                _LEFT - 6,
                _n(y + 4),
                f"{100 * part // parts} %" if share else f"{top * part / parts:,.0f}",
            )
            for part in range(parts + 1)
        ),
    )


def _labels(points: Sequence[Point], step: float) -> SafeString:
    every = max(1, ceil((max(map(_wide, points), default=0) + _SIGN) / step))
    return format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}" class="chart-text">{}</text>',
        (
            (*_place(_LEFT + step * (place + 0.5), _wide(each)), each.label)
            for place, each in enumerate(points)
            if (len(points) - 1 - place) % every == 0
        ),
    )


def _wide(point: Point) -> float:
    """Return how wide a label is, about."""
    return sum(_SIGN if sign >= _WIDE else _LETTER for sign in str(point.label))


def _place(x: float, wide: float) -> tuple[str, int, str]:
    """Return where a label stands, and by which part of it: one that would run out at the right ends there."""
    return (_n(WIDTH), HEIGHT - 8, "end") if x + wide / 2 > WIDTH else (_n(x), HEIGHT - 8, "middle")


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * (value / top if top else 0)


def _round_up(value: float) -> float:
    """Return the first line of the grid that no value is above."""
    step = _step(value)
    return max(1.0, step * ceil(value / step))


def _step(value: float) -> float:
    """Return how far apart the lines of a grid lie, at most five up to a value: whole numbers, since counts are."""
    if value <= _LINES:
        return 1.0
    power = float(10 ** floor(log10(value / _LINES)))
    return next(power * each for each in (1, 2, 5, 10) if power * each * _LINES >= value)


def _n(number: float) -> str:
    return f"{number:.1f}"
