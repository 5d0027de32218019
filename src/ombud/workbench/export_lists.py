"""The lists that can be taken along: what each holds for whom, narrowed as its page is."""

from __future__ import annotations

from datetime import datetime

from ombud.insight.exports import making
from ombud.insight.exports.making import Lists
from ombud.workbench import export_cases, export_duties, export_figures, export_performance

LISTS: Lists = {
    "register": export_cases.register,
    "chosen": export_cases.chosen,
    "figure": export_cases.behind_figure,
    "duties": export_duties.mine,
    "clause": export_duties.under_clause,
    "counted-duties": export_duties.behind_number,
    "explore": export_figures.explored,
    "compliance": export_figures.compliance,
    "performance": export_performance.record,
}


def make_waiting(*, now: datetime) -> int:
    """Make the lists that were asked for and return how many; the clock calls it beside its ticks."""
    return making.make_waiting(LISTS, now=now)
