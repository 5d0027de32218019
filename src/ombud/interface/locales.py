"""Babel's locale for the reader's language."""

from __future__ import annotations

from babel import Locale
from django.utils.translation import get_language


def locale() -> Locale:
    """Return Babel's locale for the reader's language."""
    return Locale.parse((get_language() or "zh-hans").replace("-hans", "_Hans").replace("-", "_"))
