"""Planning a rota: what comes to it, its shifts, patterns, single days, exchanges, a week copied, what was changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from ombud.interface.days import whole_day
from ombud.organisation import rota_heads, staffing
from ombud.organisation.models import Person, words
from ombud.organisation.rotas import Rota, Shift
from ombud.organisation.shift_plan import DAY, WEEK, Plan, Slot, monday_of, today
from ombud.organisation.staffing import RotaError
from ombud.policy.model.pack import Pack
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.rota import PLANS_ALL, hours, may_plan, odd_hours, place_words
from ombud.workbench.rota_form import (
    PROBLEMS,
    DayForm,
    EndForm,
    PatternForm,
    RotaForm,
    ShiftForm,
    SwapForm,
)
from ombud.workbench.rota_history import days_words, lines

SWAPPED = timedelta(days=14)  # how far off a shift may lie that is exchanged


@require_http_methods(["GET", "POST"])
@desk
def new(request: HttpRequest) -> HttpResponse:
    """Make a rota."""
    now, reader = timezone.now(), person(request)
    if not packs.own_roles(reader) & PLANS_ALL:
        raise PermissionDenied
    known = {pack.id: pack for _version, pack in packs.in_force(now=now)}
    policy = request.POST.get("policy") or request.GET.get("policy", "")
    pack = known.get(policy) or next(iter(known.values()), None)
    if pack is None:
        raise Http404
    row = Rota(policy=pack.id, a_week=timezone.localdate(now))
    form = RotaForm(request.POST or None, row, pack)
    if request.method == "POST" and form.is_valid():
        staffing.keep(form.fill(row), by=reader, now=now)
        messages.success(request, _("Made. Now say which shifts it has."))
        return redirect("desk_rota_plan", row.pk)
    context = {
        "row": None,
        "form": form,
        "policy": pack.id,
        "policies": [(each.id, words(dict(each.title))) for each in known.values()],
    }
    return show(request, "workbench/rota_plan.html", "rota", context, now=now, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@desk
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what comes to a rota and its shifts, and change that; one of several forms is sent."""
    now, reader = timezone.now(), person(request)
    row, pack = _planned(request, pk, now)
    data, what = request.POST if request.method == "POST" else None, request.POST.get("what", "")
    form = RotaForm(data if what == "rota" else None, row, pack)
    shift_form = ShiftForm(data if what == "shift" else None, today=today(row, now))
    if what == "rota" and form.is_valid():
        staffing.keep(form.fill(row), by=reader, now=now)
        messages.success(request, _("Saved."))
        return redirect("desk_rota_plan", pk)
    if what == "shift" and shift_form.is_valid():
        made = staffing.add_shift(shift_form.shift(row), by=reader, now=now)
        messages.success(request, _("Added. Now say who has it, week by week."))
        return redirect("desk_rota_pattern", made.pk)
    here = today(row, now)
    context = {
        "row": row,
        "form": form,
        "shift_form": shift_form,
        "place": place_words(row, pack),
        "shifts": [
            (each, hours(each), days_words(each.weekdays), each.last_day is not None and each.last_day < here)
            for each in row.shifts.order_by("starts", "pk")
        ],
        "here": here.isoformat(),
        "history": lines(row, pack),
    }
    status = 422 if form.errors or shift_form.errors else 200
    return show(request, "workbench/rota_plan.html", "rota", context, now=now, status=status)


