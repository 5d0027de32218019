"""The periodic duties' page: a year at a glance, and one month in detail with its evidence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import get_month_names
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ombud.clock.yearly import DONE, LATE, MISSED, OPEN, OVERDUE, PLANNED, CalendarEntry, year
from ombud.interface.locales import locale
from ombud.organisation.models import words
from ombud.policy.model.pack import Pack
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show

STATES = {
    DONE: ("good", "circle-check", _("done in time")),
    LATE: ("warn", "circle-alert", _("done late")),
    OPEN: ("accent", "clock", _("owed now")),
    OVERDUE: ("bad", "octagon-alert", _("overdue")),
    MISSED: ("bad", "circle-slash", _("never opened")),
    PLANNED: ("plain", "calendar-days", _("to come")),
}
RHYTHMS = {
    "day": _("every day"),
    "workday": _("every working day"),
    "week": _("every week"),
    "month": _("every month"),
    "quarter": _("every quarter"),
    "half-year": _("every half-year"),
    "year": _("every year"),
}
DAILY = ("day", "workday")
NEAR = timedelta(days=1, hours=12)  # what is done every day is listed about today; the rest is folded away
GRAVEST = (MISSED, OVERDUE, LATE, OPEN, DONE, PLANNED)


@dataclass(frozen=True, slots=True)
class Cell:
    """One month of one duty: the gravest state and how many there are."""

    month: int
    tone: str
    icon: str
    label: object
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """One periodic duty over the year."""

    entry: CalendarEntry  # any of its occurrences
    pack: Pack
    rhythm: object
    cells: tuple[Cell | None, ...]


@desk
def periodic(request: HttpRequest) -> HttpResponse:
    """Show the year of the policies that the reader works under."""
    now, reader = timezone.now(), person(request)
    known = {pack.id: pack for _version, pack in packs.visible(reader, now=now) if pack.periodic}
    policy, today = request.GET.get("policy", ""), timezone.localdate(now)
    chosen = policy if policy in known else None
    shown = _month(request.GET.get("month", ""), today)
    entries = [each for each in year(reader, shown.year, now=now, policy=chosen) if each.policy in known]
    mine = [each for each in entries if _in(each, shown.month)]
    daily = [each for each in mine if _is_folded(each, now)]
    context: dict[str, Any] = {
        "month": shown,
        "policy": chosen or "",
        "policies": [(pack.id, words(dict(pack.title))) for pack in known.values()],
        "states": list(STATES.values()),
        "months": [get_month_names("abbreviated", "stand-alone", locale())[n] for n in range(1, 13)],
        "rows": _rows(entries, known),
        "entries": [(each, known[each.policy], *STATES[each.status]) for each in mine if each not in daily],
        "daily": [(each, known[each.policy], *STATES[each.status]) for each in daily],
        "years": range(today.year - 1, today.year + 2),
        "before": (shown - timedelta(days=1)).replace(day=1),
        "after": (shown + timedelta(days=31)).replace(day=1),
    }
    return show(request, "workbench/periodic.html", "periodic", context, now=now)


def _month(asked: str, today: date) -> date:
    """Return the first day of the month that the address asks for (2026-11), else of this one."""
    try:
        wanted = date.fromisoformat(f"{asked}-01")
    except ValueError:
        return today.replace(day=1)
    return wanted if abs(wanted.year - today.year) <= 1 else today.replace(day=1)


def _is_folded(entry: CalendarEntry, now: datetime) -> bool:
    """Return whether it is one of every day's that nobody need look at now."""
    return entry.every in DAILY and entry.status in (DONE, PLANNED) and abs(entry.at - now) >= NEAR


def _in(entry: CalendarEntry, month: int) -> bool:
    return entry.at.astimezone(timezone.get_current_timezone()).month == month


def _rows(entries: list[CalendarEntry], known: dict[str, Pack]) -> list[Row]:
    """Return a row for each duty, in the order of the policies and of their rules."""
    found: dict[tuple[str, str], list[CalendarEntry]] = defaultdict(list)
    for entry in entries:
        found[entry.policy, entry.periodic].append(entry)
    return [
        Row(inside[0], pack, RHYTHMS[inside[0].every], tuple(_cell(month, inside) for month in range(1, 13)))
        for pack in known.values()
        for id in pack.periodic
        if (inside := found.get((pack.id, id)))
    ]


def _cell(month: int, entries: list[CalendarEntry]) -> Cell | None:
    inside = [each.status for each in entries if _in(each, month)]
    if not inside:
        return None
    return Cell(month, *STATES[min(inside, key=GRAVEST.index)], len(inside))
