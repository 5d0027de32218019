"""How long somebody has to wait, in words."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def too_many_attempts(wait: timedelta) -> str:
    """Return what is said to somebody who tried too often, with the time that they have to wait."""
    return _("Too many attempts. Try again in {time}.").format(time=duration(wait))


def duration(wait: timedelta) -> str:
    """Return a time to wait in seconds or minutes, never less than it takes."""
    seconds = max(1, ceil(wait.total_seconds()))
    if seconds < 60:
        return ngettext("{n} second", "{n} seconds", seconds).format(n=seconds)
    minutes = ceil(seconds / 60)
    return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
