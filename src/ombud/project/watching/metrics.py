"""/metrics: the numbers in Prometheus' form, for whoever has the token."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Return all numbers. Without a token in the settings there is no such page; with one, it takes that."""
    wanted = settings.OMBUD_METRICS_TOKEN
    if not wanted:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not secrets.compare_digest(given.encode(), f"Bearer {wanted}".encode()):
        return HttpResponse(
            "a token, please\n", status=401, headers={"WWW-Authenticate": "Bearer"}, content_type="text/plain"
        )
    from ombud.project.watching.counting import FOLDER  # first: it says that several processes count

    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest  # isort: skip
    from prometheus_client.multiprocess import MultiProcessCollector  # isort: skip

    from ombud.project.watching.standing import Numbers

    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(FOLDER))  # type: ignore[no-untyped-call]
    registry.register(Numbers())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
