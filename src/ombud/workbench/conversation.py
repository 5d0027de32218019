"""What was said on a case, for its page: messages, letters and calls in order."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ombud.cases.access.case_access import EVIDENCE, Accessed, access_case
from ombud.channels import folded, message_files
from ombud.correspondence import conversation, lacking, resending
from ombud.correspondence.models import Message
from ombud.correspondence.unsettled import MESSAGES
from ombud.workbench import message_facts
from ombud.workbench.page import desk, person


def of(accessed: Accessed, *, before: str | None, now: datetime) -> dict[str, Any]:
    """Return what was said on a case, for its page; `before` is the cursor of an earlier part."""
    page = conversation.of(accessed, now=now, before=before)
    return {
        "conversation": [(said, folded.of(said), message_facts.of(said.apart)) for said in page.rows],
        "earlier": page.after,
        "is_earlier": before is not None,
        "read_after_all": conversation.read_after_all(accessed),
        "can_write": can_write(accessed),
    }


def can_write(accessed: Accessed) -> bool:
    """Return whether the reader may write to those outside on a case."""
    return bool(accessed.actors) and not accessed.is_masked and not accessed.vault.is_erased


@require_GET
@desk
def file(request: HttpRequest, reference: str, message: UUID, number: int) -> HttpResponseBase:
    """Hand out a file of a message of a case."""
    accessed = access_case(person(request), reference, EVIDENCE)
    try:
        return message_files.handed_out(conversation.message_of(accessed, message, now=timezone.now()), number)
    except Message.DoesNotExist as error:
        raise Http404 from error


@require_GET
@desk
def original(request: HttpRequest, reference: str, message: UUID) -> HttpResponseBase:
    """Hand out a message of a case as it came."""
    accessed = access_case(person(request), reference, EVIDENCE)
    try:
        return message_files.as_it_came(conversation.message_of(accessed, message, now=timezone.now()))
    except Message.DoesNotExist as error:
        raise Http404 from error


@require_POST
@desk
def send_complete(request: HttpRequest, reference: str, message: UUID) -> HttpResponseBase:
    """Send a letter once more, with the files that could not be put into it."""
    accessed, now, by = access_case(person(request), reference, EVIDENCE), timezone.now(), person(request)
    try:
        row = conversation.message_of(accessed, message, now=now)
    except Message.DoesNotExist as error:
        raise Http404 from error
    if not can_write(accessed):
        raise Http404
    if lacking.went_without(row) and resending.again(MESSAGES, str(row.pk), by=by, now=now):
        messages.success(request, _("It is made again, and sent with them."))
    else:
        messages.warning(request, _("That was done already."))
    return redirect("desk_case", accessed.case.reference)
