"""POST /files: evidence is sent first, one file at a time; the act then names it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Router, UploadedFile
from ninja.responses import Status

from ombud.api import strict
from ombud.api.callers import Call, PublicKey, Token
from ombud.api.keys import ACT
from ombud.api.openapi import failures
from ombud.api.shapes import FileOut
from ombud.api.strict import Malformed, error
from ombud.cases import attachments
from ombud.channels import intake_limits

router = Router(tags=["files"])


@router.post(
    "/files",
    auth=[Token(ACT), PublicKey()],
    response={201: FileOut, **failures(400, 401, 403, 413, 422, 429)},
    operation_id="send_file",
    summary="Send a file",
)
def send_file(request: Call, file: File[UploadedFile]) -> Status[Any]:
    """Keep a file for 24 hours, until an act or complaint of the same caller names its id."""
    strict.only(request)
    extra = [*request.POST, *(name for name in request.FILES if name != "file")]
    if extra or len(request.FILES.getlist("file")) > 1:
        words = _("Send exactly one file, as `file`.")
        raise Malformed([error(("body", name), "unknown", words) for name in extra or ["file"]])
    now = timezone.now()
    request.auth.count(now=now)
    if request.auth.intake is not None:
        intake_limits.count_file(request.auth.address, file.size or 0, now=now)
    row = attachments.store(file, name=file.name or "", uploaded_by=request.auth.owner, now=now)
    return Status(201, FileOut(id=str(row.id), sha256=row.sha256, size=row.size, type=row.media_type))
