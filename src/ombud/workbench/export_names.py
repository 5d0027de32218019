"""What lists that were taken along are called, and by what they were narrowed, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ombud.insight.exports.models import Export

_TITLES: Mapping[str, str | Promise] = {
    "register": _("Register"),
    "chosen": _("Chosen complaints"),
    "figure": _("Cases behind a figure"),
    "duties": _("My duties"),
    "clause": _("Duties under a clause"),
    "counted-duties": _("Duties behind a number"),
    "explore": _("Explore"),
    "compliance": _("Clause compliance"),
    "performance": _("Performance record"),
    "command-cases": _("Cases, at the command line"),
    "command-duties": _("Duties, at the command line"),
    "command-events": _("Events, at the command line"),
    "command-figures": _("Figures, at the command line"),
}
_QUIET = ("columns",)  # how a list looks says nothing of what is in it


def title(what: str) -> str:
    """Return what a list is called."""
    return str(_TITLES.get(what, what))


def narrowed(export: Export) -> list[tuple[str, str]]:
    """Return by what a list was narrowed: names and values as its address had them."""
    return [(name, value) for name, value in export.query.items() if name not in _QUIET]
