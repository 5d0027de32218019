"""Where the time goes: phases, with whom complaints lay, and which duties what was late came from."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from ombud.cases.reading.paging import NotOurs
from ombud.insight import keys, lasting
from ombud.insight.figure_words import lasted
from ombud.insight.lasting import Lateness
from ombud.insight.rates import percent_of
from ombud.organisation.models import words
from ombud.policy.compare.naming import Names
from ombud.policy.model.pack import Pack
from ombud.workbench.figures import asked_for, filters, known_packs
from ombud.workbench.overview import scope_of
from ombud.workbench.page import desk, person, show
from ombud.workbench.reader_state import reader_state_of

SHOWN = 15


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
    stays = lasting.phases(scope, now)
    whole = sum(each.total for each in stays)
    context: dict[str, Any] = {
        "pack": pack,
        "wanted": wanted,
        "filter_fields": filters(wanted, known),
        "stays": [
            {
                "title": words(dict(Names(pack).phase(each.phase))),
                "cases": len(each.lengths),
                "middle": lasted(each.middle),
                "share": percent_of(each.total / whole),
                "ours": percent_of(each.ours / each.total),
                "parts": [("good", each.ours / whole), ("still", (each.total - each.ours) / whole)],
            }
            for each in stays
        ],
        "waits": [
            {
                "title": keys.value_words("grade", each.key, pack),
                "cases": each.cases,
                "ours": lasted(each.ours / each.cases),
                "complainants": lasted(each.complainants / each.cases),
                "others": lasted(each.others / each.cases),
                "parts": [
                    ("good", each.ours / each.total),
                    ("still", each.complainants / each.total),
                    ("warn", each.others / each.total),
                ]
                if each.total
                else [],
            }
            for each in lasting.waits(scope, now)
        ],
        "late": [
            {"title": _title(each, pack), "each": each, "by": lasted(each.by.total_seconds())}
            for each in lasting.lateness(scope, now)[:SHOWN]
        ],
    }
    return show(request, "workbench/overview_time.html", "overview", context, now=now)


def _title(late: Lateness, pack: Pack) -> str:
    procedure = pack.procedures.get(late.procedure)
    return words(dict(Names(pack, procedure).duty(late.duty)))
