"""Changing what is known of working days: one proposes, having seen what it moves; another looks too, and decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ombud.cases import recount_preview
from ombud.organisation import calendar_decisions, editions
from ombud.organisation.calendar_decisions import DecisionError
from ombud.organisation.editions import Proposal
from ombud.organisation.models import CalendarEdition, CalendarProposal, Person
from ombud.workbench import calendars
from ombud.workbench.announcement_form import AnnouncementForm
from ombud.workbench.page import desk, person
from ombud.worktime import Announcement
from ombud.worktime.difference import differences

TYPED = ("country", "year", "source", "off", "work")  # what the form of a notice sends again when it is confirmed


@desk
def calendar(request: HttpRequest) -> HttpResponse:
    """Show a calendar's year. Of a notice that somebody typed, show what it would change; propose it once confirmed."""
    now = timezone.now()
    if request.method != "POST":
        return calendars.page(request, now=now)
    reader = _proposer(request)
    current = editions.current()
    if current is None:
        raise Http404
    edition = editions.read(current.edition)
    form = AnnouncementForm(request.POST, edition)
    if not form.is_valid():
        return calendars.page(request, now=now, form=form)
    typed = [(name, request.POST[name]) for name in TYPED if name in request.POST]
    notice = form.announcement()
    return _suggest(request, editions.propose(notice), reader, now, form=form, notice=notice, typed=typed)


@desk
@require_POST
def undo(request: HttpRequest, edition: str) -> HttpResponse:
    """Show what taking an announcement back would change; propose it once that is confirmed."""
    now, reader = timezone.now(), _proposer(request)
    row = get_object_or_404(CalendarEdition.objects.defer("baked"), edition=edition)
    try:
        proposal = editions.propose_undo(row)
    except LookupError as error:
        raise Http404 from error
    return _suggest(request, proposal, reader, now)


@desk
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """Show what newer packages know otherwise of holidays; propose to take it over once that is confirmed."""
    now, reader = timezone.now(), _proposer(request)
    proposal = editions.propose_renewal() if editions.current() else None
    if proposal is None:
        raise Http404
    return _suggest(request, proposal, reader, now)


@desk
def proposed(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a proposal would change now, to who decides and to who proposed; let it apply, or decline it."""
    now, reader = timezone.now(), _proposer(request)
    row = get_object_or_404(CalendarProposal.objects.select_related("proposed_by", "undoes"), pk=pk, decided_at=None)
    try:
        if request.method == "POST" and _is_decided(request, row, reader, now):
            return redirect("desk_calendar")
        proposal = calendar_decisions.effect_of(row)
    except DecisionError as error:
        return calendars.page(request, now=now, more={"decision": row, "problem": str(error)})
    notice = calendar_decisions.notice_of(row)
    more = {"decision": row, **_effect(proposal, reader, now, notice)}
    return calendars.page(request, now=now, more=more)


def _is_decided(request: HttpRequest, row: CalendarProposal, reader: Person, now: datetime) -> bool:
    """Do what was pressed; False where what was looked at is not what would happen any more. Raises DecisionError."""
    if request.POST.get("verdict") == "decline":
        calendar_decisions.decline(row, because=request.POST.get("because", ""), by=reader, now=now)
        messages.success(request, _("Working days stay as they are."))
        return True
    edition = calendar_decisions.approve(row, token=request.POST.get("confirm", ""), by=reader, now=now)
    if edition is not None:
        messages.success(request, _("Edition {edition} applies. Open cases are counted anew.").format(edition=edition))
    return edition is not None


def _proposer(request: HttpRequest) -> Person:
    reader = person(request)
    if not calendar_decisions.can_propose(reader):
        raise PermissionDenied
    return reader


def _suggest(
    request: HttpRequest,
    proposal: Proposal,
    reader: Person,
    now: datetime,
    *,
    form: AnnouncementForm | None = None,
    notice: Announcement | None = None,
    typed: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    """Propose what was looked at and whose token was sent back, else show it: nobody proposes what they did not see."""
    more: dict[str, Any] = {"typed": typed or []}
    if request.POST.get("confirm") == proposal.token:
        try:
            calendar_decisions.suggest(proposal, notice=notice, by=reader, now=now)
        except DecisionError as error:
            more["problem"] = str(error)
        else:
            messages.success(request, _("Proposed. Nothing changes before another manager lets it apply."))
            return redirect("desk_calendar")
    return calendars.page(request, now=now, form=form, more={**more, **_effect(proposal, reader, now, notice)})


def _effect(proposal: Proposal, reader: Person, now: datetime, notice: Announcement | None) -> Mapping[str, Any]:
    """Return what a proposal changes: days, and for whoever sees all cases the due times."""
    changes = differences(proposal.before, proposal.edition)
    sees_cases = calendar_decisions.can_decide(reader)
    return {
        "proposal": proposal,
        "notice": notice,
        "replaced": proposal.before.announcement(notice.country, notice.year) if notice else None,
        "days_off": [each for each in changes if not each.is_worked],
        "days_worked": [each for each in changes if each.is_worked],
        "recount": recount_preview.preview(changes, proposal.edition, reader, now=now) if sees_cases else None,
    }
