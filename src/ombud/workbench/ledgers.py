"""What is written down about people: performance, points, with the case behind each entry."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from ombud.cases.errors import Forbidden
from ombud.cases.reading import queries
from ombud.organisation.models import words
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.register import asked


@require_GET
@desk
def ledgers(request: HttpRequest) -> HttpResponse:
    """Show a ledger: everybody's to who manages or audits the policy, to others their own entries."""
    now, reader, query = timezone.now(), person(request), asked(request)
    known = {
        f"{pack.id}:{ledger.id}": (pack, ledger)
        for _version, pack in packs.visible(reader, now=now)
        for ledger in pack.ledgers.values()
    }
    chosen = query.get("ledger", "") if query.get("ledger") in known else next(iter(known), "")
    context: dict[str, Any] = {
        "choices": [
            (key, f"{words(dict(pack.title))} \u00b7 {words(dict(ledger.title))}")
            for key, (pack, ledger) in known.items()
        ],
        "chosen": chosen,
    }
    if chosen:
        pack, ledger = known[chosen]
        who = query.get("person", "")
        one = int(who) if who.isdecimal() and len(who) < 18 else None
        page = queries.ledger_entries(reader, policy=pack.id, ledger=ledger.id, person=one, cursor=query.get("cursor"))
        context |= {
            "pack": pack,
            "ledger": ledger,
            "one": one,
            "rows": page.rows,
            **hrefs(request, page),
        }
        try:
            context["sums"] = queries.ledger_sums(reader, policy=pack.id, ledger=ledger.id)
        except Forbidden:
            context["sums"] = None  # who does not oversee the policy sees their own entries only
    return show(request, "workbench/ledgers.html", "ledgers", context, now=now)
