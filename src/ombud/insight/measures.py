"""Every figure that can be asked for: the registry, and what answers for it."""

from __future__ import annotations

from ombud.insight.counting import Figure, by, cases, compared, crossed, figure, figures
from ombud.insight.registry import MEASURES, Direction, Measure, Unit
from ombud.insight.scopes import DIMENSIONS, Key, Scope, is_known

__all__ = [
    "DIMENSIONS",
    "MEASURES",
    "Direction",
    "Figure",
    "Key",
    "Measure",
    "Scope",
    "Unit",
    "by",
    "cases",
    "compared",
    "crossed",
    "figure",
    "figures",
    "is_known",
]
