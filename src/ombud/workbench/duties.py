"""My duties: what the reader owes, by due time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ombud.cases.reading import my_duties, queries
from ombud.cases.reading.queries import OwedDuty
from ombud.correspondence import waiting_drafts
from ombud.organisation import ceiling_tables, exchanging, publishing
from ombud.organisation.ceilings import CeilingTable
from ombud.organisation.models import Person
from ombud.policy.vocabulary import TAKE
from ombud.texts import Text, same
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.reader_state import ReaderState, reader_state_of
from ombud.workbench.verdicts import verdict_word


@dataclass(frozen=True, slots=True)
class Group:
    """The duties that fall due in one stretch of time."""

    key: str
    title: str
    tone: str
    rows: list[dict[str, Any]] = field(default_factory=list)


@desk
def duties(request: HttpRequest) -> HttpResponse:
    """Show what the reader owes: what can be done now (by whose it is), what waits for others, what stands still."""
    now, reader = timezone.now(), person(request)
    whose = request.GET.get("show", my_duties.READY)
    standing = reader_state_of(request, reader, now=now)
    cursor, permissions = request.GET.get("cursor"), standing.permissions
    page = queries.my_duties(reader, now=now, cursor=cursor, whose=whose, permissions=permissions)
    titles = (_("Can be done now"), _("Mine"), _("Pool"), _("Waiting for others"), _("Paused"))
    groups = grouped(page.rows, now)
    shown = _digest(standing, groups, now)
    if request.headers.get("X-Shown") == shown:
        return HttpResponse(status=204)  # nothing has changed: nothing is drawn, sent or swapped
    context: dict[str, Any] = {
        "groups": groups,
        "shown": shown,
        "show": whose,
        "shows": tuple(zip(my_duties.SHOWN, titles, strict=True)),
        **hrefs(request, page),
    }
    if request.headers.get("HX-Target") == "duties":
        return show(request, "workbench/_duty_list.html", "duties", {**context, "is_swap": True}, now=now)
    lent = {each.absent for each in permissions.stand_ins}
    tables, exchanges = _tables(reader, now), list(exchanging.to_answer(reader))
    context |= {
        "tables": tables,
        "exchanges": exchanges,
        "decisions": len(tables) + len(exchanges),
        "drafts": waiting_drafts.waiting(permissions),
        "absent": sorted(Person.objects.filter(pk__in=lent), key=str) if lent else (),
    }
    return show(request, "workbench/duties.html", "duties", context, now=now)


def _tables(reader: Person, now: datetime) -> list[tuple[CeilingTable, Text]]:
    """Return the tables of promise limits that the reader may decide on, each with its policy's title."""
    found = list(ceiling_tables.to_decide(reader))
    titles = {each.policy: each.title for each in publishing.policies_in_force(now=now)} if found else {}
    return [(row, titles.get(row.policy) or same(row.policy)) for row in found]


def _digest(standing: ReaderState, groups: Iterable[Group], now: datetime) -> str:
    """Return what tells two states of the list apart, with the numbers around it; countdowns run by themselves."""
    rows = [
        (group.key, row["duty"].pk, row["duty"].revision, row["duty"].case.seq, row["is_mine"])
        for group in groups
        for row in group.rows
    ]
    numbers = (standing.count, standing.unread, standing.proposals, timezone.localdate(now))
    return hashlib.sha256(repr((rows, numbers)).encode()).hexdigest()[:16]


def grouped(rows: Iterable[OwedDuty], now: datetime) -> list[Group]:
    """Return the rows as overdue, today, this week, later and paused; empty groups are left out."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    groups = [
        Group("overdue", _("Overdue"), "bad"),
        Group("today", _("Today"), "warn"),
        Group("week", _("Within a week"), "accent"),
        Group("later", _("Later"), "still"),
        Group("paused", _("Paused"), "still"),
    ]
    ends = (now, midnight + timedelta(days=1), midnight + timedelta(days=8))
    for row in rows:
        due = row.duty.due_at
        place = 4 if due is None else next((n for n, end in enumerate(ends) if due < end), 3)
        groups[place].rows.append(_row(row))
    return [group for group in groups if group.rows]


def _row(row: OwedDuty) -> dict[str, Any]:
    pack = packs.pack_of(row.duty.case)
    return {
        "duty": row.duty,
        "href": reverse("desk_case", args=[row.duty.case.reference]),
        "title": row.title,
        "clauses": row.clauses,
        "acts": row.acts,
        "shown_acts": decided(row) or row.acts[:1],
        "phase": row.phase,
        "subject": packs.name_of(row.duty.case, pack, row.subject),
        "is_mine": row.is_mine,
        "owed_for": row.owed_for,
        "waits_for": row.waits_for,
        "pack": pack,
        "policy_href": reverse("desk_policy", args=[pack.id, pack.version]),
        "can_take": not row.is_mine and TAKE in pack.main.acts and row.duty.case.handler_id is None,
    }


def decided(row: OwedDuty) -> tuple[tuple[str, str], ...]:
    """Return both verdicts where the duty is to decide: the list must not lead to one of them alone."""
    return tuple((act, word) for act, _title in row.acts if (word := verdict_word(act)))
