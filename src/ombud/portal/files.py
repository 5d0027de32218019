"""Uploading evidence ahead of the form, one file at a time with progress; forms work without it too."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ombud.cases import attachments
from ombud.cases.errors import AttachmentRefused
from ombud.channels.caller import address_of
from ombud.interface.fields import StoredFile
from ombud.interface.upload_text import upload_text
from ombud.portal.pages import moment, private
from ombud.privacy import throttle
from ombud.privacy.keys import digest

UPLOADS, WINDOW = 200, timedelta(hours=1)  # per address; a company's staff may share one


@require_POST
@private
def upload(request: HttpRequest) -> HttpResponse:
    """Store one file and answer with the token that the form then carries."""
    now, file = moment(), request.FILES.get("file")
    if file is None:
        return JsonResponse({"error": _("No file arrived. Try again.")}, status=422)
    if not is_allowed(request, now=now):
        return JsonResponse({"error": too_many_words()}, status=429)
    try:
        row = attachments.store(file, name=file.name or "", uploaded_by=_caller(request), now=now)
    except AttachmentRefused as error:
        return JsonResponse({"error": upload_text(error, file.name or "")}, status=422)
    (name,) = attachments.waiting_names([row])
    stored = StoredFile(str(row.id), name)
    return JsonResponse({"name": stored.name, "token": stored.token, "size": row.size}, status=201)


def is_allowed(request: HttpRequest, *, now: datetime) -> bool:
    """Count one file from this address and return whether it may still be kept."""
    return throttle.attempt(_caller(request), limit=UPLOADS, window=WINDOW, now=now)


def too_many_words() -> str:
    """Return what to do about too many files."""
    return _("Too many files in a short time. Try again in an hour.")


def _caller(request: HttpRequest) -> str:
    """Return who uploads, without the address itself: the row may outlive the complaint."""
    return attachments.AHEAD + digest("client", address_of(request))[:32]
