"""A mail as its sender formatted it: in a frame without scripts, without an origin, and without anything from afar.

Pictures from elsewhere are asked for only by a form of our own page, never by opening an address.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from ombud.cases.access.case_access import EVIDENCE, access_case
from ombud.channels import formatted
from ombud.correspondence import conversation, wording
from ombud.correspondence.models import Message
from ombud.workbench.inbox_message import found
from ombud.workbench.page import desk, person, show

# A link of the mail may open a page of its own; nothing else may leave the frame, or run in it.
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
_RULES = (
    f"sandbox {_SANDBOX}; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


@require_GET
@desk
def message(request: HttpRequest, message: UUID) -> HttpResponse:
    """Show the frame with a message of the inbox."""
    row = found(person(request), message)
    context = {"back": reverse("desk_message", args=[row.pk]), "frame": reverse("desk_message_frame", args=[row.pk])}
    return _around(request, row, context, active="inbox")


@require_http_methods(["GET", "POST"])
@desk
def message_frame(request: HttpRequest, message: UUID) -> HttpResponse:
    """Return the page of a message of the inbox, for its frame."""
    return _framed(request, found(person(request), message))


@require_GET
@desk
def said(request: HttpRequest, reference: str, message: UUID) -> HttpResponse:
    """Show the frame with a message of a case."""
    row = _said(request, reference, message)
    names = [reference, row.pk]
    context = {
        "back": f"{reverse('desk_case', args=[reference])}#said-{row.pk}",
        "frame": reverse("desk_said_frame", args=names),
    }
    return _around(request, row, context, active="register")


@require_http_methods(["GET", "POST"])
@desk
def said_frame(request: HttpRequest, reference: str, message: UUID) -> HttpResponse:
    """Return the page of a message of a case, for its frame."""
    return _framed(request, _said(request, reference, message))


def _said(request: HttpRequest, reference: str, pk: UUID) -> Message:
    accessed = access_case(person(request), reference, EVIDENCE)
    try:
        return conversation.message_of(accessed, pk, now=timezone.now())
    except Message.DoesNotExist as error:
        raise Http404 from error


def _page(row: Message) -> str:
    try:
        return formatted.page_of(row)
    except formatted.NotFormatted as error:
        raise Http404 from error


def _around(request: HttpRequest, row: Message, context: dict[str, Any], *, active: str) -> HttpResponse:
    page = _page(row)
    context |= {
        "row": row,
        "subject": wording.part(row, wording.SUBJECT),
        "has_remote": formatted.has_remote(page),
        "sandbox": _SANDBOX,
    }
    template = "workbench/_formatted.html" if request.headers.get("HX-Request") else "workbench/formatted.html"
    return show(request, template, active, context, now=timezone.now())


def _framed(request: HttpRequest, row: Message) -> HttpResponse:
    page = formatted.with_pictures(row, _page(row), fetches=request.method == "POST")
    response = render(request, "workbench/frame.html", {"page": page, "language": row.language})
    response["Content-Security-Policy"] = _RULES
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response
