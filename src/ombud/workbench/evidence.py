"""Looking at a case's files: in small, in a frame of their own, played piece by piece, or taken along. It is noted."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ombud.cases import attachments, contents
from ombud.cases.access.case_access import ACT, EVIDENCE, Accessed, access_case
from ombud.cases.errors import AttachmentRefused
from ombud.cases.file_visibility import show_file
from ombud.cases.models import Attachment, Content
from ombud.cases.reading import queries
from ombud.evidence import views
from ombud.evidence.drawing import DRAWN
from ombud.interface.downloads import apart, download
from ombud.interface.ranges import ranged
from ombud.privacy import log
from ombud.workbench.page import desk, person, show

_FRAME = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_PLAYED = ("audio/", "video/")


def _found(request: HttpRequest, reference: str, file: UUID) -> tuple[Accessed, Attachment, Content, str]:
    """Return a file of a case that the reader may open files of, with its name."""
    accessed = access_case(person(request), reference, EVIDENCE)
    for row, name in queries.attachments(accessed):
        if row.pk == file and row.content is not None:
            return accessed, row, row.content, name
    raise Http404


def _note(accessed: Accessed, row: Attachment) -> None:
    assert accessed.reader is not None, "staff opened it"
    log.note_opened(accessed.reader, accessed.case.reference, str(row.pk), now=timezone.now())


def _noted(accessed: Accessed, row: Attachment, answer: HttpResponseBase) -> HttpResponseBase:
    """Note the look that an answer gives, and return it; one that could not be given was none."""
    _note(accessed, row)
    return answer


@require_GET
@desk
def file(request: HttpRequest, reference: str, file: UUID) -> HttpResponseBase:
    """Hand out a file as it was sent; never shown inside our own pages, whatever it claims to be."""
    accessed, row, _content, name = _found(request, reference, file)
    try:
        return _noted(accessed, row, download(row, name))
    except contents.Withheld:
        return redirect("desk_file_look", reference, file)  # which says why
    except FileNotFoundError as error:
        raise Http404 from error


@require_GET
@desk
def look(request: HttpRequest, reference: str, file: UUID) -> HttpResponse:
    """Show a file without handing it out: in a frame or player, which note the look once there is something."""
    accessed, row, content, name = _found(request, reference, file)
    context: dict[str, Any] = {
        "accessed": accessed,
        "case": accessed.case,
        "file": row,
        "name": name,
        "withheld": contents.withheld(content),
        "is_framed": bool(content.views) or row.media_type == views.TEXT,
        "is_video": row.media_type.startswith("video/"),
        "is_audio": row.media_type.startswith("audio/"),
        "is_waiting": content.viewed_at is None and row.media_type in DRAWN,
        "is_seen": queries.is_seen_by_complainant(accessed, row),
        "can_choose": bool(accessed.actors) and not accessed.vault.is_erased and accessed.has_complainant,
    }
    return show(request, "workbench/evidence.html", "register", context, now=timezone.now())


@require_POST
@desk
def who_sees(request: HttpRequest, reference: str, file: UUID) -> HttpResponse:
    """Let the complainant see a file, or make it internal; the timeline says who chose so, when and why."""
    accessed = access_case(person(request), reference, ACT)
    if not accessed.has_complainant:
        raise Http404
    now, is_open = timezone.now(), request.POST.get("open") == "yes"
    try:
        reason = request.POST.get("reason", "")
        show_file(accessed.case, file, is_open=is_open, actor=accessed.actors[0], reason=reason, now=now)
    except AttachmentRefused as error:
        raise Http404 from error
    said = _("The complainant sees the file now.") if is_open else _("The file is internal now.")
    messages.success(request, said)
    return redirect("desk_file_look", reference, file)


@require_GET
@desk
def frame(request: HttpRequest, reference: str, file: UUID) -> HttpResponse:
    """Return what is shown of a file, for its frame: pictures that we drew, or text; nothing that could run."""
    accessed, row, content, _name = _found(request, reference, file)
    context: dict[str, Any] = {"pages": [], "text": ""}
    try:
        if row.media_type == views.TEXT:
            with attachments.content(row) as opened:
                context["text"] = views.text_of(opened)
        else:
            drawn = [views.view(content, number) for number in range(1, len(content.views))]
            context["pages"] = [f"data:image/jpeg;base64,{b64encode(each).decode()}" for each in drawn]
    except FileNotFoundError as error:
        raise Http404 from error
    response = render(request, "workbench/evidence_frame.html", context)
    if context["pages"] or context["text"]:
        _note(accessed, row)
    response["Content-Security-Policy"] = _FRAME
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
@desk
def play(request: HttpRequest, reference: str, file: UUID) -> HttpResponseBase:
    """Hand a player the piece of sound or film that it asks for."""
    accessed, row, _content, _name = _found(request, reference, file)
    if not row.media_type.startswith(_PLAYED):
        raise Http404
    try:
        opened = attachments.content(row)
    except FileNotFoundError as error:
        raise Http404 from error
    return _noted(accessed, row, apart(ranged(opened, row.size, request.headers.get("Range", ""), row.media_type)))


@require_GET
@desk
def small(request: HttpRequest, reference: str, file: UUID) -> HttpResponseBase:
    """Return the small picture of a file, by which one finds it on the page; that is no look at it."""
    _accessed, _row, content, _name = _found(request, reference, file)
    try:
        return apart(HttpResponse(views.view(content, 0), content_type="image/jpeg"))
    except FileNotFoundError as error:
        raise Http404 from error
