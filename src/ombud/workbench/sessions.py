"""When a session ends: pages know it, warn before, and let it be prolonged; what a page says holds."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ombud.signin import sessions
from ombud.signin.session_store import SessionStore
from ombud.signin.sessions import UNTIL


def is_over(request: HttpRequest, *, now: datetime) -> bool:
    """Return whether the session has ended; one that is new gets its end, one that goes on is seen."""
    until = request.session.get(UNTIL)
    if until is None:
        sessions.begin(request.session, browser=request.headers.get("User-Agent", ""), now=now)
        return False
    if until <= now.timestamp():
        return True
    if isinstance(request.session, SessionStore):
        request.session.see(now=now)
    return False


def end_of(request: HttpRequest) -> int:
    """Return the instant, in epoch seconds, at which the session ends."""
    return int(request.session.get(UNTIL, 0))


@never_cache
@require_http_methods(["GET", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """Tell when the session ends; POST prolongs one that has not ended yet."""
    now = timezone.now()
    if not request.user.is_authenticated or is_over(request, now=now):
        return JsonResponse({"until": 0}, status=401)
    if request.method == "POST":
        sessions.prolong(request.session, now=now)
    return JsonResponse({"until": end_of(request)})
