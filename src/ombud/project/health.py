"""/healthz: the process lives. /readyz: database, migrations and clock are as they should be."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer "ok" without touching anything else."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 where requests can be served, else 503, with what was found."""
    report: dict[str, object] = {}
    try:
        report["database"] = connection.vendor
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        report["migrations_missing"] = len(missing)
        report["clock_lag"] = None if missing else clock_lag()
        report["given_up"] = None if missing else given_up()
    except DatabaseError as error:
        report["database"] = f"failed: {type(error).__name__}"
        return JsonResponse({"ready": False, **report}, status=503)
    lag = report["clock_lag"]
    ready = not missing and isinstance(lag, int) and lag <= settings.OMBUD_CLOCK_LAG
    return JsonResponse({"ready": ready, **report}, status=200 if ready else 503)


def clock_lag() -> int:
    """Return for how many seconds the oldest due wake-up has been waiting; 0 = the clock is up to date."""
    from ombud.cases.models import WakeUp

    now = int(timezone.now().timestamp())
    oldest = WakeUp.objects.filter(at__lt=now).order_by("at").values_list("at", flat=True).first()
    return 0 if oldest is None else max(0, now - oldest)


def given_up() -> int:
    """Return how many letters and tasks were tried so often in vain that nobody tries them any more."""
    from ombud.cases import outbox

    return outbox.given_up()
