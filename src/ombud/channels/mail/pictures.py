"""The pictures of a mail's page: put into it as data, so that showing the page asks nobody for anything."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from html import escape, unescape
from urllib.parse import unquote

from ombud.cases.errors import AttachmentRefused
from ombud.cases.file_kinds import SNIFFED, sniff

SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# As the sanitiser writes them: a text holds no "<", a value no quotation mark.
_PICTURE = re.compile(r'<img((?: [a-z-]+="[^"]*")*)>')
_ENCLOSED = re.compile(r' src="cid:([^"]*)"', re.IGNORECASE)
_REMOTE = re.compile(r' data-remote-src="([^"]*)"')


def remote_of(page: str) -> list[str]:
    """Return the addresses of pictures from elsewhere on a sanitised page, once each."""
    tags = (_REMOTE.search(tag[1]) for tag in _PICTURE.finditer(page))
    return list(dict.fromkeys(unescape(each[1]) for each in tags if each is not None))


def filled(page: str, *, enclosed: Mapping[str, str], remote: Mapping[str, str]) -> str:
    """Return a sanitised page with its pictures: `enclosed` data URLs by content id, `remote` by address."""

    def own(found: re.Match[str]) -> str:
        return _source(enclosed.get(unquote(unescape(found[1])), ""))

    def others(found: re.Match[str]) -> str:
        source = _source(remote.get(unescape(found[1]), ""))
        return source or found[0]

    return _PICTURE.sub(lambda tag: f"<img{_REMOTE.sub(others, _ENCLOSED.sub(own, tag[1]))}>", page)


def data_url(content: bytes) -> str:
    """Return a picture as a data URL; empty for what is none that a browser shows without running anything."""
    try:
        media_type = sniff(content[:SNIFFED])
    except AttachmentRefused:
        return ""
    return f"data:{media_type};base64,{b64encode(content).decode()}" if media_type in SHOWN else ""


def _source(url: str) -> str:
    return f' src="{escape(url)}"' if url else ""
