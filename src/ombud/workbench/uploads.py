"""Uploading files ahead of a form of the desk, part by part; forms work without it too."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ombud.interface import resumable
from ombud.workbench.page import desk, person


@require_http_methods(["POST", "OPTIONS"])
@desk
def begin(request: HttpRequest) -> HttpResponse:
    """Begin an upload; staff have no limits but those of a file."""
    owner, now = person(request).key, timezone.now()
    return resumable.create(request, owner=owner, address=_address, count=lambda _size: None, now=now)


def _address(key: UUID) -> str:
    return reverse("desk_upload_part", args=[key])


@require_http_methods(["HEAD", "PATCH", "DELETE", "OPTIONS"])
@desk
def part(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take a part in, of one's own upload only."""
    return resumable.part(request, key, owner=person(request).key, now=timezone.now())
