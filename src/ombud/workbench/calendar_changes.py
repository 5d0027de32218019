"""Changing what is known of working days: a notice, taking it back, newer packages; each is looked at first."""

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
from ombud.organisation import editions
from ombud.organisation.editions import Proposal
from ombud.organisation.models import CalendarEdition, Person
from ombud.workbench import calendars, packs
from ombud.workbench.announcement_form import AnnouncementForm
from ombud.workbench.page import desk, person
from ombud.worktime.difference import differences

TYPED = ("country", "year", "source", "off", "work")  # what the form of a notice sends again when it is confirmed


@desk
def calendar(request: HttpRequest) -> HttpResponse:
    """Show a calendar's year. Of a notice that a manager typed, show what it would change; enter it once confirmed."""
    now = timezone.now()
    if request.method != "POST":
        return calendars.page(request, now=now)
    reader = _manager(request)
    current = editions.current()
    if current is None:
        raise Http404
    edition = editions.read(current.edition)
    form = AnnouncementForm(request.POST, edition)
    if not form.is_valid():
        return calendars.page(request, now=now, form=form)
    notice = form.announcement()
    typed = [(name, request.POST[name]) for name in TYPED if name in request.POST]
    said = {"typed": typed, "replaced": edition.announcement(notice.country, notice.year), "notice": notice}
    return _decide(request, editions.propose(notice), reader, now, form=form, said=said)


@desk
@require_POST
def undo(request: HttpRequest, edition: str) -> HttpResponse:
    """Show what taking an announcement back would change; take it back once that is confirmed."""
    now, reader = timezone.now(), _manager(request)
    row = get_object_or_404(CalendarEdition.objects.defer("baked"), edition=edition)
    try:
        proposal = editions.propose_undo(row)
    except LookupError as error:
        raise Http404 from error
    return _decide(request, proposal, reader, now)


@desk
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """Show what newer packages know otherwise of holidays; take it over once that is confirmed."""
    now, reader = timezone.now(), _manager(request)
    proposal = editions.propose_renewal() if editions.current() else None
    if proposal is None:
        raise Http404
    return _decide(request, proposal, reader, now)


def _manager(request: HttpRequest) -> Person:
    reader = person(request)
    if not packs.is_manager(reader):
        raise PermissionDenied
    return reader


def _decide(
    request: HttpRequest,
    proposal: Proposal,
    reader: Person,
    now: datetime,
    *,
    form: AnnouncementForm | None = None,
    said: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Enter a proposal whose token was sent back, else show it: nothing happens that nobody has seen."""
    if request.POST.get("confirm") == proposal.token:
        row = editions.enter(proposal, now=now, by=reader)
        messages.success(request, _("Edition {edition} applies. Open cases are counted anew.").format(edition=row))
        return redirect("desk_calendar")
    changes = differences(proposal.before, proposal.edition)
    more = {
        **(said or {}),
        "proposal": proposal,
        "days_off": [each for each in changes if not each.is_worked],
        "days_worked": [each for each in changes if each.is_worked],
        "recount": recount_preview.preview(changes, proposal.edition, reader, now=now),
    }
    return calendars.page(request, now=now, form=form, more=more)
