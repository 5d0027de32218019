"""What auditors lean on: the daily roots over all cases and who stamped them, and when everything was verified last."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from ombud.cases.keeping import verifications
from ombud.cases.models import Case, DailyRoot, Event
from ombud.cases.reading import access_log
from ombud.papers.dossier import key_in_hex
from ombud.workbench import root_receivers
from ombud.workbench.page import can_oversee, desk, person, show

#: Why a daily root has no time stamp yet, by the codes of `stamping`.
WHY = {
    "address": gettext_lazy("its address is not one that is called"),
    "silent": gettext_lazy("the authority does not answer"),
    "refused": gettext_lazy("the authority refused"),
    "garbled": gettext_lazy("the answer is no time stamp"),
    "imprint": gettext_lazy("the answer stamps something else"),
    "nonce": gettext_lazy("the answer is an old one"),
    "time": gettext_lazy("its time and ours differ too much"),
    "signature": gettext_lazy("its signature leads to no authority that we trust"),
    "authorities": gettext_lazy("the certificates of the settings cannot be read"),
}


@require_GET
@desk
def proof(request: HttpRequest) -> HttpResponse:
    """Show the chain's daily roots, what was verified last, and who looked at personal data."""
    now, reader = timezone.now(), person(request)
    if not can_oversee(reader):
        raise PermissionDenied
    roots = list(DailyRoot.objects.select_related("stamp").order_by("-number")[:30])
    for root in roots:
        stamp = getattr(root, "stamp", None)
        root.why = WHY.get(stamp.failure, stamp.failure) if stamp else ""  # type: ignore[attr-defined]  # for the page
    last = verifications.latest()
    context = {
        "roots": roots,
        "has_stamps": any(hasattr(root, "stamp") for root in roots),
        "cases": Case.objects.count(),
        "events": Event.objects.aggregate(n=Count("id"))["n"],
        "key": key_in_hex(),
        "accesses": access_log.latest(reader),
        "last": last,
        "problems": verifications.shown(last, reader) if last else [],
        "waiting": verifications.waiting(),
        **root_receivers.context_of(reader),
    }
    return show(request, "workbench/proof.html", "proof", context, now=now)


@require_POST
@desk
def verify(request: HttpRequest) -> HttpResponse:
    """Ask the clock to verify everything anew."""
    reader = person(request)
    if not can_oversee(reader):
        raise PermissionDenied
    if verifications.ask(by=reader, now=timezone.now()):
        messages.success(request, _("The clock verifies everything now. Look again in a while."))
    else:
        messages.info(request, _("Everything is being verified already."))
    return redirect("desk_proof")
