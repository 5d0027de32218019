"""Uploads that go on where they were cut off: the tus protocol, version 1.0.0 (https://tus.io/protocols/resumable-upload).

Of its extensions: creation, expiration, termination, checksum. Beyond it, the answer to the last part, and to a HEAD
after it, carries the token by which a form names the file.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import http_date
from django.utils.translation import gettext as _

from ombud.cases.attachments import AHEAD
from ombud.cases.errors import AttachmentRefused
from ombud.cases.models import PartialUpload
from ombud.evidence import arriving
from ombud.interface.fields import stored_file
from ombud.interface.upload_text import upload_text

VERSION = "1.0.0"
TOKEN = "Ombud-File-Token"  # the name of a header
_PART = "application/offset+octet-stream"
_LONGEST = 2000  # letters of what a sender says of a file


def create(
    request: HttpRequest, *, owner: str, address: Callable[[UUID], str], count: Callable[[int], None], now: datetime
) -> HttpResponse:
    """Begin an upload and say where its parts go; `count` counts its bytes and may refuse them."""
    if request.method == "OPTIONS":
        return _answer(204)
    length, name = _number(request, "Upload-Length"), _name(request)
    if length is None or name is None or not _speaks(request):
        return _misunderstood(request)
    try:
        arriving.need_fit(length)  # first: what is not taken in uses up nothing
        count(length)
        row = arriving.begin(owner=owner, name=name, length=length, now=now)
    except AttachmentRefused as error:
        return _refused(error, name)
    response = _answer(201, row)
    response["Location"] = address(row.id)
    return response


def part(request: HttpRequest, key: UUID, *, owner: str, now: datetime) -> HttpResponse:
    """Say how much has come (HEAD), take in what follows (PATCH), or throw it away (DELETE).

    Of outsiders' files, for the `owner` AHEAD, whoever knows the address goes on, wherever they are by now.
    """
    if request.method == "OPTIONS":
        return _answer(204)
    if not _speaks(request):
        return _misunderstood(request)
    rows = PartialUpload.objects.filter(pk=key, expires_at__gt=now).select_related("attachment")
    row = (rows.filter(owner__startswith=AHEAD) if owner == AHEAD else rows.filter(owner=owner)).first()
    if row is None:
        return _answer(404)
    if request.method == "HEAD":
        return _answer(200, row)
    if request.method == "DELETE":
        arriving.drop(row)
        return _answer(204)
    return _take(request, row, now)


def _take(request: HttpRequest, row: PartialUpload, now: datetime) -> HttpResponse:
    offset, checksum = _number(request, "Upload-Offset"), request.headers.get("Upload-Checksum", "")
    if request.content_type != _PART:
        return _answer(415)
    if offset is None or (checksum and checksum.partition(" ")[0] not in arriving.ALGORITHMS):
        return _answer(400)
    name = arriving.name_of(row)
    try:
        row.attachment = arriving.append(row, request, offset=offset, checksum=checksum, now=now)
    except arriving.Conflict:
        return _answer(409, PartialUpload.objects.filter(pk=row.pk).select_related("attachment").first())
    except arriving.Mismatch:
        return _answer(460, row)
    except AttachmentRefused as error:
        return _refused(error, name)
    return _answer(204, row)


def _answer(status: int, row: PartialUpload | None = None) -> HttpResponse:
    response = HttpResponse(status=status)
    if row is not None:
        response["Upload-Offset"], response["Upload-Length"] = row.offset, row.length
        response["Upload-Expires"] = http_date(row.expires_at.timestamp())
        if row.attachment is not None:
            response[TOKEN] = stored_file(row.attachment).token
    return _said(response)


def _said(response: HttpResponse) -> HttpResponse:
    response["Tus-Resumable"] = response["Tus-Version"] = VERSION
    response["Tus-Extension"] = "creation,expiration,termination,checksum"
    response["Tus-Checksum-Algorithm"] = ",".join(arriving.ALGORITHMS)
    response["Tus-Max-Size"] = arriving.most()
    response["Cache-Control"] = "no-store"
    return response


def _refused(error: AttachmentRefused, name: str) -> HttpResponse:
    status = {"too-big": 413, "too-many": 429}.get(error.code, 422)
    return _said(JsonResponse({"error": upload_text(error, name)}, status=status))


def _misunderstood(request: HttpRequest) -> HttpResponse:
    if not _speaks(request):
        return _answer(412)
    return _said(JsonResponse({"error": _("The browser did not say what it sends. Try again.")}, status=400))


def _speaks(request: HttpRequest) -> bool:
    return request.headers.get("Tus-Resumable") == VERSION


def _number(request: HttpRequest, header: str) -> int | None:
    said = request.headers.get(header, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 15 else None


def _name(request: HttpRequest) -> str | None:
    """Return the name in Upload-Metadata, empty where there is none, or None where that cannot be read."""
    said = request.headers.get("Upload-Metadata", "")
    if len(said) > _LONGEST:
        return None
    for each in said.split(","):
        key, _blank, value = each.strip().partition(" ")
        if key in ("filename", "name"):
            try:
                return base64.b64decode(value, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return None
    return ""
