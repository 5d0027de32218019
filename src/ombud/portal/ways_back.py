"""The link of a letter or SMS: it opens the complaint by a button, since mail programs follow links by themselves."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ombud.cases.errors import NoSuchCase
from ombud.cases.references import normal_reference
from ombud.correspondence import ways_back
from ombud.portal.pages import accessed, moment, private, remember


@require_http_methods(["GET", "HEAD", "POST"])
@private
def way_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the button, and once it is pressed exchange the link's token for a cookie; a browser that has one goes on.

    The form goes to an address without what the link carries: that of a refused one is written down.
    """
    response = _answer(request, reference)
    # Nobody learns what the link carries; without even the origin, a browser's form would not count as ours.
    response["Referrer-Policy"] = "strict-origin"
    return response


def _answer(request: HttpRequest, reference: str) -> HttpResponse:
    known = normal_reference(reference) or ""
    if accessed(request, known) is not None:
        return redirect("portal:status", reference=known)
    token = (request.POST if request.method == "POST" else request.GET).get("way", "")
    try:
        grant = ways_back.grant(known, token, now=moment())
    except NoSuchCase:
        words = _(
            "This link is too old, or a new tracking code was issued since. Give your code, or have a new one sent."
        )
        messages.error(request, words)
        return redirect(reverse("portal:find") + (f"?reference={known}" if known else ""))
    if request.method != "POST":
        return render(request, "portal/way_back.html", {"reference": known, "token": token})
    response = redirect("portal:status", reference=known)
    remember(response, grant, is_kept="remember" in request.POST)
    return response
