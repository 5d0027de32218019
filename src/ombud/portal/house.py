"""What complainants' pages show of the company: its logo, and its colour as a style sheet."""

from __future__ import annotations

from hashlib import sha256

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from ombud.interface.downloads import apart
from ombud.organisation import colours, company
from ombud.organisation.models import House
from ombud.organisation.sender import PNG

KEPT = "public, max-age=300"  # a new logo is everywhere within minutes


def _logo() -> bytes:
    return bytes(House.objects.values_list("logo", flat=True).first() or b"")


def _mark_of_logo(request: HttpRequest) -> str:
    return f'"{sha256(_logo()).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=_mark_of_logo)
def logo(request: HttpRequest) -> HttpResponse:
    """Return the company's logo; 404 where it has none."""
    content = _logo()
    if not content:
        raise Http404
    kind = "image/png" if content.startswith(PNG) else "image/jpeg"
    response = apart(HttpResponse(content, content_type=kind))
    response["Cache-Control"] = KEPT
    return response


@require_safe
def colour(request: HttpRequest) -> HttpResponse:
    """Return the style sheet of the company's colour, empty where it has none.

    Browsers that do not know `light-dark` keep the usual colour.
    """
    chosen = company.house().colour
    tokens = colours.palette(chosen).items() if chosen else ()
    lines = "".join(f"--{name}: light-dark({day}, {night}); " for name, (day, night) in tokens)
    sheet = f"@supports (color: light-dark(#000, #fff)) {{ :root {{ {lines}}} }}\n" if lines else ""
    response = HttpResponse(sheet, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = KEPT
    return response
