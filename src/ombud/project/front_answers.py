"""What is answered before Django is asked, in the reader's language: too slow, too busy."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_supported_language_variant, gettext_noop
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

ERRORS = sys.stderr

#: kind -> (status, what is said, seconds after which to try again)
KINDS = {
    "slow": (408, gettext_noop("The request arrived too slowly. Try again where the connection is better."), 1),
    "busy": (503, gettext_noop("Too many requests at this moment. Try again in a few seconds."), 5),
    "full": (503, gettext_noop("The server has no room for this just now. Try again in some minutes."), 300),
}


def send(scope: Any, proto: Any, kind: str) -> None:
    """Send one of the answers; what is left of the body is not waited for."""
    status, said, pause = KINDS[kind]
    if settings.OMBUD_METRICS_TOKEN:
        from ombud.project.watching.counting import REFUSED

        REFUSED.labels(kind).inc()
    with translation.override(_language(scope.headers.get("accept-language", ""))):
        text = _(said)
    media, content = "text/plain; charset=utf-8", text
    if scope.path.startswith("/api/"):
        media = "application/problem+json"
        members = {"title": text, "status": status, "detail": text, "instance": scope.path}
        content = json.dumps({"type": "urn:ombud:problem:unavailable", **members})
    headers = [
        ("content-type", media),
        ("retry-after", str(pause)),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'"),
        ("connection", "close"),
    ]
    proto.response_str(status, headers, content)


def _language(accepted: str) -> str:
    for code, _rank in parse_accept_lang_header(accepted.lower()):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return translation.get_language() or "en"
