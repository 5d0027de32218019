"""What every paper says of who writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ombud.organisation.sender import PNG, Sender
from ombud.papers import fonts
from ombud.texts import Catalogue, base_of, spoken

WORDS = Catalogue("ombud.papers", "words.yaml")
# Scripts that are written otherwise in another region: the setter chooses shapes and line breaks by them.
_REGIONS: Mapping[str, str] = {"zh-hant": "tw", "zh-tw": "tw", "zh-hk": "hk", "zh": "cn"}


def letterhead(language: str, sender: Sender) -> dict[str, Any]:
    """Return what a paper in this language says of who writes it, and how it is set."""
    tag = language.lower()
    region = next((_REGIONS[key] for key in _REGIONS if tag.startswith(key)), None)
    return {
        "organisation": spoken(sender.names, language),
        "address": spoken(sender.addresses, language),
        "logo": _name("logo", sender.logo),
        "seal": _name("seal", sender.seal),
        "fonts": fonts.families(language),
        "lang": base_of(language),
        **({"region": region} if region else {}),
    }


def images(sender: Sender) -> dict[str, bytes]:
    """Return logo and seal by the names that the letterhead gives them."""
    pictures = {"logo": sender.logo, "seal": sender.seal}
    return {_name(name, picture) or name: picture for name, picture in pictures.items() if picture}


def word(key: str, language: str, **values: object) -> str:
    """Return what stands on papers, in the nearest language that there is."""
    return spoken(WORDS.say(key, **values), language)


def template_of(key: str, language: str) -> str:
    """Return what stands on papers, its placeholders still to be filled by the setter, who counts pages."""
    return spoken(WORDS.entry(key), language)


def _name(name: str, picture: bytes) -> str | None:
    """Return what a picture is called; the setter tells its kind by that."""
    return f"{name}.{'png' if picture.startswith(PNG) else 'jpg'}" if picture else None
