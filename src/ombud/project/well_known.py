"""What programs ask every site for: what search engines may read, whom to tell of a hole, and an icon."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

_CLOSED = ("/desk/", "/track/", "/api/", "/scim/", "/hooks/", "/calls/", "/files/", "/metrics")
_VALID = timedelta(days=180)  # RFC 9116: less than a year


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Let search engines read the portal's front, and keep them from whatever is somebody's own."""
    lines = ["User-agent: *", *(f"Disallow: {place}" for place in _CLOSED)]
    return _text(lines)


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Say whom to tell of a hole (RFC 9116), where the settings name somebody."""
    if not settings.OMBUD_SECURITY_CONTACT:
        raise Http404
    until = (timezone.now() + _VALID).replace(hour=0, minute=0, second=0, microsecond=0)
    own = f"{settings.OMBUD_BASE_URL}{reverse('security_txt')}"
    contacts = [f"Contact: {each}" for each in settings.OMBUD_SECURITY_CONTACT]
    return _text(
        [*contacts, f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: zh, en", f"Canonical: {own}"]
    )


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead whoever asks for the icon of before to the one that pages name; its address changes with releases."""
    return HttpResponseRedirect(static("ombud/mark.svg"))


def _text(lines: list[str]) -> HttpResponse:
    answer = HttpResponse("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "max-age=86400"
    return answer
