"""Who is there: people, departments and roles by policy, for managers, auditors and administrators."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.organisation.models import ADMINISTRATOR, AUDITOR, MANAGER, POLICY_OWNER, Membership
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import COMPLAINANT
from ombud.workbench import packs
from ombud.workbench.page import OVERSEERS, desk, person, show


@require_GET
@desk
def people(request: HttpRequest) -> HttpResponse:
    """Show who holds which role; a role that nobody holds stands out, since its duties fall to its boss."""
    now = timezone.now()
    if not packs.own_roles(person(request)) & OVERSEERS:
        raise PermissionDenied
    rows = list(
        Membership.objects.select_related("person", "department", "office").order_by("department", "role", "id")
    )
    context = {
        "policies": [(pack, holders(pack, rows)) for _version, pack in packs.in_force(now=now)],
        "own": [row for row in rows if not row.policy],
        "own_words": {
            MANAGER: _("Complaint manager"),
            AUDITOR: _("Auditor"),
            ADMINISTRATOR: _("Administrator"),
            POLICY_OWNER: _("Policy owner"),
        },
    }
    return show(request, "workbench/people.html", "people", context, now=now)


def holders(pack: Pack, rows: list[Membership]) -> list[dict[str, Any]]:
    """Return the pack's roles with the people who hold them."""
    found = []
    for role in pack.roles.values():
        if role.id == COMPLAINANT:
            continue
        boss = pack.roles.get(role.boss) if role.boss else None
        mine = [row for row in rows if row.policy == pack.id and row.role == role.id]
        found.append({"role": role, "boss": boss, "rows": mine})
    return found
