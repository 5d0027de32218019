"""Other systems of the company that are connected: where is looked up, who is told, and how each is."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ombud.channels.lookups import sources
from ombud.channels.registry import CONNECTIONS
from ombud.channels.subscribers import kinds
from ombud.correspondence.models import Account
from ombud.workbench import packs
from ombud.workbench.accounts import KEEPERS
from ombud.workbench.page import OVERSEERS, desk, person, show


@require_safe
@desk
def connections(request: HttpRequest) -> HttpResponse:
    """List the sources of look-ups and the systems that are told of cases."""
    now, held = timezone.now(), packs.own_roles(person(request))
    if not held & OVERSEERS:
        raise PermissionDenied
    known = [pack for _version, pack in packs.in_force(now=now)]
    titles = {pack.id: pack.title for pack in known}
    rows = Account.objects.filter(kind__in=CONNECTIONS).order_by("policy", "title", "key")
    connected = [(row, titles.get(row.policy)) for row in rows]
    context: dict[str, Any] = {
        "lookups": [each for each in connected if each[0].kind == sources.KIND],
        "subscribers": [each for each in connected if each[0].kind == kinds.KIND],
        "policies": known,
        "can_keep": bool(held & KEEPERS),
    }
    return show(request, "workbench/connections.html", "connections", context, now=now)
