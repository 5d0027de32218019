"""Answering a message that is no case's: the answer settles it, and for some seconds it can be called back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ombud.cases.errors import AttachmentRefused
from ombud.correspondence import composing, inbox
from ombud.correspondence.composing import Draft, GoneAlready, Unsendable
from ombud.correspondence.enclosures import TooLarge
from ombud.correspondence.models import Message
from ombud.correspondence.settling import OPEN, SettledMeanwhile
from ombud.interface.upload_text import upload_text
from ombud.texts import LANGUAGES
from ombud.workbench import actpanel
from ombud.workbench.inbox_message import found, shown
from ombud.workbench.message_form import MessageForm
from ombud.workbench.page import desk, person, show


@require_http_methods(["GET", "POST"])
@desk
def answer(request: HttpRequest, message: UUID) -> HttpResponse:
    """Write an answer to a message that is no case's."""
    now, reader = timezone.now(), person(request)
    row = found(reader, message)
    if row.state not in OPEN:
        return shown(request, row, now=now, status=409, more={"is_settled_meanwhile": True})
    line = inbox.line_of(row)
    form = MessageForm(
        request.POST or None,
        request.FILES or None,
        languages=dict.fromkeys([row.language or "zh", *LANGUAGES]),
        initial={"subject": f"Re: {line.subject}"[:200], "language": row.language or "zh"},
    )
    form.keep_uploads(store=actpanel.keeper(reader, now))
    if request.method == "POST" and form.is_valid():
        try:
            _queue(request, row, line, form, now)
        except SettledMeanwhile:
            return shown(request, found(reader, message), now=now, status=409, more={"is_settled_meanwhile": True})
        except Unsendable:
            form.add_error(None, _("This message has no sender whom an answer could reach, or no account sends it."))
        except TooLarge:
            form.add_error("uploads", _("Together these files are larger than mail servers take. Send fewer."))
        except AttachmentRefused as error:
            form.add_error("uploads", upload_text(error))
        else:
            messages.success(request, _("It is sent in a moment. Until then it can be called back below."))
            return redirect("desk_message", message=row.pk)
    context: dict[str, Any] = {"line": line, "form": form}
    status = 422 if request.method == "POST" else 200
    return show(request, "workbench/inbox_answer.html", "inbox", context, now=now, status=status)


@require_POST
@desk
def call_back(request: HttpRequest, message: UUID, answer: UUID) -> HttpResponse:
    """Call an answer back that has not left yet: the message waits again."""
    row = found(person(request), message)
    sent = Message.objects.filter(pk=answer, answers=row, is_out=True, case=None).first()
    if sent is None:
        raise Http404
    try:
        composing.call_back(sent, now=timezone.now())
    except GoneAlready:
        messages.error(request, _("Too late: the message has left."))
    else:
        messages.success(request, _("Called back: it was not sent."))
    return redirect("desk_message", message=row.pk)


def _queue(request: HttpRequest, row: Message, line: inbox.Line, form: MessageForm, now: datetime) -> None:
    reader, said = person(request), form.cleaned_data
    draft = Draft(
        name=line.who,
        address=line.answer_to,
        subject=said["subject"],
        text=said["text"],
        language=said["language"],
        files=form.enclosures(reader),
    )
    send_at = now + timedelta(seconds=settings.OMBUD_UNDO_SECONDS)
    composing.answer(row, draft, by=reader, now=now, send_at=send_at)
