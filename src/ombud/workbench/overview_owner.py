"""The overview of whoever owns the policies and sees no case: which clauses break most, and where the hours go.

They are told numbers of the whole policy, and no number opens a case.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ombud.cases.access.permissions import Permissions
from ombud.cases.reading.paging import NotOurs
from ombud.insight.scopes import Scope
from ombud.organisation.models import POLICY_OWNER
from ombud.policy.model.pack import Pack
from ombud.workbench import packs
from ombud.workbench.figures import SPAN, asked_of, filters
from ombud.workbench.overview_clauses import broken
from ombud.workbench.overview_tiles import tiles
from ombud.workbench.time_tables import late_lines, stays_table, waits_table

TILES = ("received", "closed", "on_time", "answering_hours", "closing_days", "satisfied", "rounds")
MOST = 15
POLICY = "policy"


def is_theirs(reader: Permissions, pack: Pack) -> bool:
    """Return whether somebody reads figures of a policy as its owner only."""
    if reader.sees_all or pack.id in reader.known_policies:
        return False
    return POLICY_OWNER in packs.own_roles(reader.person)


def context(query: Mapping[str, str], known: dict[str, Pack], now: datetime) -> dict[str, Any]:
    """Return what the page shows. Raises NotOurs for anything narrower than a policy and span.

    What is narrowed far enough tells of one case and its people.
    """
    if query.keys() - {POLICY, SPAN}:
        raise NotOurs("narrower")
    wanted = asked_of(dict(query), known, now)
    scope = Scope(reader=None, policy=wanted.pack.id, span=wanted.span)
    return {
        "pack": wanted.pack,
        "wanted": wanted,
        "filter_fields": [each for each in filters(wanted, known) if each.name in (POLICY, SPAN)],
        "tiles": tiles(TILES, wanted, scope, now),
        "worst": broken(wanted, scope, now, most=MOST),
        "stays": stays_table(scope, wanted, now),
        "waits": waits_table(scope, wanted, now),
        "late": late_lines(scope, wanted, now),
        "is_bare": True,
    }
