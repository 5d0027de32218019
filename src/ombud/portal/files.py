"""Uploading evidence ahead of the form, one file at a time with progress; forms work without it too."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ombud.cases import attachments
from ombud.cases.errors import AttachmentRefused, Throttled
from ombud.cases.models import Attachment
from ombud.channels import intake_limits
from ombud.channels.caller import address_of
from ombud.interface.fields import StoredFile
from ombud.interface.upload_text import upload_text
from ombud.interface.waiting import duration
from ombud.portal.pages import moment, private

TOO_MANY = "too-many"


@require_POST
@private
def upload(request: HttpRequest) -> HttpResponse:
    """Store one file and answer with the token that the form then carries."""
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"error": _("No file arrived. Try again.")}, status=422)
    ahead = attachments.AHEAD + intake_limits.place_of(address_of(request))
    try:
        row = store(request, file, owner=ahead)
    except AttachmentRefused as error:
        status = 429 if error.code == TOO_MANY else 422
        return JsonResponse({"error": upload_text(error, file.name or "")}, status=status)
    (name,) = attachments.waiting_names([row])
    stored = StoredFile(str(row.id), name)
    return JsonResponse({"name": stored.name, "token": stored.token, "size": row.size}, status=201)


def store(request: HttpRequest, file: Any, *, owner: str) -> Attachment:
    """Count a complainant's file and keep it. Raises AttachmentRefused, also for too many of them (too-many)."""
    now = moment()
    try:
        intake_limits.count_file(address_of(request), file.size or 0, now=now)
    except Throttled as error:
        raise AttachmentRefused(TOO_MANY, time=duration(error.wait)) from error
    return attachments.store(file, name=file.name or "", uploaded_by=owner, now=now)
