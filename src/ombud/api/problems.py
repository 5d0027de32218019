"""What went wrong, as RFC 9457 problem documents in the caller's language."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ombud.engine.model import Refusal
from ombud.organisation.models import words

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"
MOST_ERRORS = 50  # entries of each list of an answer

#: kind -> (status, title); the kind is the end of the problem's type and never changes.
KINDS: dict[str, tuple[int, str]] = {
    "unreadable": (400, gettext_noop("The request cannot be read")),
    "unauthorised": (401, gettext_noop("A valid token is needed")),
    "forbidden": (403, gettext_noop("This is not allowed")),
    "not-found": (404, gettext_noop("There is nothing here")),
    "method": (405, gettext_noop("This address does not take that method")),
    "refused": (409, gettext_noop("The policy refuses this")),
    "stale": (409, gettext_noop("Somebody acted on the case in the meantime")),
    "too-large": (413, gettext_noop("The request is too large")),
    "media-type": (415, gettext_noop("The body is of the wrong kind")),
    "malformed": (422, gettext_noop("The request has values that do not fit")),
    "key-reused": (422, gettext_noop("The idempotency key was used for another request")),
    "throttled": (429, gettext_noop("Too many requests")),
    "error": (500, gettext_noop("Something went wrong on our side")),
    "unavailable": (503, gettext_noop("The service is not available just now")),
}
_OF_THE_BODY = ("content-type", "content-length", "content-language", "content-encoding", "content-disposition")
_BY_STATUS = {status: kind for kind, (status, _title) in reversed(KINDS.items())}


def problem(request: HttpRequest, kind: str, detail: str = "", **members: Any) -> HttpResponse:
    """Return the problem document of a kind; `members` are added to it."""
    status, title = KINDS[kind]
    content = {
        "type": f"urn:ombud:problem:{kind}",
        "title": _(title),
        "status": status,
        "detail": detail or _(title),
        "instance": escape_uri_path(request.path),
        **{name: value[:MOST_ERRORS] if isinstance(value, list) else value for name, value in members.items()},
    }
    response = HttpResponse(json.dumps(content), status=status, content_type=MEDIA_TYPE)
    response["Cache-Control"] = "no-store"
    return response


def refused(refusals: Iterable[Refusal]) -> list[dict[str, Any]]:
    """Return refusals as the contract writes them."""
    return [
        {
            "code": each.code,
            "message": words(dict(each.message)),
            "clauses": list(each.clauses),
            "field": each.field,
        }
        for each in refusals
    ]


def only_problems(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Turn every error page below /api/, whoever made it, into a problem document."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code < 400 or not request.path.startswith(PREFIX):
            return response
        if response["Content-Type"] == MEDIA_TYPE:
            return response
        kind = _BY_STATUS.get(response.status_code, "error" if response.status_code >= 500 else "unreadable")
        with translation.override(translation.get_language_from_request(request)):
            made = problem(request, kind)
        for name, value in response.headers.items():  # what the layers within have added, such as the browser's rules
            if not made.has_header(name) and name.lower() not in _OF_THE_BODY:
                made[name] = value
        made._has_been_logged = getattr(response, "_has_been_logged", False)  # type: ignore[attr-defined]  # Django's mark
        return made

    return handle
