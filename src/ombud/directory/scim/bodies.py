"""Bodies as they arrive: JSON that can be stored, of a size and depth that nobody needs more of."""

from __future__ import annotations

import json
import re
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from ombud.directory.scim.errors import ScimError, bad_syntax, bad_value

DEEPEST = 12
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that was sent. Raises ScimError."""
    try:
        raw = request.body
    except RequestDataTooBig as error:
        raise ScimError(413, "The body is too large.") from error
    except UnreadablePostError as error:
        raise bad_syntax("The body did not arrive whole.") from error
    try:
        found = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise bad_syntax("The body is no JSON.") from error
    if not isinstance(found, dict):
        raise bad_syntax("The body is no JSON object.")
    _need_storable(found, 0)
    return found


def _need_storable(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise bad_syntax("The body is nested too deeply.")
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise bad_value("The body holds a character that is not text.")
    elif isinstance(value, dict):
        for name, each in value.items():
            _need_storable(name, depth + 1)
            _need_storable(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _need_storable(each, depth + 1)


def _no_constant(name: str) -> Any:
    raise ValueError(name)
