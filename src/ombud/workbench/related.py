"""What a case is tied to: the matter that it came from, those that it opened, its group, its person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ombud.cases.access import case_access
from ombud.cases.access.case_access import Accessed
from ombud.cases.reading import queries
from ombud.workbench import packs


def of(accessed: Accessed, *, now: datetime) -> dict[str, Any]:
    """Return what the case page shows of other cases, as far as the reader may see them."""
    case, reader = accessed.case, accessed.reader
    assert reader is not None, "the workbench is for staff"
    parent = case_access.scope(reader).filter(pk=case.parent_id).first() if case.parent_id else None
    matters = [(row, packs.pack_of(row.line.case)) for row in queries.matters_of(accessed, now=now)]
    return {
        "parent": parent,
        "matters": matters,
        "group": queries.group_of(accessed, now=now),
        "repeats": queries.repeats_of(accessed, now=now),
    }
