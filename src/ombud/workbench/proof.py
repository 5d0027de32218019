"""What auditors lean on: the daily roots over all cases, and the command that verifies everything."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from ombud.cases.models import Case, DailyRoot, Event
from ombud.cases.reading import access_log
from ombud.papers.dossier import key_in_hex
from ombud.workbench.page import can_oversee, desk, person, show


@require_GET
@desk
def proof(request: HttpRequest) -> HttpResponse:
    """Show the chain's daily roots and who looked at personal data."""
    now, reader = timezone.now(), person(request)
    if not can_oversee(reader):
        raise PermissionDenied
    context = {
        "roots": DailyRoot.objects.order_by("-number")[:30],
        "cases": Case.objects.count(),
        "events": Event.objects.aggregate(n=Count("id"))["n"],
        "key": key_in_hex(),
        "accesses": access_log.latest(reader),
    }
    return show(request, "workbench/proof.html", "proof", context, now=now)
