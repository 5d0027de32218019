"""Cases whose last entries lie ahead of a clock that was set back: one person asks for a repair, another decides."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from ombud.cases.errors import CaseError, NothingAhead, ReasonMissing
from ombud.cases.keeping import clock_repairs
from ombud.cases.models import ClockRepair
from ombud.organisation.models import Person
from ombud.workbench.page import can_oversee, desk, person, show

PROBLEMS: dict[type[CaseError], Any] = {
    ReasonMissing: gettext_lazy("Say what happened to the clock: others must understand it years later."),
    NothingAhead: gettext_lazy("No case lies ahead of the clock any more. Nothing has to be repaired."),
    clock_repairs.AskedBefore: gettext_lazy("You have asked for this already; it waits for a decision."),
    clock_repairs.OwnRequest: gettext_lazy("Nobody decides on their own request. Ask another manager."),
    clock_repairs.DecidedBefore: gettext_lazy("It was decided meanwhile."),
}


@desk
def clock(request: HttpRequest) -> HttpResponse:
    """Show which cases lie ahead of the clock, and what was asked and decided about that; take in a request."""
    now, reader = timezone.now(), person(request)
    if not _may_see(reader):
        raise PermissionDenied
    problem, reason = "", request.POST.get("reason", "")
    if request.method == "POST":
        try:
            clock_repairs.ask(reason=reason, by=reader, now=now)
        except tuple(PROBLEMS) as error:
            problem = str(PROBLEMS[type(error)])
        else:
            messages.success(request, _("Asked. Another manager decides; nothing changes before."))
            return redirect("desk_clock")
    context = {
        "ahead": clock_repairs.ahead(now=now),
        "waiting": clock_repairs.waiting(),
        "decided": clock_repairs.decided(),
        "can_ask": clock_repairs.can_ask(reader),
        "can_decide": clock_repairs.can_decide(reader),
        "sees_proof": can_oversee(reader),
        "reader": reader,
        "problem": problem,
        "reason": reason,
    }
    return show(request, "workbench/clock.html", "proof", context, now=now, status=422 if problem else 200)


@require_POST
@desk
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Repair what lies ahead, or let be what somebody asked for."""
    now, reader = timezone.now(), person(request)
    if not _may_see(reader):
        raise PermissionDenied
    row = ClockRepair.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    try:
        if request.POST.get("verdict") == "approve":
            cases = clock_repairs.approve(row, by=reader, now=now)
            words = ngettext("{n} case goes on from now.", "{n} cases go on from now.", cases)
            messages.success(request, words.format(n=cases))
        else:
            clock_repairs.decline(row, by=reader, now=now)
            messages.success(request, _("Not repaired. The request stays on record."))
    except tuple(PROBLEMS) as error:
        messages.error(request, str(PROBLEMS[type(error)]))
    return redirect("desk_clock")


def _may_see(reader: Person) -> bool:
    return can_oversee(reader) or clock_repairs.can_ask(reader)
