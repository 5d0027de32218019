"""Turns every error that an endpoint may raise into its answer: one literal table."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError, HttpError, ValidationError

from ombud.api.callers import ScopeMissing
from ombud.api.problems import problem, refused
from ombud.api.strict import Malformed, Unreadable, error
from ombud.api.times import at_seconds, wanted
from ombud.cases.errors import AttachmentRefused, Forbidden, KeyReused, NoPolicy, NoSuchCase, Refused, Stale, Throttled
from ombud.interface.waiting import duration

# What the engine finds wrong in the data itself, whatever the policy says.
_MALFORMED = frozenset({"unknown-field", "value"})


def _unauthorised(request: HttpRequest, raised: AuthenticationError) -> HttpResponse:
    response = problem(request, "unauthorised", _("Send a token that is valid: Authorization: Bearer ..."))
    response["WWW-Authenticate"] = "Bearer"
    return response


def _http_error(request: HttpRequest, raised: HttpError) -> HttpResponse:
    # ninja wraps whatever the parser raises.
    if isinstance(raised.__cause__, Unreadable):
        return _unreadable(request, raised.__cause__)
    if isinstance(raised.__cause__, Malformed):
        return _malformed(request, raised.__cause__)
    return problem(request, "unreadable")


def _unreadable(request: HttpRequest, raised: Unreadable) -> HttpResponse:
    return problem(request, "media-type" if raised.status == 415 else "unreadable", str(raised))


def _malformed(request: HttpRequest, raised: Malformed) -> HttpResponse:
    return problem(request, "malformed", errors=raised.errors)


def _invalid(request: HttpRequest, raised: ValidationError) -> HttpResponse:
    """Answer what pydantic found, in the caller's language."""
    errors = []
    for each in raised.errors:
        source, *place = each["loc"]
        # The name of the view's argument is none of the caller's business.
        loc = (source, *place[1:]) if source == "body" else (source, *place)
        errors.append(error(loc, each["type"], _words(each)))
    return problem(request, "malformed", errors=errors)


def _words(found: dict[str, Any]) -> str:
    kind = str(found["type"])
    limits = found.get("ctx", {})
    match kind:
        case "missing":
            return _("This is needed.")
        case "extra_forbidden":
            return _("There is no such member.")
        case "string_type":
            return _("Words are needed.")
        case "string_too_long":
            return _("It may have at most {limit} characters.").format(limit=limits.get("max_length", ""))
        case "string_too_short":
            return _("It must not be empty.")
        case "int_type" | "greater_than_equal" | "less_than_equal":
            return _("A whole number from 0 on is needed.")
        case "dict_type" | "model_type" | "model_attributes_type":
            return _("An object is needed.")
        case "instant":
            return wanted()
        case _:
            return _("This value does not fit.")


def _refused(request: HttpRequest, raised: Refused) -> HttpResponse:
    found = refused(raised.refusals)
    detail = " ".join(each["message"] for each in found)
    if any(each.code in _MALFORMED for each in raised.refusals):
        errors = [error(_place(each["field"]), each["code"], each["message"]) for each in found]
        return problem(request, "malformed", detail, refused=found, errors=errors)
    return problem(request, "refused", detail, refused=found)


def _place(field: str | None) -> tuple[str, ...]:
    return ("body", "data", field) if field else ("body", "data")


def _stale(request: HttpRequest, raised: Stale) -> HttpResponse:
    changed = [{"seq": row.seq, "act": row.act, "occurred_at": at_seconds(row.occurred)} for row in raised.changed]
    message = _("Read the case again, then send this with its new number in `seen`.")
    entry: dict[str, Any] = {"code": "stale", "message": message, "clauses": [], "field": None}
    return problem(request, "stale", message, refused=[entry], seq=raised.seq, changed=changed)


def _file_refused(request: HttpRequest, raised: AttachmentRefused) -> HttpResponse:
    errors = [error(("body", "file"), raised.code, file_words(raised))]
    return problem(request, "malformed", errors[0]["message"], errors=errors)


def file_words(raised: AttachmentRefused) -> str:
    """Return why a file is not taken in."""
    match raised.code:
        case "empty":
            return _("The file is empty.")
        case "too-big":
            return _("The file is larger than {limit} MB.").format(limit=raised.params.get("limit", ""))
        case "archive":
            return _("The file is an archive. Unpack it and send what is in it.")
        case "type":
            return _("Files of this kind are not taken in: send pictures, video, sound, PDF, Office or text files.")
        case _:
            return _("There is no such file, or it was not sent by this caller.")


def _throttled(request: HttpRequest, raised: Throttled) -> HttpResponse:
    response = problem(request, "throttled", _("Try again in {time}.").format(time=duration(raised.wait)))
    response["Retry-After"] = str(max(1, ceil(raised.wait.total_seconds())))
    return response


def _no_policy(request: HttpRequest, raised: NoPolicy) -> HttpResponse:
    message = _("No version of this policy is in force.")
    return problem(request, "malformed", message, errors=[error(("body", "policy"), "unknown", message)])


def _forbidden(request: HttpRequest, raised: Exception) -> HttpResponse:
    return problem(request, "forbidden", _("You may see this, but not do it."))


def _out_of_scope(request: HttpRequest, raised: ScopeMissing) -> HttpResponse:
    return problem(request, "forbidden", _("The token was not given the scope “{scope}”.").format(scope=raised))


def _plain(kind: str) -> Callable[[HttpRequest, Any], HttpResponse]:
    return lambda request, raised: problem(request, kind)


ANSWERS: tuple[tuple[type[Exception], Callable[[HttpRequest, Any], HttpResponse]], ...] = (
    (AuthenticationError, _unauthorised),
    (ScopeMissing, _out_of_scope),
    (HttpError, _http_error),
    (Unreadable, _unreadable),
    (Malformed, _malformed),
    (ValidationError, _invalid),
    (RequestDataTooBig, _plain("too-large")),
    (NoSuchCase, _plain("not-found")),
    (Forbidden, _forbidden),
    (NoPolicy, _no_policy),
    (Refused, _refused),
    (Stale, _stale),
    (AttachmentRefused, _file_refused),
    (KeyReused, _plain("key-reused")),
    (Throttled, _throttled),
)
