"""The board: open complaints in columns by phase."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ombud.cases.reading import queries
from ombud.organisation.models import words
from ombud.organisation.shift_plan import on_now_under
from ombud.policy.model.procedures import MAIN
from ombud.policy.procedure import transits
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.register import asked, filter_fields, with_pills


@desk
def board(request: HttpRequest) -> HttpResponse:
    """Show the complaints of one policy by phase."""
    now, reader = timezone.now(), person(request)
    known = [pack for _version, pack in packs.visible(reader, now=now)]
    query = asked(request)
    policy = query.get("policy") or (known[0].id if known else "")
    pack = next((each for each in known if each.id == policy), None)
    columns = []
    if pack is not None:
        procedure = pack.procedures.get(query.get("procedure") or MAIN, pack.main)
        filters = queries.filters_from({**query, "policy": policy}, reader)
        columns = [
            (phase, title, number, [with_pills(line) for line in lines])
            for phase, title, number, lines in queries.board(reader, policy=policy, now=now, filters=filters)
            if number or not (procedure.phases[phase].is_start or phase in transits(procedure))
        ]
    context = {
        "columns": columns,
        "on_shift": on_now_under(policy, now=now) if pack is not None else [],
        "policy": policy,
        "policies": [(each.id, words(dict(each.title))) for each in known],
        "query": query,
        "filter_fields": filter_fields(query, reader, [pack], with_phase=False) if pack else [],
    }
    return show(request, "workbench/board.html", "board", context, now=now)
