"""Where the time goes: phases, with whom complaints lay, and which duties what was late came from."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from ombud.cases.reading.paging import NotOurs
from ombud.workbench.figure_scope import scope_of
from ombud.workbench.figures import asked_for, filters, known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.reader_state import reader_state_of
from ombud.workbench.time_tables import ahead_table, late_lines, stays_table, waits_table


@require_GET
@desk
def time(request: HttpRequest) -> HttpResponse:
    """Show where the time of the complaints closed in the span went, and which duties were late."""
    now, known = timezone.now(), known_packs(request)
    if not known:
        raise NotOurs("policy")
    wanted = asked_for(request, known, now)
    pack = wanted.pack
    scope = scope_of(wanted, reader_state_of(request, person(request), now=now).permissions)
    context: dict[str, Any] = {
        "pack": pack,
        "wanted": wanted,
        "filter_fields": filters(wanted, known),
        "stays": stays_table(scope, wanted, now),
        "waits": waits_table(scope, wanted, now),
        "ahead": ahead_table(scope, wanted, now),
        "late": late_lines(scope, wanted, now),
    }
    return show(request, "workbench/overview_time.html", "overview", context, now=now)
