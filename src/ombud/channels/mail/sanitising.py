"""HTML that strangers sent becomes HTML that harms nobody: no script, no form, nothing that is fetched from afar."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

import nh3

from ombud.channels.mail.markup import Close, Open, Text, Token

LARGEST = 1_000_000  # characters; what is longer is read as text and kept as a file
_SHOWN = {"dir", "lang", "title", "align", "valign"}
_ATTRIBUTES = {
    "*": _SHOWN | {"style"},
    "a": {"href"},
    "img": {"src", "data-remote-src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "width", "height", "bgcolor"},
    "th": {"colspan", "rowspan", "width", "height", "bgcolor"},
    "tr": {"bgcolor"},
    "table": {"border", "cellpadding", "cellspacing", "width", "bgcolor"},
    "font": {"color", "size", "face"},
    "ol": {"start", "type"},
    "li": {"value"},
}
_STYLES = {
    "color", "background-color", "direction", "font-size", "font-style", "font-weight", "text-align",
    "text-decoration", "text-indent", "vertical-align", "white-space",
}  # fmt: skip
_AND = "\ufdd0"  # no character, and never will be one
_ENCLOSED = re.compile(
    r"cid:[^\s\"'<>]{1,500}|data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE
)
_FETCHING = re.compile(r"url|image|src|expression|@|\\|/\*", re.IGNORECASE)
_LINKED = ("http://", "https://", "mailto:", "tel:")
_REMOTE = ("http://", "https://", "//")


def sanitised(tokens: Iterable[Token]) -> str:
    """Return markup with what may be shown.

    Links stay, as links; an image from elsewhere has its address in `data-remote-src`, so that it is fetched only
    where the reader says so; one that came along keeps its `cid:`.
    """
    return _CLEANER.clean("".join(map(_written, tokens))).replace(_AND, "&amp;")


def _written(token: Token) -> str:
    match token:
        case Text():
            return _escaped(token.text)
        case Close():
            return f"</{token.name}>"
        case Open(name="img"):
            return _tag("img", _image(token.attributes))
    return _tag(token.name, {name: value for name, value in token.attributes.items() if _may_stay(name, value)})


def _tag(name: str, attributes: dict[str, str]) -> str:
    kept = "".join(f' {key}="{_escaped(value)}"' for key, value in attributes.items())
    return f"<{name}{kept}>" + ("\n" if name == "pre" else "")  # the first break in it is not of its text


def _escaped(text: str) -> str:
    """Return text as markup, its ampersands as a sign of our own until the parser is done.

    The parser takes time that grows with the square of the ampersands in a text.
    """
    return escape(text.replace(_AND, "").replace("&", _AND)) if "&" in text or _AND in text else escape(text)


def _image(attributes: dict[str, str]) -> dict[str, str]:
    """Return the attributes of an image that fetches nothing."""
    kept = {name: value for name, value in attributes.items() if name in ("alt", "title", "width", "height")}
    source = attributes.get("src", "").strip()
    if _ENCLOSED.fullmatch(source):
        return {**kept, "src": source}
    return {**kept, "data-remote-src": source} if source.lower().startswith(_REMOTE) else kept


def _may_stay(name: str, value: str) -> bool:
    return name != "style" or not _FETCHING.search(value)


def _filter(tag: str, name: str, value: str) -> str | None:
    """Judge once more what the parser made of it: nothing but an enclosed image has a source."""
    if name == "src" and not (tag == "img" and _ENCLOSED.fullmatch(value)):
        return None
    if name == "href" and not value.strip().lower().startswith(_LINKED):  # nor a page of our own
        return None
    if name == "data-remote-src" and not value.lower().startswith(_REMOTE):
        return None
    return value if _may_stay(name, value) else None


_CLEANER = nh3.Cleaner(
    tags={each for each in nh3.ALLOWED_TAGS | {"font", "figure", "figcaption"} if each not in ("map", "area")},
    attributes=_ATTRIBUTES,
    attribute_filter=_filter,
    filter_style_properties=_STYLES,
    url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)
