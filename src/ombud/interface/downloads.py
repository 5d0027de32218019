"""Handing out a stored file: by a name that is what it says, and never as something that the browser would run."""

from __future__ import annotations

from django.http import FileResponse

from ombud.cases import attachments
from ombud.cases.models import Attachment

_SHOWN = ("image/", "video/", "audio/")


def download(row: Attachment, name: str, *, is_shown: bool = False) -> FileResponse:
    """Return the file as an attachment; `is_shown` lets the browser show pictures, video and sound instead.

    Raises FileNotFoundError once its content was erased.
    """
    shows = is_shown and row.media_type.startswith(_SHOWN)
    response = FileResponse(
        attachments.content(row), as_attachment=not shows, filename=name or str(row.pk), content_type=row.media_type
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
