"""Open cases and another version: which would stand differently, and taking them over with a reason."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ombud.cases.errors import CannotMigrate
from ombud.cases.reading.migration_preview import open_cases, preview
from ombud.clock import upgrades
from ombud.organisation import drafting, publishing
from ombud.organisation.models import POLICY_OWNER, PolicyStep
from ombud.workbench import packs, versions
from ombud.workbench.page import desk, person, show

SHOWN = 100  # folding a case twice takes some milliseconds


@desk
def cases(request: HttpRequest, policy: str, version: str) -> HttpResponse:
    """Show which open cases would stand differently under a version; let them go over to the one in force."""
    now, reader = timezone.now(), person(request)
    hand = versions.hand_of(reader)
    if not (hand.writes or hand.approves):
        raise PermissionDenied
    row = versions.version_of(policy, version, hand)
    if request.method == "POST":
        try:
            asked = upgrades.take_over(row, by=reader, reason=request.POST.get("reason", "")[:2000], now=now)
            said = ngettext("One case goes over in a moment.", "{n} cases go over in a moment.", asked).format(n=asked)
            messages.success(request, said)
        except CannotMigrate:
            messages.error(request, _("Only the version in force takes open cases over, and a reason is needed."))
        return redirect("desk_policy_cases", policy=policy, version=version)
    pack, _error = versions.readable(row)
    in_force = publishing.in_force(row.policy, now=now)
    context: dict[str, Any] = {
        "version": row,
        "pack": pack,
        "can_open": bool(packs.own_roles(reader) - {POLICY_OWNER}),  # managers and auditors see every case
        "can_start": in_force is not None and in_force.pk == row.pk,
        "runs": [step for step in drafting.steps_of(row) if step.kind == PolicyStep.Kind.MIGRATED],
    }
    if pack is not None:
        found = [preview(case, pack, now=now) for case in islice(open_cases(pack, reader=reader), SHOWN)]
        context |= {
            "differing": [each for each in found if each.differences and each.can_go_over],
            "staying": [each for each in found if not each.can_go_over],
            "same": [each for each in found if not each.differences],
            "is_all": len(found) < SHOWN,
            "shown": len(found),
        }
    return show(request, "workbench/policy_cases.html", "policies", context, now=now)
