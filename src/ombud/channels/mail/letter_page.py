"""The HTML side of a mail that we send: its Markdown made into a plain page that any mail program shows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt

_RIGHT_TO_LEFT = ("ar", "he", "fa", "ur")
# "zero" knows nothing but paragraphs: what stands in a fact can make no picture, heading or HTML.
_PATH = r"[A-Za-z0-9/?=&%._~-]*[A-Za-z0-9/=]"  # of our own pages: no letter of a sentence around them
_MARKDOWN = MarkdownIt("zero", {"linkify": False, "breaks": True}).enable(["list", "emphasis", "newline", "autolink"])


def page(text: str, language: str, signature: Sequence[str] = ()) -> str:
    """Return the page of a letter; every character of its text that HTML would read is escaped."""
    context = {
        "body": mark_safe(_MARKDOWN.render(_linked(text))),  # rendered from escaped text
        "signature": signature,
        "language": language,
        "direction": "rtl" if language.split("-")[0] in _RIGHT_TO_LEFT else "ltr",
    }
    return render_to_string("mail/letter.html", context)


def _linked(text: str) -> str:
    """Return the text with lone addresses of pages as links, and our own wherever they stand: a full stop ends them.

    What others wrote into a sentence stays text.
    """
    own = re.compile(rf"(?<![<\w]){re.escape(settings.OMBUD_BASE_URL)}/{_PATH}")
    return "\n".join(
        f"<{line.strip()}>" if _is_address(line.strip()) else own.sub(r"<\g<0>>", line) for line in text.split("\n")
    )


def _is_address(line: str) -> bool:
    return line.startswith(("https://", "http://")) and " " not in line
