"""Static files under addresses that carry their content's hash, without a build step."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import find
from django.contrib.staticfiles.storage import StaticFilesStorage


class Versioned(StaticFilesStorage):
    """Adds ?v=HASH, so that browsers may keep a file for long and still see a new one at once."""

    def url(self, name: str | None) -> str:
        """Return the address with its hash; a name that no app has stays as it is."""
        address = super().url(name)
        digest = (_digest.__wrapped__ if settings.DEBUG else _digest)(name or "")
        return f"{address}?v={digest}" if digest else address


@cache
def _digest(name: str) -> str:
    path = find(name)
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10] if path else ""
