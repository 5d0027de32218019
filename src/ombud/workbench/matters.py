"""The ledger of rectifications and other matters that run beside complaints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.cases.reading import queries
from ombud.organisation.models import words
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import RECTIFICATION
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import PAGING, hrefs
from ombud.workbench.register import FilterField, asked

SORT_AND_PAGE = ("sort", *PAGING)


@require_GET
@desk
def matters(request: HttpRequest) -> HttpResponse:
    """Show the measures ordered: what, who, by when, how far, accepted or sent back."""
    now, reader, query = timezone.now(), person(request), asked(request)
    known = [pack for _version, pack in packs.visible(reader, now=now)]
    kinds = packs.matter_kinds(known)
    filters = queries.filters_from({k: v for k, v in query.items() if k not in SORT_AND_PAGE}, reader)
    procedure = filters.procedure or (RECTIFICATION if RECTIFICATION in kinds else next(iter(kinds), RECTIFICATION))
    page = queries.matters(
        reader,
        now=now,
        filters=replace(filters, procedure=procedure),
        sort=query.get("sort", "newest"),
        cursor=query.get("cursor"),
    )
    context: dict[str, Any] = {
        "rows": [(row, packs.pack_of(row.line.case)) for row in page.rows],
        "kind": kinds.get(procedure, ""),
        "query": query,
        "filter_fields": _filter_fields(query, known, kinds, procedure),
        **hrefs(request, page),
    }
    return show(request, "workbench/matters.html", "matters", context, now=now)


def _filter_fields(
    query: dict[str, str], known: Iterable[Pack], kinds: dict[str, str], procedure: str
) -> list[FilterField]:
    policies = [(pack.id, words(dict(pack.title))) for pack in known]
    fields = [
        ("procedure", "", procedure, list(kinds.items())),
        ("policy", _("Policy"), query.get("policy", ""), policies),
        ("open", _("Open and closed"), query.get("open", ""), [("1", _("Open")), ("0", _("Closed"))]),
        ("sort", _("Newest first"), query.get("sort", ""), [("due", _("Due first")), ("oldest", _("Oldest first"))]),
    ]
    return [
        FilterField(name=name, label=label, value=value, choices=choices)
        for name, label, value, choices in fields
        if len(choices) > 1
    ]
