"""Pages of a policy whose matters are requests, not complaints, speak of requests in every sentence.

The sentences of the portal are those of complaints; here their translations are read with another word in them, the
same for all (`requests.yaml`), so that no sentence stands twice in eight catalogues. What a pack or a person wrote is
never touched.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from django.utils.translation import get_language, trans_real

from ombud.policy.model.pack import REQUEST, Pack

_ACTIVE: Any = trans_real._active  # type: ignore[attr-defined]  # Django has no other place for a request's language


def speak_of(pack: Pack) -> None:
    """Let the rest of the response speak of what the policy calls its matters; the next request begins anew."""
    known = getattr(_ACTIVE, "value", None)
    words = _words(get_language() or "") if pack.called == REQUEST else None
    if words and known is not None and not isinstance(known, _Requests):
        _ACTIVE.value = _Requests(known, words)


class _Requests:
    """The translations of a language, with requests where they say complaints."""

    def __init__(self, known: Any, words: dict[str, str]) -> None:
        self._known, self._words = known, words
        self._found = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._known, name)

    def gettext(self, message: str) -> str:
        return self._said(self._known.gettext(message))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self._said(self._known.ngettext(singular, plural, number))

    def _said(self, text: str) -> str:
        return self._found.sub(lambda found: self._words[found[0]], text)


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, dict[str, str]]:
    text = (files("ombud.portal") / "requests.yaml").read_text("utf-8")
    found: dict[str, dict[str, str]] = yaml.safe_load(text)
    return found


def _words(language: str) -> dict[str, str]:
    return _catalogue().get(language.lower(), {})