@require_POST
@desk
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a shift be there up to a day."""
    now, shift = timezone.now(), _shift(pk)
    row, _pack = _planned(request, shift.rota_id, now)
    form = EndForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the last day of the shift."))
    else:
        day = form.cleaned_data["last_day"]
        _done(request, lambda: staffing.end_shift(shift, day, by=person(request), now=now), _("Saved."))
    return redirect("desk_rota_plan", row.pk)


@require_http_methods(["GET", "POST"])
@desk
def pattern(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and set who has a shift week by week."""
    now, reader, shift = timezone.now(), person(request), _shift(pk)
    row, pack = _planned(request, shift.rota_id, now)
    here, known = today(row, now), shift.patterns.order_by("-first_day")
    last = known.first()
    monday = max(monday_of(here), monday_of(shift.first_day))
    people = rota_heads.staff_of(row, pack)
    form = PatternForm(request.POST or None, shift, people, last.weeks if last else [[[]] * 7], monday)
    if request.method == "POST" and form.is_valid():
        first = form.cleaned_data["first_day"]
        done = _tried(form, lambda: staffing.set_pattern(shift, first, form.weeks, by=reader, now=now))
        if done:
            messages.success(request, _("Saved. Single days that were changed stay as they are."))
            return redirect(f"{reverse('desk_rota')}?week={monday_of(first)}")
    context = {
        "row": row,
        "shift": shift,
        "hours": hours(shift),
        "form": form,
        "since": [whole_day(each.first_day) for each in known],
    }
    return show(request, "workbench/rota_pattern.html", "rota", context, now=now, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@desk
def day(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """Show and change whose a shift is on one day, or let two exchange theirs."""
    now, reader = timezone.now(), person(request)
    shift, on = _shift(pk), _day(day)
    row, pack = _planned(request, shift.rota_id, now)
    slots = Plan([row], on - SWAPPED, on + SWAPPED).slots()
    slot = next((each for each in slots if each.shift.pk == pk and each.day == on), None)
    if slot is None:
        raise Http404
    what, data = request.POST.get("what", ""), request.POST
    form = DayForm(data if what == "day" else None, slot, rota_heads.staff_of(row, pack))
    others = [each for each in slots if each is not slot and each.ends_at > now]
    exchange = SwapForm(data if what == "swap" else None, slot, others)
    if request.method == "POST" and _changed(what, form, exchange, slot, reader, now):
        messages.success(request, _("Saved."))
        return redirect(f"{reverse('desk_rota')}?week={monday_of(on)}")
    context = {
        "row": row,
        "slot": slot,
        "hours": hours(shift),
        "odd": odd_hours(slot),
        "form": form,
        "exchange": exchange if exchange.is_possible else None,
        "gone": [each for each in slot.people if each.pk in slot.away],
    }
    status = 422 if form.errors or exchange.errors else 200
    return show(request, "workbench/rota_day.html", "rota", context, now=now, status=status)


def _changed(what: str, form: DayForm, exchange: SwapForm, slot: Slot, reader: Person, now: datetime) -> bool:
    """Do what was asked of a day, and return whether it is done."""
    if what == "usual":
        staffing.set_day(slot.shift, slot.day, None, by=reader, now=now)
        return True
    if what == "day" and form.is_valid():
        return _tried(form, lambda: staffing.set_day(slot.shift, slot.day, form.people, by=reader, now=now))
    if what == "swap" and exchange.is_valid():
        mine, other, theirs = exchange.chosen
        return _tried(exchange, lambda: staffing.swap(slot, mine, other, theirs, by=reader, now=now))
    return False


@require_POST
@desk
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan a week as the one before."""
    now = timezone.now()
    row, _pack = _planned(request, pk, now)
    monday = monday_of(_day(request.POST.get("week", "")))
    if monday + WEEK - DAY < today(row, now):
        messages.error(request, _("This week is over."))
    else:
        number, lacking = staffing.copy_week(row, monday, by=person(request), now=now)
        said = ngettext(
            "%(n)s shift was planned as a week before.", "%(n)s shifts were planned as a week before.", number
        )
        messages.success(request, said % {"n": number})
        if lacking:
            messages.warning(request, _("Somebody will be away: see what lacks people."))
    return redirect(f"{reverse('desk_rota')}?week={monday}")


@require_POST
@desk
def undo(request: HttpRequest, pk: int, change: int) -> HttpResponse:
    """Undo a change of a rota."""
    now = timezone.now()
    row, _pack = _planned(request, pk, now)
    _done(request, lambda: staffing.undo(row, change, by=person(request), now=now), _("Undone."))
    return redirect("desk_rota_plan", pk)


def _planned(request: HttpRequest, pk: int, now: datetime) -> tuple[Rota, Pack]:
    """Return a rota that the reader plans, with its policy."""
    row = Rota.objects.select_related("office").filter(pk=pk).first()
    pack = next((pack for _version, pack in packs.in_force(now=now) if row and pack.id == row.policy), None)
    if row is None or pack is None:
        raise Http404
    if not may_plan(person(request), row, pack):
        raise PermissionDenied
    return row, pack


def _shift(pk: int) -> Shift:
    row = Shift.objects.select_related("rota__office").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _day(said: str) -> date:
    try:
        found = date.fromisoformat(said)
    except ValueError as error:
        raise Http404 from error
    if not 2000 <= found.year <= 2199:
        raise Http404
    return found


def _tried(form: forms.Form, do: Callable[[], Any]) -> bool:
    try:
        do()
    except RotaError as error:
        form.add_error(None, str(PROBLEMS[error.code]).format(who=error.who))
        return False
    return True


def _done(request: HttpRequest, do: Callable[[], Any], said: str) -> None:
    try:
        do()
    except RotaError as error:
        messages.error(request, str(PROBLEMS[error.code]).format(who=error.who))
    else:
        messages.success(request, said)
