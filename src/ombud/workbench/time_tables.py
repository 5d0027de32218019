"""Where the time went, as tables: phases, with whom complaints lay, and which duties what was late came from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from ombud.insight import keys, lasting, load
from ombud.insight.figure_words import lasted
from ombud.insight.rates import percent_of
from ombud.insight.scopes import PHASE, Scope
from ombud.insight.staffing_ahead import hours_ahead
from ombud.organisation.models import words
from ombud.policy.compare.naming import Names
from ombud.workbench.counted_duties import broken_href, due_href, duty_words
from ombud.workbench.figure_scope import href
from ombud.workbench.figures import Asked

SHOWN = 15
TONES = ("good", "still", "warn")  # of what lay with us, the complainant, others outside


def late_lines(scope: Scope, wanted: Asked, now: datetime) -> list[dict[str, Any]]:
    """Return the duties from which most time was lost, with how much, and where they are."""
    is_open = scope.reader is not None  # what the system counts opens nothing
    return [
        {
            "title": duty_words(wanted.pack, each.procedure, each.duty),
            "each": each,
            "by": lasted(each.by.total_seconds()),
            "href": broken_href(each, wanted) if is_open else "",
        }
        for each in lasting.lateness(scope, now)[:SHOWN]
    ]


def ahead_table(scope: Scope, wanted: Asked, now: datetime) -> dict[str, Any]:
    """Return what falls due on each of the coming days, beside the hours that rotas have people for.

    A rota knows no department: where one is asked for, no hours are told.
    """
    found = load.ahead(scope, now)
    days, zone = [day for day, _number in found.days], scope.span.begin.tzinfo
    assert zone is not None, "spans are of a zone"
    hours = [] if scope.department else hours_ahead(scope.policy, scope.office, days, now=now, zone=zone)
    rows = [
        {
            "day": day,
            "due": due,
            "href": due_href(wanted, day.isoformat()) if due else "",
            "hours": lasted(hour * 3600, in_days=False),
            "each": _each(due, hour),
        }
        for (day, due), hour in zip(found.days, hours or [0.0] * len(days), strict=True)
    ]
    return {
        "overdue": found.overdue,
        "overdue_href": due_href(wanted, load.OVERDUE) if found.overdue else "",
        "rows": rows,
        "has_hours": bool(hours),
    }


def _each(due: int, hours: float) -> str:
    """Return how much time there is for each of what falls due; empty where nothing does."""
    return lasted(hours * 3600 / due, in_days=False) if due else ""


def stays_table(scope: Scope, wanted: Asked, now: datetime) -> dict[str, Any]:
    """Return how long complaints stood in each phase, as a table."""
    stays = lasting.phases(scope, now)
    whole = sum(each.total for each in stays)
    labels = (_("Cases"), _("The middle one"), _("Of all the time"), _("Of it with us"))
    rows = [
        _row(
            words(dict(Names(wanted.pack).phase(each.phase))),
            _cases_of(scope, wanted, **{PHASE: each.phase}),
            zip(
                labels,
                (
                    each.cases,
                    lasted(each.middle),
                    percent_of(each.total / whole),
                    percent_of(each.ours / each.total),
                ),
                strict=True,
            ),
            [("good", each.ours / whole), ("still", (each.total - each.ours) / whole)],
        )
        for each in stays
    ]
    return {"labels": labels, "rows": rows}


def waits_table(scope: Scope, wanted: Asked, now: datetime) -> dict[str, Any]:
    """Return with whom complaints of each grade lay, as a table."""
    labels = (_("Cases"), _("With us, on average"), _("With the complainant"), _("With others outside"))
    rows = []
    for each in lasting.waits(scope, now):
        lay = (each.ours, each.complainants, each.others)
        cells = zip(labels, (each.cases, *(lasted(time / each.cases) for time in lay)), strict=True)
        parts = [(tone, time / each.total) for tone, time in zip(TONES, lay, strict=True)] if each.total else []
        title = str(keys.value_words("grade", each.key, wanted.pack))
        rows.append(_row(title, _cases_of(scope, wanted, grade=each.key), cells, parts))
    return {"labels": labels, "rows": rows}


def _cases_of(scope: Scope, wanted: Asked, **only: str) -> str:
    """Return where the complaints are that a row counts: those closed and not withdrawn."""
    return href(wanted, "closing_days", **only) if scope.reader is not None else ""


def _row(title: str, address: str, cells: Iterable[tuple[str, Any]], parts: list[tuple[str, float]]) -> dict[str, Any]:
    return {"title": title, "href": address, "cells": list(cells), "parts": parts}
