"""Who gets the daily roots by mail: chosen by managers, seen by auditors."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ombud.notices import root_mail
from ombud.notices.models import RootReceiver
from ombud.organisation.models import MANAGER, Person
from ombud.workbench import packs
from ombud.workbench.page import desk, person

PROBLEMS = {
    "address": gettext_lazy("This is no mail address."),
    "name": gettext_lazy("Say who it is: others must know years later."),
    "known": gettext_lazy("This address gets the daily roots already."),
    "many": gettext_lazy("So many addresses get the daily roots already; take one away first."),
}


def context_of(reader: Person) -> dict[str, Any]:
    """Return what the page Proof shows of them."""
    return {
        "receivers": root_mail.receivers(),
        "root_mails": root_mail.latest(),
        "can_choose": MANAGER in packs.own_roles(reader),
    }


@require_POST
@desk
def add(request: HttpRequest) -> HttpResponse:
    """Let somebody get the daily roots."""
    reader = _manager(request)
    try:
        root_mail.add(
            email=request.POST.get("email", ""), name=request.POST.get("name", ""),
            language="en" if request.POST.get("language") == "en" else "zh-hans", by=reader, now=timezone.now(),
        )  # fmt: skip
    except root_mail.RootMailError as error:
        messages.error(request, str(PROBLEMS[error.code]))
    else:
        messages.success(request, _("They get every daily root from now on."))
    return redirect("desk_proof")


@require_POST
@desk
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody get no more of them."""
    reader = _manager(request)
    row = RootReceiver.objects.filter(pk=pk, ended_at=None).first()
    if row is None:
        raise Http404
    root_mail.end(row, by=reader, now=timezone.now())
    messages.success(request, _("They get no more daily roots. What was sent stays on record."))
    return redirect("desk_proof")


def _manager(request: HttpRequest) -> Person:
    reader = person(request)
    if MANAGER not in packs.own_roles(reader):
        raise PermissionDenied
    return reader
