"""One message that came in: what it says, why it waits, which case it may belong to, and what is decided about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ombud.cases.access.case_access import ACT, access_case
from ombud.cases.access.permissions import permissions_of
from ombud.cases.errors import Forbidden, NoSuchCase
from ombud.channels import folded, message_files
from ombud.correspondence import attaching, inbox, settling, suggesting, talks, wording
from ombud.correspondence.models import Message
from ombud.correspondence.settling import OPEN, ReasonMissing, SettledMeanwhile
from ombud.organisation.models import Person
from ombud.workbench import message_facts
from ombud.workbench.inbox import WHY
from ombud.workbench.page import desk, person, show


class NotAttached(Exception):
    """A message cannot belong to the case that was named; the words say why."""


@require_GET
@desk
def message(request: HttpRequest, message: UUID) -> HttpResponse:
    """Show a message."""
    return shown(request, found(person(request), message), now=timezone.now())


@require_POST
@desk
def settle(request: HttpRequest, message: UUID, act: str) -> HttpResponse:
    """Decide about a message; whoever comes second is told that it is settled."""
    now, reader = timezone.now(), person(request)
    row = found(reader, message)
    if act not in ACTS:
        raise Http404
    try:
        told = ACTS[act](request, row, reader, now)
    except SettledMeanwhile:
        return shown(request, found(reader, message), now=now, status=409, more={"is_settled_meanwhile": True})
    except ReasonMissing:
        more = {"reason_problem": _("Say why it is no complaint: a few words that others will understand.")}
        return shown(request, row, now=now, status=422, more=more)
    except NotAttached as error:
        more = {"attach_problem": str(error), "reference": request.POST.get("reference", "")}
        return shown(request, row, now=now, status=422, more=more)
    messages.success(request, told)
    return redirect("desk_message", message=row.pk) if act in ("restore", "release") else redirect("desk_inbox")


@require_GET
@desk
def file(request: HttpRequest, message: UUID, number: int) -> HttpResponseBase:
    """Hand out a file of a message."""
    return message_files.handed_out(found(person(request), message), number)


@require_GET
@desk
def original(request: HttpRequest, message: UUID) -> HttpResponseBase:
    """Hand out a message as it came."""
    return message_files.as_it_came(found(person(request), message))


def found(reader: Person, pk: UUID) -> Message:
    """Return a message that the reader answers for; 404 for any other."""
    try:
        return inbox.message_of(reader, pk)
    except Message.DoesNotExist as error:
        raise Http404 from error


def shown(
    request: HttpRequest, row: Message, *, now: datetime, status: int = 200, more: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Render the page of a message."""
    is_open, line = row.state in OPEN, inbox.line_of(row)
    context = {
        "line": line,
        "folded": folded.text_of(row, str(wording.part(row, wording.TEXT)), line.details),
        "facts": message_facts.of(line.details),
        "files": wording.part(row, wording.FILES) or (),
        "has_html": wording.HTML in row.sealed and not line.is_erased,
        "talk": [inbox.line_of(each) for each in talks.together(row) if each.pk != row.pk] if is_open else (),
        "dismissed_for": wording.part(row, wording.REASON) if row.state == Message.State.DISMISSED else "",
        "why": WHY.get(str(line.details.get("why", "")), ""),
        "suggestions": suggesting.cases_for(row, permissions_of(person(request)), now=now) if is_open else (),
        "answers": inbox.answers_to(row),
        "is_open": is_open,
        "is_quarantined": row.state == Message.State.QUARANTINED,
        "is_dismissed": row.state == Message.State.DISMISSED,
        **(more or {}),
    }
    return show(request, "workbench/inbox_message.html", "inbox", context, now=now, status=status)


def _attach(request: HttpRequest, row: Message, reader: Person, now: datetime) -> str:
    try:
        accessed = access_case(reader, request.POST.get("reference", ""), ACT)
        attaching.attach(row, accessed.case, now=now, by=reader)
    except NoSuchCase as error:
        raise NotAttached(_("You see no case with this number. Check it.")) from error
    except Forbidden as error:
        raise NotAttached(_("You may only read this case: somebody who acts on it attaches the message.")) from error
    except attaching.Erased as error:
        raise NotAttached(_("The personal data of this case is erased: nothing is added to it any more.")) from error
    return _("Attached to {reference}. Who handles the case is told.").format(reference=accessed.case.reference)


def _dismiss(request: HttpRequest, row: Message, reader: Person, now: datetime) -> str:
    settling.dismiss(row, reason=request.POST.get("reason", ""), by=reader, now=now)
    return _("Put aside as no complaint. Under Settled it can be taken back.")


def _restore(_request: HttpRequest, row: Message, reader: Person, now: datetime) -> str:
    settling.restore(row, by=reader, now=now)
    return _("It waits in the inbox again.")


def _release(_request: HttpRequest, row: Message, reader: Person, now: datetime) -> str:
    settling.release(row, by=reader, now=now)
    return _("Released: it waits in the inbox.")


#: What may be decided, by the last part of the address that it is sent to.
ACTS: Mapping[str, Callable[[HttpRequest, Message, Person, datetime], str]] = {
    "attach": _attach,
    "dismiss": _dismiss,
    "restore": _restore,
    "release": _release,
}
