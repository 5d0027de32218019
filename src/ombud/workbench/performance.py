"""The performance record: each person's figures of a period with how they are counted, and objections."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from ombud.cases.access.permissions import Permissions
from ombud.cases.reading.paging import NotOurs
from ombud.insight.figure_words import words as figure_words
from ombud.insight.measures import MEASURES, Measure, Scope
from ombud.insight.performance import counting, objections
from ombud.insight.performance.counting import FEW, ON_TIME, Record
from ombud.insight.performance.models import Objection
from ombud.insight.performance.objections import ObjectionError
from ombud.insight.performance.people import leads, people_of
from ombud.interface.lists import listed
from ombud.policy.model.pack import Pack
from ombud.workbench.figure_scope import href
from ombud.workbench.figures import SPAN, Asked, asked_for, filters, known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.reader_state import reader_state_of

PROBLEMS = {
    "empty": gettext_lazy("Say it in words."),
    "own": gettext_lazy("Somebody who leads the person answers it."),
    "answered": gettext_lazy("It was answered already."),
}


def _asked(request: HttpRequest, now: datetime) -> tuple[Asked, dict[str, Pack], Permissions]:
    """Return what the address asks for, the policies that the reader knows, and their standing."""
    standing, known = reader_state_of(request, person(request), now=now).permissions, known_packs(request)
    if not known:
        raise NotOurs("policy")
    return asked_for(request, known, now), known, standing


@require_GET
@desk
def record(request: HttpRequest) -> HttpResponse:
    """Show the record of the people whom the reader leads, or the reader's own."""
    now = timezone.now()
    wanted, known, standing = _asked(request, now)
    pack, people = wanted.pack, people_of(standing, wanted.pack)
    scope = Scope(reader=None, policy=pack.id, span=wanted.span)
    found = counting.records(pack, people, scope, now, reader=standing.person)
    shown = [each for each in found if _says_something(each) or each.person == standing.person]
    columns = [MEASURES[each] for each in counting.columns(pack)]
    context: dict[str, Any] = {
        "pack": pack,
        "wanted": wanted,
        "filter_fields": [each for each in filters(wanted, known) if each.name in ("policy", SPAN)],
        "columns": columns,
        "ledgers": pack.ledgers.values(),
        "lines": [_line(each, columns, wanted) for each in shown],
        "quiet": listed(str(each.person) for each in found if each not in shown),
        "few": FEW,
        "is_mine": any(each.person == standing.person for each in found),
        "objections": [
            (row, not standing.is_auditor and leads(standing, row.person, pack))
            for row in objections.of(pack.id, people)
        ],
    }
    return show(request, "workbench/performance.html", "ledgers", context, now=now)


def _says_something(record: Record) -> bool:
    """Return whether anything is counted of the person in the span."""
    return any(each.of for each in record.figures.values()) or any(record.points.values())


def _line(found: Record, columns: list[Measure], wanted: Asked) -> dict[str, Any]:
    pack, handler = wanted.pack, str(found.person.pk)
    return {
        "person": found.person,
        "cells": [
            {
                "words": figure_words(found.figures[each.id], each, pack),
                "title": each.name,
                "of": found.figures[each.id].of,
                # Duties are a person's by name or by a role, and no list tells them apart so.
                "href": href(wanted, each.id, handler=handler)
                if each.id != ON_TIME and found.figures[each.id].of
                else "",
                "is_from_few": found.is_from_few(each.id) and found.figures[each.id].of > 0,
            }
            for each in columns
        ],
        "points": [(ledger.title, found.points[ledger.id]) for ledger in pack.ledgers.values()],
    }


@require_POST
@desk
def object_to(request: HttpRequest) -> HttpResponse:
    """Keep the reader's objection to their own record of the span shown."""
    now = timezone.now()
    wanted, _known, standing = _asked(request, now)
    if standing.person not in people_of(standing, wanted.pack):
        raise PermissionDenied
    try:
        objections.object_to(
            wanted.pack,
            wanted.span.begin.date(),
            wanted.span.last_day,
            request.POST.get("words", ""),
            by=standing.person,
            now=now,
        )
    except ObjectionError as error:
        messages.error(request, str(PROBLEMS[str(error)]))
    else:
        messages.success(request, _("Your objection stands with the record."))
    return redirect(f"{reverse('desk_performance')}?{wanted.address}")


@require_POST
@desk
def answer(request: HttpRequest, objection: int) -> HttpResponse:
    """Answer an objection of somebody whom the reader leads."""
    now = timezone.now()
    standing, known = reader_state_of(request, person(request), now=now).permissions, known_packs(request)
    row = Objection.objects.filter(pk=objection, policy__in=known).select_related("person").first()
    if row is None or row.person not in people_of(standing, known[row.policy]):
        raise Http404
    try:
        objections.answer(row, known[row.policy], request.POST.get("words", ""), by=standing, now=now)
    except ObjectionError as error:
        messages.error(request, str(PROBLEMS[str(error)]))
    else:
        messages.success(request, _("Answered."))
    return redirect(f"{reverse('desk_performance')}?policy={row.policy}")
