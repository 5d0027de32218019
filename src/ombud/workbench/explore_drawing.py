"""What Explore draws large: every series with its values and words, for the script that draws on a canvas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.contrib.staticfiles.finders import find
from django.utils.translation import gettext as _

from ombud.insight.figure_words import words
from ombud.insight.measures import Figure, Key, Measure, Unit
from ombud.insight.registry import How
from ombud.policy.model.pack import Pack

ECHARTS = "echarts/echarts.common.min.js"


@cache
def has_echarts() -> bool:
    """Return whether the script that draws was brought along when this was built."""
    return find(ECHARTS) is not None


def drawing(
    measure: Measure,
    pack: Pack,
    found: Sequence[tuple[Key, Figure]],
    beside: Sequence[Mapping[Key, Figure]],
    across: Sequence[Mapping[Key, Figure]],
    columns: Iterable[Key],
    *,
    is_course: bool,
) -> dict[str, Any]:
    """Return the series: the figures beside those of the spans before, or where taken apart twice one for a column."""
    told: list[tuple[Any, list[Figure | None]]] = [(measure.name, [figure for _key, figure in found])]
    for name, earlier in zip((_("In the span before"), _("A year before")), beside, strict=False):
        told.append((name, [earlier.get(key) for key, _figure in found]))
    if across:
        told = [(column.words, [cells.get(column) for cells in across]) for column in columns]
    return {
        "title": str(measure.name),
        "course": is_course,
        "share": measure.unit is Unit.SHARE,
        "stacked": bool(across) and measure.how is How.COUNT,
        "labels": [str(key.words) for key, _figure in found],
        "series": [
            {
                "name": str(name),
                "values": [None if each is None or each.value is None else float(each.value) for each in figures],
                "words": ["" if each is None else words(each, measure, pack) for each in figures],
                "few": [each is not None and each.is_from_few and each.of > 0 for each in figures],
            }
            for name, figures in told
        ],
    }
