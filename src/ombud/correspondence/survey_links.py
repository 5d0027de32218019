"""The link that opens one survey of one case until it closes, and nothing else of the case.

It is signed only in what goes to the complainant: what staff read of the message opens nothing. Its form is that of the
link to a complaint, so that an answer which quotes it is struck the same way.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime

from django.conf import settings

from ombud.privacy.keys import digest

_HOUR = 3600  # seconds
_TOKEN = re.compile(r"([0-9a-f]{5,6})-([0-9a-f]{20})")  # until when, in hours, and 80 bits of the signature
_PAGE = re.compile(r"/survey/([0-9]{1,18})/\?until=([0-9a-f]{5,6})\b")
_SIGNED = re.compile(rf"\S+/survey/[0-9]+/\?way={_TOKEN.pattern}")


def page_of(invitation: int, *, until: datetime) -> str:
    """Return where an invitation to a survey is answered, as its message is kept: without what opens it."""
    return f"{settings.OMBUD_BASE_URL}/survey/{invitation}/?until={_ends(until)}"


def signed(text: str) -> str:
    """Return a text to the complainant with what opens the survey that it asks to answer."""
    return _PAGE.sub(lambda found: f"/survey/{found[1]}/?way={found[2]}-{_signature(int(found[1]), found[2])}", text)


def link_in(text: str) -> str:
    """Return the signed link that a text holds; empty without one."""
    found = _SIGNED.search(text)
    return found[0] if found else ""


def token_of(invitation: int, *, until: datetime) -> str:
    """Return what opens an invitation until it closes."""
    ends = _ends(until)
    return f"{ends}-{_signature(invitation, ends)}"


def opens(invitation: int, token: str, *, now: datetime) -> bool:
    """Return whether a token opens an invitation now."""
    written = _TOKEN.fullmatch(token)
    if written is None or int(written[1], 16) * _HOUR <= now.timestamp():
        return False
    return hmac.compare_digest(_signature(invitation, written[1]), written[2])


def _ends(until: datetime) -> str:
    return f"{-int(-until.timestamp() // _HOUR):x}"  # the hour after, so that nobody comes too late for the page


def _signature(invitation: int, ends: str) -> str:
    return digest("survey", f"{invitation} {ends}")[:20]
