"""What is noted of every request where somebody watches: how many, how long, and a trace. Never whose, or of what."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from ombud.project.watching.routes import part_of, route_of

Handler = Callable[[HttpRequest], HttpResponse]


def watched(get_response: Handler) -> Handler:
    """Count and trace requests, as far as the settings ask for it."""
    handle = get_response
    if settings.OMBUD_METRICS_TOKEN:
        handle = _counted(handle)
    if settings.OMBUD_OTLP:
        from ombud.project.watching import tracing

        handle = tracing.traced(handle)
    if handle is get_response:
        raise MiddlewareNotUsed
    return handle


def _counted(get_response: Handler) -> Handler:
    from ombud.project.watching.counting import count

    def handle(request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        response = get_response(request)
        count(request.method, route_of(request), part_of(request), response.status_code, perf_counter() - began)
        return response

    return handle
