"""What a report's figures would be today: those that were corrected since are shown as such, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ombud.insight.reports import freezing
from ombud.insight.reports.models import Frozen, Report
from ombud.insight.reports.period import occurrence_of, period_of
from ombud.insight.reports.tables import CLAUSE_COUNTS
from ombud.organisation import library


def fresh(report: Report, frozen: Frozen, *, now: datetime) -> dict[str, Any] | None:
    """Return the same figures counted now; None of a report about a case, whose history only grows."""
    pack = library.pack(frozen.pack_hash)
    period = period_of(pack, pack.reports[report.report], occurrence_of(report.case))
    if period is None:
        return None
    return freezing.contents(pack, pack.reports[report.report], period, report.case, now=now)


def differs(then: Mapping[str, Any], now: Mapping[str, Any]) -> int:
    """Return how many figures are not what they were."""
    return sum(
        _differing(was, is_now) for was, is_now in zip(then["sections"], now["sections"], strict=True) if "rows" in was
    )


def _differing(was: Mapping[str, Any], is_now: Mapping[str, Any]) -> int:
    then, now = _values(was["rows"]), _values(is_now["rows"])
    return sum(then.get(key) != now.get(key) for key in then.keys() | now.keys())


def _values(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return each figure of a section by what it is of; how many of each kind a list names is no figure."""
    found: dict[str, Any] = {}
    for row in rows:
        if "measure" in row:
            found[row["measure"]] = row["now"]["value"]
        elif "figures" in row:
            found |= {f"{row['key']}/{number}": each["value"] for number, each in enumerate(row["figures"])}
        elif "clause" in row:
            found |= {f"{row['clause']}/{name}": row[name] for name in CLAUSE_COUNTS}
        elif "counts" in row or "response" in row:
            found[row.get("question", "response")] = (row["value"], row["of"])
    return found
