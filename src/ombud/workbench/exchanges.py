"""Exchanges of shifts that people agree on themselves: offering one's shift for another, accepting, confirming."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ombud.organisation import exchanging
from ombud.organisation.models import Person
from ombud.organisation.rotas import ShiftExchange
from ombud.organisation.shift_plan import Slot
from ombud.organisation.staffing import RotaError
from ombud.workbench.page import desk, person, show
from ombud.workbench.rota import hours, known_rotas, planned_by, slot_words
from ombud.workbench.rota_form import PROBLEMS
from ombud.workbench.shift_page import slot_of


class OfferForm(forms.Form):
    """For which shift of whom the reader offers theirs."""

    other = forms.ChoiceField(label=gettext_lazy("For which shift of whom"))

    def __init__(self, data: Any, possible: list[tuple[Slot, Person]]) -> None:
        super().__init__(data, auto_id="offer_%s")
        self._possible = {f"{each.shift.pk}:{each.day}:{other.pk}": (each, other) for each, other in possible}
        choices = [(key, f"{other} \u00b7 {slot_words(each)}") for key, (each, other) in self._possible.items()]
        field: Any = self.fields["other"]
        field.choices = choices

    @property
    def chosen(self) -> tuple[Slot, Person]:
        return self._possible[self.cleaned_data["other"]]


@require_http_methods(["GET", "POST"])
@desk
def offer(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """Offer one's own shift of a day for another's."""
    now, reader = timezone.now(), person(request)
    slot, _slots = slot_of(reader, pk, day, now)
    if reader not in slot.people or slot.starts_at <= now:
        raise Http404
    possible = exchanging.possible(slot, reader, now=now)
    form = OfferForm(request.POST or None, possible)
    if request.method == "POST" and form.is_valid():
        other, with_ = form.chosen
        try:
            exchanging.propose(slot, other, with_, by=reader, now=now)
        except RotaError as error:
            form.add_error(None, str(PROBLEMS[error.code]).format(who=error.who))
        else:
            messages.success(request, _("Offered. Nothing changes before {who} accepts.").format(who=with_))
            return redirect("desk_rota")
    context = {"slot": slot, "hours": hours(slot.shift), "form": form if possible else None}
    status = 422 if form.errors else 200
    return show(request, "workbench/exchange.html", "rota", context, now=now, status=status)


@require_POST
@desk
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept, confirm, decline or take back an exchange."""
    now, reader = timezone.now(), person(request)
    rotas, known = known_rotas(reader, now=now)
    row = exchanging.open_ones(rotas).filter(pk=pk).first()
    if row is None:
        messages.error(request, str(PROBLEMS["decided"]))
        return redirect("desk_rota")
    do = request.POST.get("do", "")
    if do not in exchanging.open_to(row, reader, planned_by(reader, rotas, known)):
        raise PermissionDenied
    _done(request, lambda: _decide(request, row, do, reader, now))
    return redirect("desk_rota")


def _decide(request: HttpRequest, row: ShiftExchange, do: str, by: Person, now: datetime) -> None:
    if do == "accept":
        is_done = exchanging.accept(row, by=by, now=now)
        messages.success(request, _("Exchanged.") if is_done else _("Accepted. Whoever plans the rota confirms it."))
    elif do == "confirm":
        exchanging.confirm(row, by=by, now=now)
        messages.success(request, _("Exchanged."))
    else:
        exchanging.decline(row, by=by, now=now)
        messages.success(request, _("Nothing was exchanged."))


def _done(request: HttpRequest, command: Callable[[], None]) -> None:
    try:
        command()
    except RotaError as error:
        messages.error(request, str(PROBLEMS[error.code]).format(who=error.who))
