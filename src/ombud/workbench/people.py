"""Who is there: people, departments and roles by policy, for managers, auditors and administrators."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from ombud.organisation import own_roles
from ombud.organisation.models import Membership, Person
from ombud.policy.model.pack import Pack
from ombud.policy.plain_text import storable
from ombud.policy.vocabulary import COMPLAINANT
from ombud.workbench import packs, person_page
from ombud.workbench.page import OVERSEERS, desk, person, show

LISTED = 200


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
        "can_hire": person_page.may_hire(person(request)),
        "people": _listed(request),
        "query": _query(request),
        "own": [row for row in rows if not row.policy],
        "own_words": own_roles.titles(),
    }
    return show(request, "workbench/people.html", "people", context, now=now)


def _query(request: HttpRequest) -> str:
    return storable(request.GET.get("q", "")).strip()


def _listed(request: HttpRequest) -> list[Person]:
    """Return the accounts, narrowed by words; the first of them where there are many."""
    rows, query = Person.objects.order_by("-is_active", "username"), _query(request)
    if query:
        places = ("username", "email", "name", "names__zh", "names__en")
        rows = rows.filter(reduce(or_, (Q(**{f"{place}__icontains": query}) for place in places)))
    return list(rows[:LISTED])


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
