"""Complaints that have arrived and wait because too many came: staff see them, take one in at once, or put it aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from ombud.cases.access.permissions import permissions_of
from ombud.cases.errors import CaseError, ReasonMissing
from ombud.channels import holding
from ombud.channels.models import HeldComplaint
from ombud.correspondence import inbox
from ombud.policy.vocabulary import NAME, NARRATIVE, SUBJECT
from ombud.workbench.page import desk, person, show

SHOWN = 100
PROBLEMS: dict[type[CaseError], Any] = {
    ReasonMissing: gettext_lazy("Say why this is no complaint."),
    holding.SettledBefore: gettext_lazy("It waits no longer."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A held complaint as who answers for its policy reads it."""

    row: HeldComplaint
    subject: str
    name: str
    start: str

    @property
    def is_refused(self) -> bool:
        return self.row.state == HeldComplaint.State.REFUSED


@require_GET
@desk
def held(request: HttpRequest) -> HttpResponse:
    """Show what waits, the first to come first."""
    known = inbox.policies_of(permissions_of(person(request)))
    if not known:
        raise PermissionDenied
    rows = holding.of_policies(known)
    context = {"lines": [_line(row) for row in rows[:SHOWN]], "number": rows.count(), "shown": SHOWN}
    return show(request, "workbench/held.html", "inbox", context, now=timezone.now())


def _line(row: HeldComplaint) -> Line:
    sent = holding.sent_of(row)
    data = sent.data if sent is not None else {}
    said = {name: str(data.get(name) or "") for name in (SUBJECT, NAME, NARRATIVE)}
    return Line(row=row, subject=said[SUBJECT], name=said[NAME], start=said[NARRATIVE][:300])


@require_POST
@desk
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one in before its turn, or put it aside."""
    now, reader = timezone.now(), person(request)
    known = inbox.policies_of(permissions_of(reader))
    row = get_object_or_404(HeldComplaint, pk=pk, policy__in=known)
    try:
        if request.POST.get("do") == "aside":
            holding.put_aside(row, reason=request.POST.get("reason", ""), by=reader, policies=known, now=now)
            messages.success(request, _("Put aside. What it said is gone, your reason stays for a month."))
        else:
            row = holding.take_in_now(row, by=reader, policies=known, now=now)
            if row.reference:
                messages.success(request, _("Taken in as {reference}.").format(reference=row.reference))
                return redirect("desk_case", reference=row.reference)
            messages.error(request, row.reason)
    except tuple(PROBLEMS) as error:
        messages.error(request, str(PROBLEMS[type(error)]))
    return redirect("desk_held")
