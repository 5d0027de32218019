"""Handing out a stored file: by a name that is what it says, and never as something that the browser would run."""

from __future__ import annotations

import io
from typing import IO, TypeVar

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from ombud.cases import attachments
from ombud.cases.models import Attachment
from ombud.interface.ranges import ranged

R = TypeVar("R", bound=HttpResponseBase)
_PLAYED = ("video/", "audio/")
_SHOWN = ("image/", *_PLAYED)


def download(row: Attachment, name: str, *, is_shown: bool = False, asked: str = "") -> HttpResponseBase:
    """Return the file as an attachment; `is_shown` lets the browser show pictures, video and sound instead.

    Of video and sound it is the part that the Range header `asked` for: some browsers play nothing without.
    Raises FileNotFoundError once its content was erased.
    """
    shows = is_shown and row.media_type.startswith(_SHOWN)
    if shows and row.media_type.startswith(_PLAYED):
        played = ranged(attachments.content(row), row.size, asked, row.media_type)
        played["Content-Disposition"] = content_disposition_header(False, name or str(row.pk)) or "inline"
        return apart(played)
    response = FileResponse(
        attachments.content(row), as_attachment=not shows, filename=name or str(row.pk), content_type=row.media_type
    )
    return apart(response)


def made(content: bytes | IO[bytes], name: str, media_type: str) -> FileResponse:
    """Return a file that the program made, as an attachment."""
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    return apart(FileResponse(stream, as_attachment=True, filename=name, content_type=media_type))


def apart(response: R) -> R:
    """Keep the file out of caches, and away from our pages wherever it is opened."""
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
