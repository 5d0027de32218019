"""How a person leaves a way by mail with one click in their mail program (RFC 8058), signed in or not."""

from __future__ import annotations

import hmac
from uuid import UUID

from django.conf import settings

from ombud.notices.alerts.models import Way
from ombud.privacy.keys import digest

PURPOSE, LENGTH = "leave-way", 32


def headers(way: Way) -> dict[str, str]:
    """Return the headers that let a mail program offer it: of a person's own way; a group's is not one reader's."""
    if way.person_id is None:
        return {}
    offered = {"List-Unsubscribe": f"<{settings.OMBUD_BASE_URL}/desk/notices/leave/{way.pk}/{_token(way.pk)}/>"}
    if settings.OMBUD_BASE_URL.startswith("https://"):  # what is asked without a click of a person goes sealed only
        offered["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return offered


def way_of(pk: UUID, token: str) -> Way | None:
    """Return the way that a mail of ours named."""
    if not hmac.compare_digest(token.encode(), _token(pk).encode()):
        return None
    return Way.objects.filter(pk=pk, person__isnull=False).select_related("person").first()


def _token(pk: UUID) -> str:
    return digest(PURPOSE, pk.hex)[:LENGTH]
