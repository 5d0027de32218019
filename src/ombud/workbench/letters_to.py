"""Choosing whom the letters of a case go to where somebody complains for another person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ombud.cases import letters_to
from ombud.cases.access.case_access import ACT, Accessed, access_case
from ombud.workbench.page import desk, person


def of(accessed: Accessed) -> dict[str, Any]:
    """Return what the case page says of it; nothing where nobody complains for another."""
    if accessed.is_masked or accessed.vault.is_erased or not letters_to.is_for_another(accessed.state):
        return {}
    return {
        "is_for_another": True,
        "letters_to_person": letters_to.person_of(accessed.rows, accessed.vault),
        "may_choose_letters": bool(accessed.actors),
    }


@require_POST
@desk
def choose(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep the choice; the timeline says who made it, when and why."""
    accessed = access_case(person(request), reference, ACT)
    if not of(accessed):
        raise Http404
    address = request.POST.get("email", "").strip() if request.POST.get("to") == letters_to.REPRESENTED else ""
    if request.POST.get("to") == letters_to.REPRESENTED and not address:
        messages.error(request, _("Enter the person's mail address."))
        return redirect("desk_case", reference)
    reason = request.POST.get("reason", "")
    try:
        letters_to.choose(accessed.case, to_person=address, actor=accessed.actors[0], reason=reason, now=timezone.now())
    except letters_to.NoAddress:
        messages.error(request, _("This is no mail address: {address}").format(address=address[:100]))
    else:
        said = _("Letters go to the person from here on.") if address else _("Letters go to the representative.")
        messages.success(request, said)
    return redirect("desk_case", reference)
