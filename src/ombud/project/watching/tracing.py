"""Traces by OpenTelemetry: one span for each request, named by its route.

Our own few lines, since the library's hook for Django writes down addresses with what stands in them, and queries.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import version

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode

from ombud.project.watching.routes import route_of

Handler = Callable[[HttpRequest], HttpResponse]


@cache
def provider() -> TracerProvider:
    """Return what keeps spans and sends them: made once in each process, when its first request comes."""
    # Without the machine, the user and the command line that the library finds out by itself.
    made = TracerProvider(resource=Resource({"service.name": "ombud", "service.version": version("ombud")}))
    made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{settings.OMBUD_OTLP}/v1/traces")))
    return made


def traced(get_response: Handler) -> Handler:
    """Span every request; one that comes with a trace of its caller becomes part of it."""

    def handle(request: HttpRequest) -> HttpResponse:
        parent = extract({name.lower(): value for name, value in request.headers.items()})
        tracer = provider().get_tracer("ombud")
        with tracer.start_as_current_span("request", context=parent, kind=SpanKind.SERVER) as span:
            response = get_response(request)
            route = route_of(request)
            span.update_name(f"{request.method} {route}")
            known = {"http.request.method": str(request.method), "http.route": route}
            span.set_attributes({**known, "http.response.status_code": response.status_code})
            if response.status_code >= 500:
                span.set_status(StatusCode.ERROR)
        return response

    return handle
