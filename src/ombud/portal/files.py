"""Uploading evidence ahead of the form, one file at a time with progress; forms work without it too."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ombud.cases import attachments
from ombud.cases.errors import AttachmentRefused, Throttled
from ombud.cases.models import Attachment
from ombud.channels import intake_limits
from ombud.channels.caller import address_of
from ombud.interface import resumable
from ombud.interface.fields import stored_file
from ombud.interface.upload_text import upload_text
from ombud.interface.waiting import duration
from ombud.portal.pages import moment, private

TOO_MANY = "too-many"


@require_http_methods(["POST", "OPTIONS"])
@private
def begin(request: HttpRequest) -> HttpResponse:
    """Begin an upload in parts."""

    def count(size: int) -> None:
        _count(request, size)

    return resumable.create(request, owner=_ahead(request), address=_part_address, count=count, now=moment())


def _part_address(key: UUID) -> str:
    return reverse("portal:upload_part", args=[key])


@require_http_methods(["HEAD", "PATCH", "DELETE", "OPTIONS"])
@private
def part(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take a part in; whoever knows the address goes on, though a telephone has changed networks."""
    return resumable.part(request, key, owner=attachments.AHEAD, now=moment())


@require_POST
@private
def upload(request: HttpRequest) -> HttpResponse:
    """Store one file and answer with the token that the form then carries."""
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"error": _("No file arrived. Try again.")}, status=422)
    try:
        row = store(request, file, owner=_ahead(request))
    except AttachmentRefused as error:
        status = 429 if error.code == TOO_MANY else 422
        return JsonResponse({"error": upload_text(error, file.name or "")}, status=status)
    stored = stored_file(row)
    return JsonResponse({"name": stored.name, "token": stored.token, "size": row.size}, status=201)


def store(request: HttpRequest, file: Any, *, owner: str) -> Attachment:
    """Count a complainant's file and keep it. Raises AttachmentRefused, also for too many of them (too-many)."""
    _count(request, file.size or 0)
    return attachments.store(file, name=file.name or "", uploaded_by=owner, now=moment())


def _count(request: HttpRequest, size: int) -> None:
    try:
        intake_limits.count_file(address_of(request), size, now=moment())
    except Throttled as error:
        raise AttachmentRefused(TOO_MANY, time=duration(error.wait)) from error


def _ahead(request: HttpRequest) -> str:
    return attachments.AHEAD + intake_limits.place_of(address_of(request))
