"""The receipt: the reference to quote, the secret link, and what happens next by when."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ombud.cases.reading import queries
from ombud.channels import receipts
from ombud.interface.qr import qr
from ombud.organisation.library import pack as load_pack
from ombud.portal import wording
from ombud.portal.pages import accessed, moment, private
from ombud.portal.tracking import is_running


@require_safe
@private
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the receipt; the secret only to the browser that filed, while its session lives."""
    found = accessed(request, reference)
    if found is None:
        return redirect(f"/track/?reference={reference}")
    case, now = found.case, moment()
    pack = load_pack(case.policy_version.hash)
    secret = receipts.secret_of(request, case.reference)
    link = settings.OMBUD_BASE_URL + reverse("portal:by_link", args=[case.reference, secret]) if secret else ""
    running = [line for line in queries.duties(found, now=now) if is_running(line)]
    known = {line.duty.duty for line in running}
    context = {
        "case": case,
        "pack": pack,
        "now": now,
        "secret": secret,
        "link": link,
        "qr": qr(link) if link else "",
        "ours": [line for line in running if not line.duty.is_outsiders],
        "later": [promise for promise in wording.promises(pack, case.grades) if promise.duty not in known],
    }
    return render(request, "portal/receipt.html", context)
