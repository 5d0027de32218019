"""Open cases and another version: which would stand differently, before anything is done."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ombud.cases.preview import open_cases, preview
from ombud.workbench import packs, versions
from ombud.workbench.page import desk, person, show

SHOWN = 100  # folding a case twice takes some milliseconds


@desk
def cases(request: HttpRequest, policy: str, version: str) -> HttpResponse:
    """Show which open cases would stand differently under a version."""
    now, reader = timezone.now(), person(request)
    hand = versions.hand_of(reader)
    if not (hand.writes or hand.approves):
        raise PermissionDenied
    row = versions.version_of(policy, version, hand)
    pack, _error = versions.readable(row)
    context: dict[str, Any] = {
        "version": row,
        "pack": pack,
        "hand": hand,
        "can_open": packs.own_roles(reader) - {"policy_owner"},
    }
    if pack is not None:
        found = [preview(case, pack, now=now) for case in islice(open_cases(pack), SHOWN)]
        context |= {
            "differing": [each for each in found if each.differences and each.can_go_over],
            "staying": [each for each in found if not each.can_go_over],
            "same": [each for each in found if not each.differences],
            "is_all": len(found) < SHOWN,
            "shown": len(found),
        }
    return show(request, "workbench/policy_cases.html", "policies", context, now=now)
