"""Reading a request to the letter: only JSON, only what a database can hold, only parameters that exist."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from ombud.api.problems import MOST_ERRORS
from ombud.policy.vocabulary import CHANNEL, LANGUAGE, LATE_REASON

DEEPEST = 20
MOST_MEMBERS = 200  # of an object or list: no policy has so many fields, and each unknown one is an error to tell
FILLED_IN = (CHANNEL, LANGUAGE, LATE_REASON)  # members of their own
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u(?:0000|d[89a-f])", re.IGNORECASE)  # as which alone JSON in UTF-8 can hold one


class Unreadable(Exception):
    """The body is no JSON document that could be looked at."""

    def __init__(self, detail: str, *, status: int = 400) -> None:
        super().__init__(detail)
        self.status = status


class Malformed(Exception):
    """The request has values that do not fit; `errors` says which."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors)
        self.errors = errors


def error(loc: Iterable[str | int], code: str, message: str) -> dict[str, Any]:
    """Return one entry of a problem's `errors`."""
    return {"loc": list(loc), "code": code, "message": message}


class StrictParser(Parser):
    """JSON as RFC 8259 has it; Python's own reader takes NaN, repeated names and halves of characters."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise Unreadable(_("Send the body as application/json."), status=415)
        try:
            text = request.body.decode("utf-8")
            body = json.loads(
                text,
                object_pairs_hook=_once_each,
                parse_constant=_no_constant,
                parse_float=_finite,
            )
        except Unreadable:
            raise
        except (ValueError, RecursionError) as problem:
            raise Unreadable(_("The body is not a JSON document in UTF-8.")) from problem
        found = () if _is_plain(text) else islice(_unstorable(body, ()), MOST_ERRORS)
        if bad := [error(("body", *loc), "unstorable", message) for loc, message in found]:
            raise Malformed(bad)
        return body


def only(request: HttpRequest, *names: str, prefix: str | None = None) -> dict[str, str]:
    """Return the query's parameters. Raises Malformed for an unknown, repeated or unstorable one."""
    bad = []
    for name, values in request.GET.lists():
        if name not in names and not (prefix and name.startswith(prefix)):
            bad.append(error(("query", name), "unknown", _("There is no such parameter.")))
        elif len(values) > 1:
            bad.append(error(("query", name), "repeated", _("This is given more than once.")))
        elif _UNSTORABLE.search(name + values[0]):
            bad.append(error(("query", name), "unstorable", _("It holds a character that is not text.")))
    if bad:
        raise Malformed(bad)
    return {name: request.GET[name] for name in request.GET}


def no_filled_in(data: Mapping[str, Any]) -> None:
    """Raise Malformed where the data holds what has a member of its own."""
    if bad := [
        error(("body", "data", name), "value", _("There is no such field.")) for name in FILLED_IN if name in data
    ]:
        raise Malformed(bad)


def with_reason(data: Mapping[str, Any], late_reason: str | None) -> dict[str, Any]:
    """Return the data with why it is entered late, as commands take it."""
    return {**data, **({LATE_REASON: late_reason} if late_reason else {})}


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable(_("The body names a member twice."))
    return found


def _no_constant(name: str) -> Any:
    raise Unreadable(_("{name} is not a JSON number.").format(name=name))


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Unreadable(_("{name} is not a JSON number.").format(name=text[:40]))
    return number


def _is_plain(text: str) -> bool:
    """Return whether a document is so small and simple that `_unstorable` finds nothing in it, as nearly all are."""
    depth, members = text.count("{") + text.count("["), text.count(",") + 1
    return depth <= DEEPEST and members <= MOST_MEMBERS and not _ESCAPED.search(text)


def _unstorable(value: Any, loc: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield place and message of everything that could not be stored or shown again."""
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            yield loc, _("It holds a character that is not text.")
    elif isinstance(value, dict | list):
        if len(loc) >= DEEPEST:
            yield loc, _("It is nested too deeply.")
            return
        if len(value) > MOST_MEMBERS:
            yield loc, _("It has more than {limit} members.").format(limit=MOST_MEMBERS)
            return
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(name, str) and _UNSTORABLE.search(name):
                yield loc, _("It holds a character that is not text.")
            else:
                yield from _unstorable(each, (*loc, name))
