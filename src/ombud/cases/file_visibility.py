"""Whether the complainant sees a file: chosen anew by whoever works on the case, and kept in its log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from ombud.cases.attachments import described
from ombud.cases.commands import beside
from ombud.cases.errors import AttachmentRefused
from ombud.cases.models import Attachment, Case
from ombud.engine.model import Actor
from ombud.policy.event_names import SHOW_FILE
from ombud.policy.plain_text import plain
from ombud.policy.vocabulary import REASON


def show_file(case: Case, key: Any, *, is_open: bool, actor: Actor, reason: str = "", now: datetime) -> None:
    """Let the complainant see a file of the case, or no longer; that they could before stays in the log.

    Raises AttachmentRefused for a file that is not the case's or was erased, Forbidden after an erasure.
    """
    reason = plain(reason, lines=True)

    def said(fresh: Case) -> dict[str, Any]:
        row = Attachment.objects.filter(pk=key, case=fresh, content__isnull=False).first()
        if row is None:
            raise AttachmentRefused("unknown")
        row.is_open = is_open
        row.save(update_fields=["is_open"])
        return {"open": is_open, "files": [described(row)], **({REASON: reason} if reason else {})}

    with transaction.atomic():
        beside(case, SHOW_FILE, actor=actor, said=said, now=now)
