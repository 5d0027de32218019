"""/healthz: the process lives. /readyz: database, migrations and clock are as they should be."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ombud.channels import intake_limits
from ombud.papers import fonts


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer "ok" without touching anything else."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 where requests can be served, else 503, with what was found."""
    free = intake_limits.free_disk() // 2**20
    report: dict[str, object] = {"disk_free_mb": free, "fonts_missing": fonts.missing_scripts()}
    try:
        report["database"] = connection.vendor
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        report["migrations_missing"] = len(missing)
        if not missing:
            report |= clock_report(timezone.now())
            report["given_up"] = given_up()
    except DatabaseError as error:
        report["database"] = f"failed: {type(error).__name__}"
        return JsonResponse({"ready": False, **report}, status=503)
    ready = not missing and report["clock"] != "dead"
    ready = ready and free >= settings.OMBUD_DISK_FLOOR_MB  # below, nothing is taken in from outside
    return JsonResponse({"ready": ready, **report}, status=200 if ready else 503)


def clock_report(now: datetime) -> dict[str, object]:
    """Return whether a clock is there and keeps up.

    `clock` is `dead` where none was able to write for half a minute: it is not running, it hangs, or the database
    or its disk takes nothing. It is `behind` where one is at work and late; that is no reason to send readers away.
    """
    from ombud.cases.models import WakeUp
    from ombud.clock import pulse

    seen = pulse.silent_for(now)
    due = WakeUp.objects.filter(at__lt=int(now.timestamp()))
    oldest = due.order_by("at").values_list("at", flat=True).first()
    lag = 0 if oldest is None else max(0, int(now.timestamp()) - oldest)
    is_late = lag > settings.OMBUD_CLOCK_LAG
    return {
        "clock": "dead" if seen is None or seen > pulse.DEAD else "behind" if is_late else "on time",
        "clock_seen": seen,
        "clock_lag": lag,
        "clock_behind": due.count() if is_late else 0,
    }


def given_up() -> int:
    """Return how many letters and tasks were tried so often in vain that nobody tries them any more."""
    from ombud.cases import outbox

    return outbox.given_up()
