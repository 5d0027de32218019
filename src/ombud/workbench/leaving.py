"""Leaves a way by mail: what a mail program asks for when its reader clicks on "unsubscribe" (RFC 8058)."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ombud.notices.alerts import leaving
from ombud.notices.alerts import ways as commands


@csrf_exempt  # a mail program has no session; whoever has the token was written to
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, pk: UUID, token: str) -> HttpResponse:
    """Turn the way off where a mail program asks; whoever follows the link by hand sees their ways.

    Looking turns nothing off: servers follow links to see where they lead.
    """
    way = leaving.way_of(pk, token)
    if way is None:
        raise Http404
    if request.method != "POST":
        return redirect("desk_ways")
    if way.is_on and way.person is not None:
        way.is_on = False
        commands.keep(way, by=way.person, now=timezone.now())
    return HttpResponse(status=204)
