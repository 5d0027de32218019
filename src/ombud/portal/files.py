"""Uploading evidence ahead of the form, part by part; what comes with a form is counted alike."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ombud.cases import attachments
from ombud.cases.errors import AttachmentRefused, Throttled
from ombud.cases.models import Attachment
from ombud.channels import intake_limits
from ombud.channels.caller import address_of
from ombud.interface import resumable
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
