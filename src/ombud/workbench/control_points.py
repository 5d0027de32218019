"""Counts over time as a control chart: what chance alone makes of each step, and which of them are more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ombud.insight.spans import Span
from ombud.insight.watching.control import LONG_RUN, OUTSIDE, TWO_OF_THREE, control
from ombud.interface.charts import Point

_DAY = 24 * 3600
_RULES: Mapping[str, str | Promise] = {
    OUTSIDE: _("beyond its limits"),
    TWO_OF_THREE: _("two of three near a limit"),
    LONG_RUN: _("eight in a row on one side"),
}


def controlled(points: Sequence[Point], steps: Sequence[Span], span: Span, now: datetime) -> list[Point]:
    """Return the points with what is expected of each; as they are where too few steps are over to tell.

    A step counts by the days of it that lie in the span: months are not of one length, and weeks may be cut.
    """
    days = [(min(each.end, span.end) - max(each.begin, span.begin)).total_seconds() / _DAY for each in steps]
    whole = sum(each.end <= now for each in steps)
    chart = control([int(each.value or 0) for each in points], days, whole=whole)
    if chart is None:
        return list(points)
    return [
        replace(point, expected=(each.middle, each.low, each.high), signal=_RULES[rule] if rule else "")
        for place, (point, each) in enumerate(zip(points, chart.expected, strict=True))
        for rule in (chart.signals.get(place),)
    ]
