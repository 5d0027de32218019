"""What an address is called where it must name nobody: addresses hold references, tracking links and tokens."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest

UNKNOWN = "(unknown)"
_PARTS = ("desk", "api", "hooks", "calls", "static")  # everything else is the portal's


def route_of(request: HttpRequest) -> str:
    """Return the pattern that an address fits, such as desk/case/<reference>/; UNKNOWN where it fits none."""
    found: Any = getattr(request, "resolver_match", None)
    return re.sub(r"<\w+:(\w+)>", r"<\1>", found.route) or "/" if found is not None else UNKNOWN


def part_of(request: HttpRequest) -> str:
    """Return which of the installation's parts a request is for."""
    first = request.path_info.lstrip("/").partition("/")[0]
    return first if first in _PARTS else "portal"
