"""One shift: who is on, and what it leaves open to the next, which those who come may take over."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from ombud.cases.access.permissions import permissions_of
from ombud.cases.allotting import HANDED_OVER, actors_of, allot
from ombud.cases.errors import CaseError, Refused
from ombud.cases.fold import program_of
from ombud.cases.models import Case
from ombud.cases.reading.titles import summary
from ombud.clock.shifts import left_open
from ombud.organisation.models import Person
from ombud.organisation.rotas import Shift
from ombud.organisation.shift_plan import BACK, Plan, Slot, followers
from ombud.organisation.staff import Roster
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.rota import hours, odd_hours, place_words

LISTED = 100
EARLY = timedelta(minutes=30)  # before a shift ends those who come may take over already


@require_http_methods(["GET", "POST"])
@desk
def shift(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """Show a shift of one day; the next may take over what it leaves open."""
    now, reader = timezone.now(), person(request)
    slot, slots = slot_of(reader, pk, day, now)
    next_ = followers(slot, slots)
    can_take = slot.ends_at - EARLY <= now and any(reader in each.there for each in next_)
    rows = left_open(slot, reader)
    if request.method == "POST":
        if not can_take:
            raise PermissionDenied
        _take_over(request, [case for case in rows if str(case.pk) in request.POST.getlist("case")], reader, now)
        return redirect("desk_shift", pk, day)
    pack = next(pack for _version, pack in packs.in_force(now=now) if pack.id == slot.rota.policy)
    cases = list(rows.select_related("handler", "complainant", "office", "department")[:LISTED])
    permissions = permissions_of(reader)
    context = {
        "slot": slot,
        "place": place_words(slot.rota, pack),
        "hours": hours(slot.shift),
        "odd": odd_hours(slot),
        "is_running": slot.is_running(now),
        "is_over": slot.ends_at <= now,
        "people": [(each, each.pk in slot.away) for each in slot.people],
        "next": next_,
        "can_take": can_take and any(case.handler_id != reader.pk for case in cases),
        "cases": [_line(case, reader, is_masked=permissions.is_masked(case.policy)) for case in cases],
        "more": max(0, rows.count() - len(cases)),
    }
    return show(request, "workbench/shift.html", "rota", context, now=now)


def slot_of(reader: Person, pk: int, day: str, now: datetime) -> tuple[Slot, list[Slot]]:
    """Return a shift of a policy that the reader works under, with those about it."""
    row = Shift.objects.select_related("rota__office").filter(pk=pk).first()
    try:
        on = date.fromisoformat(day)
    except ValueError as error:
        raise Http404 from error
    known = {pack.id for _version, pack in packs.visible(reader, now=now)}
    if row is None or row.rota.policy not in known or not 2000 <= on.year <= 2199:
        raise Http404
    slots = Plan([row.rota], on - BACK, on + BACK).slots()
    slot = next((each for each in slots if each.shift.pk == pk and each.day == on), None)
    if slot is None:
        raise Http404
    return slot, slots


def _line(case: Case, reader: Person, *, is_masked: bool) -> dict[str, Any]:
    subject, _name = summary(case, is_masked=is_masked)
    return {
        "case": case,
        "href": reverse("desk_case", args=[case.reference]),
        "subject": packs.name_of(case, packs.pack_of(case), subject),
        "is_mine": case.handler_id == reader.pk,
    }


def _take_over(request: HttpRequest, cases: list[Case], reader: Person, now: datetime) -> None:
    taken = sum(_given(case, reader, now) for case in cases if case.handler_id != reader.pk)
    said = ngettext("You took over %(n)s case.", "You took over %(n)s cases.", taken)
    if taken:
        messages.success(request, said % {"n": taken})
    if taken < len(cases) or not cases:
        messages.error(request, _("Not all of it could be taken over: see what is left, or tick what you take."))


def _given(case: Case, reader: Person, now: datetime) -> bool:
    """Let somebody take a case over, as the policy would let them take it; return whether they have it."""
    for actor in actors_of(reader, program_of(case).pack, Roster(case.policy)):
        try:
            allot(case, actor, by=actor, because=HANDED_OVER, held_by=case.handler_id, now=now)
        except Refused:
            continue
        except CaseError:
            return False
        return True
    return False
