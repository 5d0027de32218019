"""The page of the test complaint: which policy, and what came of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ombud.project.founding import trials
from ombud.project.founding.page import need_administrator
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show


@require_http_methods(["GET", "POST"])
@desk
def trial(request: HttpRequest) -> HttpResponse:
    """Try a complaint under the chosen policy, and show who did what and what is owed."""
    need_administrator(request)
    now = timezone.now()
    known = [pack for _version, pack in packs.in_force(now=now)]
    chosen = next((pack for pack in known if pack.id == request.POST.get("policy")), None)
    tried = trials.run(chosen, by=person(request), now=now) if chosen is not None else None
    context = {"packs": known, "is_tried": chosen is not None, "trial": tried}
    return show(request, "founding/trial.html", "founding", context, now=now)
