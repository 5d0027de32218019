"""The periodic duties' page: a year at a glance, and one month in detail with its evidence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import get_month_names
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ombud.cases.access import scope
from ombud.cases.factwords import locale
from ombud.clock.agenda import Entry, State, agenda
from ombud.organisation import editions
from ombud.organisation.models import words
from ombud.policy.model import Pack, Periodic, Text
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show

STATES = {
    State.DONE: ("good", "circle-check", _("done in time")),
    State.LATE: ("warn", "circle-alert", _("done late")),
    State.OPEN: ("accent", "clock", _("owed now")),
    State.OVERDUE: ("bad", "octagon-alert", _("overdue")),
    State.MISSED: ("bad", "circle-slash", _("never opened")),
    State.PLANNED: ("plain", "calendar-days", _("to come")),
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
GRAVEST = (State.MISSED, State.OVERDUE, State.LATE, State.OPEN, State.DONE, State.PLANNED)


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

    pack: Pack
    periodic: Periodic
    role: Text
    rhythm: object
    cells: tuple[Cell | None, ...]


@desk
def periodic(request: HttpRequest) -> HttpResponse:
    """Show the year of the policies that the reader works under."""
    now, reader = timezone.now(), person(request)
    known = [each for each in packs.visible(reader, now=now) if each[1].periodic]
    policy, today = request.GET.get("policy", ""), timezone.localdate(now)
    chosen = [each for each in known if policy in ("", each[1].id)] or known
    shown = _month(request.GET.get("month", ""), today)
    edition = editions.current()
    context: dict[str, Any] = {
        "month": shown,
        "policy": policy,
        "policies": [(pack.id, words(dict(pack.title))) for _version, pack in known],
        "states": list(STATES.values()),
    }
    if edition is not None and chosen:
        first, last = date(shown.year, 1, 1), date(shown.year, 12, 31)
        entries = agenda(chosen, editions.read(edition.edition), first, last, now=now)
        zone = timezone.get_current_timezone()
        mine = [each for each in entries if each.planned.at.astimezone(zone).date().month == shown.month]
        cases = [each.case.pk for each in mine if each.case]
        context |= {
            "months": [get_month_names("abbreviated", "stand-alone", locale())[n] for n in range(1, 13)],
            "rows": _rows(entries),
            "entries": [_line(each) for each in mine],
            "seen": set(scope(reader).filter(pk__in=cases).values_list("pk", flat=True)) if cases else set(),
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


def _rows(entries: list[Entry]) -> list[Row]:
    found: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.pack.id, entry.planned.periodic.id].append(entry)
    rows = []
    for inside in found.values():
        pack, duty = inside[0].pack, inside[0].planned.periodic
        cells = tuple(_cell(month, inside) for month in range(1, 13))
        rows.append(Row(pack, duty, pack.roles[duty.bearer].title, RHYTHMS[duty.every], cells))
    return sorted(rows, key=lambda row: (row.pack.id, list(row.pack.periodic).index(row.periodic.id)))


def _cell(month: int, entries: list[Entry]) -> Cell | None:
    zone = timezone.get_current_timezone()
    inside = [each for each in entries if each.planned.at.astimezone(zone).month == month]
    if not inside:
        return None
    state = min((each.state for each in inside), key=GRAVEST.index)
    return Cell(month, *STATES[state], len(inside))


def _line(entry: Entry) -> dict[str, Any]:
    pack, planned = entry.pack, entry.planned
    office = pack.offices.get(planned.office or "")
    department = pack.departments.get(planned.department or "")
    place = office.title if office else department.title if department else None
    tone, icon, label = STATES[entry.state]
    return {"pack": pack, "planned": planned, "place": place, "tone": tone, "icon": icon, "label": label,
            "case": entry.case, "role": pack.roles[planned.periodic.bearer].title}  # fmt: skip
