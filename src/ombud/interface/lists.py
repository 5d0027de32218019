"""Several words in one line, with what stands between them in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _


def listed(words: Iterable[str]) -> str:
    """Return names in a row: "A, B"."""
    return _(", ").join(words)


def set_apart(phrases: Iterable[str]) -> str:
    """Return phrases that have commas of their own in a row: "A, B; C"."""
    return _("; ").join(phrases)


def colon() -> str:
    """Return what stands between a name and what is said of it, where markup keeps `told_of` from joining them."""
    return _(": ")


def told_of(name: str, what: str) -> str:
    """Return a name and what is said of it: "Name: words"."""
    return _("{name}: {what}").format(name=name, what=what)
