"""The rota: a week of shifts for each office and channel, who is on, what lacks people, and one's own next shifts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.interface.days import day_of_year, whole_day
from ombud.interface.lists import listed
from ombud.organisation import exchanging, rota_heads
from ombud.organisation.models import ADMINISTRATOR, MANAGER, Person, words
from ombud.organisation.rotas import Rota, Shift
from ombud.organisation.shift_plan import DAY, WEEK, Plan, Slot, active, monday_of, today, zone_of
from ombud.organisation.staff import Roster
from ombud.policy.model.pack import Pack
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show

PLANS_ALL = frozenset({MANAGER, ADMINISTRATOR})  # plan every rota, and make new ones
AHEAD = timedelta(days=14)  # of one's own shifts
MINE = 6
FULL = 24  # hours of a day and a night


@require_GET
@desk
def week(request: HttpRequest) -> HttpResponse:
    """Show the rotas of the policies that the reader works under, one week of each."""
    now, reader = timezone.now(), person(request)
    rotas, known = known_rotas(reader, now=now)
    if not known:
        raise PermissionDenied
    own = packs.own_roles(reader)
    monday = _monday(request, now)
    plan = Plan(rotas, monday - 2 * DAY, monday + WEEK)
    slots = plan.slots()
    planned = _planned_by(reader, own, rotas, known)
    context = {
        "monday": monday,
        "sunday": monday + 6 * DAY,
        "before": (monday - WEEK).isoformat(),
        "after": (monday + WEEK).isoformat(),
        "is_this": monday == monday_of(timezone.localdate(now)),
        "days": [monday + n * DAY for n in range(7)],
        "weeks": [_week(rota, known[rota.policy], plan, slots, monday, now, rota.pk in planned) for rota in rotas],
        "mine": [(each, each.starts_at > now) for each in _mine(reader, rotas, now)],
        "exchanges": exchanging.concerning(reader, rotas, planned),
        "can_found": bool(own & PLANS_ALL),
    }
    return show(request, "workbench/rota.html", "rota", context, now=now)


def known_rotas(reader: Person, *, now: datetime) -> tuple[list[Rota], dict[str, Pack]]:
    """Return the rotas of the policies that the reader works under, and these policies."""
    known = {pack.id: pack for _version, pack in packs.visible(reader, now=now)}
    return list(active().filter(policy__in=known)), known


def planned_by(reader: Person, rotas: Iterable[Rota], known: dict[str, Pack]) -> set[int]:
    """Return which of these rotas (Rota.pk) the reader plans."""
    return _planned_by(reader, packs.own_roles(reader), rotas, known)


def _monday(request: HttpRequest, now: datetime) -> date:
    try:
        asked = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        asked = timezone.localdate(now)
    return monday_of(min(max(asked, date(2000, 1, 10)), date(2199, 12, 1)))


def may_plan(reader: Person, rota: Rota, pack: Pack) -> bool:
    """Return whether somebody plans the shifts of a rota: managers, administrators, and the head of its office."""
    return bool(_planned_by(reader, packs.own_roles(reader), [rota], {pack.id: pack}))


def _planned_by(reader: Person, own: set[str], rotas: Iterable[Rota], known: dict[str, Pack]) -> set[int]:
    if own & PLANS_ALL:
        return {rota.pk for rota in rotas}
    rosters = {policy: Roster(policy) for policy in known}
    found = set()
    for rota in rotas:
        pack, roster = known[rota.policy], rosters[rota.policy]
        if rota_heads.may_lead(rota, pack, roster, reader.key):
            found.add(rota.pk)
    return found


def _week(
    rota: Rota, pack: Pack, plan: Plan, slots: Sequence[Slot], monday: date, now: datetime, can_plan: bool
) -> dict[str, Any]:
    """Return one rota as the page shows it."""
    mine = {(each.shift.pk, each.day): each for each in slots if each.rota.pk == rota.pk}
    days = [monday + n * DAY for n in range(7)]
    shown = [each for each in plan.shifts if each.rota_id == rota.pk and any((each.pk, day) in mine for day in days)]
    here = today(rota, now)
    in_week = [each for key, each in mine.items() if key[1] in days]
    return {
        "rota": rota,
        "pack": pack,
        "place": place_words(rota, pack),
        "zone": zone_of(rota.office).key,
        "can_plan": can_plan,
        "lines": [
            (shift, hours(shift), [_cell(mine.get((shift.pk, day)), day, now, can_plan) for day in days])
            for shift in shown
        ],
        "heads": [(f"{WEEKDAYS_ABBR[day.weekday()]}", day_of_year(day), day == here) for day in days],
        "gaps": sum(1 for each in in_week if each.missing and each.ends_at > now),
        "now": [each for each in mine.values() if each.is_running(now)],
    }


def place_words(rota: Rota, pack: Pack) -> list[str]:
    """Return in words what comes to a rota: its policy, office and channels."""
    channels = [words(dict(pack.channels[each].title)) for each in rota.channels if each in pack.channels]
    return [
        words(dict(pack.title)),
        str(rota.office) if rota.office is not None else _("all offices") if pack.offices else "",
        listed(channels) if channels else _("all channels"),
    ]


def hours(shift: Shift) -> str:
    """Return the hours of a shift in words."""
    return f"{shift.starts:%H:%M}\u2013{shift.ends:%H:%M}"


def _cell(slot: Slot | None, day: date, now: datetime, can_plan: bool) -> dict[str, Any]:
    label = f"{WEEKDAYS_ABBR[day.weekday()]} {day_of_year(day)}"
    if slot is None:
        return {"slot": None, "label": label}
    name = "desk_rota_day" if can_plan and slot.ends_at > now else "desk_shift"
    return {
        "slot": slot,
        "label": label,
        "href": reverse(name, args=[slot.shift.pk, slot.day.isoformat()]),
        "people": [(each, each.pk in slot.away) for each in slot.people],
        "missing": slot.missing if slot.ends_at > now else 0,
        "is_now": slot.is_running(now),
        "hours": odd_hours(slot),
    }


def odd_hours(slot: Slot) -> str:
    """Return how long a shift takes where a change of the clocks makes it longer or shorter; else nothing."""
    begin, end = slot.shift.starts, slot.shift.ends
    usual = (end.hour - begin.hour + (end.minute - begin.minute) / 60) % FULL or FULL
    return _("{n} hours: the clocks change").format(n=f"{slot.hours:g}") if slot.hours != usual else ""


def _mine(reader: Person, rotas: Sequence[Rota], now: datetime) -> list[Slot]:
    """Return the reader's own shifts, those that run and those to come."""
    slots = Plan(rotas, (now - 2 * DAY).date(), (now + AHEAD).date()).slots()
    return [each for each in slots if each.ends_at > now and reader in each.people][:MINE]


def slot_words(slot: Slot) -> str:
    """Return a shift on a day in words."""
    return f"{slot.shift.name} \u00b7 {whole_day(slot.day)} {hours(slot.shift)}"
