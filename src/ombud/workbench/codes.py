"""Issuing a new tracking code to a complainant who has lost theirs, and telling it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ombud.cases.access.case_access import ACT, Accessed, access_case
from ombud.cases.errors import Forbidden, ReasonMissing
from ombud.channels import receipts
from ombud.correspondence import lost_codes
from ombud.workbench.page import desk, person, show


def can_issue(accessed: Accessed) -> bool:
    """Return whether the reader may issue a code: who acts on the case and sees whose it is.

    After an erasure nobody can be known as the complainant, and no reason can be sealed.
    """
    is_followed = accessed.has_complainant and bool(accessed.case.secret) and not accessed.vault.is_erased
    return bool(accessed.actors) and not accessed.is_masked and is_followed


@require_http_methods(["GET", "POST"])
@desk
def code(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask how the complainant was known, issue the code, and tell it on the same address while the session lives."""
    now, accessed = timezone.now(), access_case(person(request), reference, ACT)
    if not can_issue(accessed):
        raise Forbidden
    is_missing = False
    if request.method == "POST":
        reason, actor = request.POST.get("reason", ""), accessed.actors[0]
        try:
            if "send" in request.POST:
                lost_codes.send(accessed.case, accessed.state, actor=actor, reason=reason, now=now)
                messages.success(request, _("A new code is on its way to the address or number on file."))
                return redirect("desk_case", accessed.case.reference)
            secret = lost_codes.issue(accessed.case, accessed.state, actor=actor, reason=reason, now=now)
        except ReasonMissing:
            is_missing = True
        except lost_codes.NowhereToSend:
            messages.error(request, _("There is no address on file, or no account that sends there."))
            return redirect("desk_code", accessed.case.reference)
        else:
            receipts.keep(request, accessed.case.reference, secret)
            return redirect("desk_code", accessed.case.reference)
    known = "" if "again" in request.GET else receipts.secret_of(request, accessed.case.reference)
    context: dict[str, Any] = {
        "reference": accessed.case.reference,
        "secret": known,
        "is_missing": is_missing,
        "can_send": lost_codes.can_reach(accessed.case, accessed.state, now=now),
    }
    status = 422 if is_missing else 200
    return show(request, "workbench/code.html", "register", context, now=now, status=status)
