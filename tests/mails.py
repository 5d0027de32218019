"""Mails as bytes, written by hand: `mail` for those that are whole, lists of lines for those that are not."""

from __future__ import annotations

from base64 import b64encode
from html.parser import HTMLParser

FETCHING = {"src", "srcset", "background", "action", "formaction", "poster", "data", "xlink:href", "ping", "longdesc"}
ACTING = {
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "form",
    "link",
    "meta",
    "base",
    "svg",
    "math",
    "input",
    "video",
}


def mail(body: str | bytes = "It is broken.", **headers: str | bytes) -> bytes:
    """Return a mail in which nothing is missing; a header given as `content_type` replaces or adds Content-Type."""
    known: dict[str, str | bytes] = {
        "from": "Ann Bell <ann@example.org>",
        "to": "complaints@example.com",
        "subject": "The robot is broken",
        "date": "Sat, 28 Nov 2026 10:00:00 +0800",
        "message_id": "<one@example.org>",
    }
    lines = [
        name.replace("_", "-").title().encode() + b": " + (value.encode() if isinstance(value, str) else value)
        for name, value in {**known, **headers}.items()
        if value != ""
    ]
    return b"\r\n".join([*lines, b"", body.encode() if isinstance(body, str) else body])


def multipart(*parts: bytes, kind: str = "mixed", boundary: str = "frontier", **headers: str | bytes) -> bytes:
    """Return a mail of parts, each with its own headers."""
    inside = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), each) for each in parts)
    content_type = f'multipart/{kind}; boundary="{boundary}"'
    return mail(inside + b"--%s--\r\n" % boundary.encode(), content_type=content_type, **headers)


def part(content_type: str, body: str | bytes, *more: str) -> bytes:
    """Return a part; without a coding of its own its body is in Base64."""
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"Content-Type: {content_type}", *more]
    if not any("encoding" in each.lower() for each in more):
        lines.append("Content-Transfer-Encoding: base64")
        raw = b64encode(raw)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def acting(page: str) -> list[str]:
    """Return the tags of a page that act or fetch, as Python's own parser reads them."""
    found: list[str] = []

    class Judge(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            for name, value in attrs:
                is_kept = value is not None and value.startswith(("cid:", "data:image/"))
                is_link = tag == "a" and name == "href"
                if name.startswith("on") or (name in FETCHING and not (name == "src" and tag == "img" and is_kept)):
                    found.append(f"{tag} {name}={value}")
                if is_link and not (value or "").lower().startswith(("http:", "https:", "mailto:", "tel:")):
                    found.append(f"{tag} {name}={value}")
                if name == "style" and "url" in (value or "").lower():
                    found.append(f"{tag} {name}={value}")
            if tag in ACTING:
                found.append(tag)

    Judge(convert_charrefs=True).feed(page)
    return found
