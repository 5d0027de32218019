"""A link as a picture that cameras read, on pages and on what is printed from them."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString, mark_safe


def qr(link: str) -> SafeString:
    """Return the link as an inline SVG, black on white in every theme: cameras want it so."""
    code = segno.make(link, error="m")
    return mark_safe(code.svg_inline(scale=4, border=2, dark="#000", light="#fff", omitsize=True))
