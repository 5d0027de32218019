"""What happens around every request: its size is limited, its times get the reader's zone."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils import timezone, translation

from ombud.api.problems import PREFIX
from ombud.interface.browser_zone import browser_zone
from ombud.interface.languages import codes_of, is_desk
from ombud.texts import nearest
from ombud.worktime.zones import known_zone

Handler = Callable[[HttpRequest], HttpResponse]


def desk_language(get_response: Handler) -> Handler:
    """Show the staff's pages in the nearest language that they come in: complainants' pages come in more."""

    def handle(request: HttpRequest) -> HttpResponse:
        language = translation.get_language()
        if is_desk(request) and language not in codes_of(request):
            found = nearest(codes_of(request), language or "")
            assert found is not None, "there is one"
            translation.activate(found)
            request.LANGUAGE_CODE = found
        return get_response(request)

    return handle


def limit_body(get_response: Handler) -> Handler:
    """Refuse a request whose declared length is above the limit before anything reads it."""
    limit = settings.OMBUD_MAX_UPLOAD_MB * 1024 * 1024

    def handle(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) <= limit:
            return get_response(request)
        return render(request, "413.html", {"limit": settings.OMBUD_MAX_UPLOAD_MB}, status=413)

    return handle


# What no page of ours asks a browser for, so that nothing that gets into one can either.
_UNUSED = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
)
_NO_PAGE = "default-src 'none'; frame-ancestors 'none'"  # what is data loads nothing, should a browser show it
_UNLISTED = ("/track/", "/desk/", "/api/", "/scim/", "/files/")  # no search engine has any business there


def browser_rules(get_response: Handler) -> Handler:
    """Tell browsers what pages may not use, and search engines what is not for them."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", _UNUSED)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if request.path.startswith(PREFIX):  # past the pages' own rules
            response.headers.setdefault("Content-Security-Policy", _NO_PAGE)
        if request.path.startswith(_UNLISTED):
            response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        return response

    return handle


# What shrinks. Pictures and sound do not, and a file that somebody sent is handed out as it is.
_SHRINKING = ("text/html", "text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml")


def compress(get_response: Handler) -> Handler:
    """Send pages, scripts and sheets compressed to whoever takes it; parts of a file stay as they are."""
    gzip = GZipMiddleware(get_response)  # it adds random bytes, so that lengths tell nothing of what a page holds

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == HTTPStatus.PARTIAL_CONTENT or response.has_header("Content-Disposition"):
            return response
        if response.get("Content-Type", "").startswith(_SHRINKING):
            gzip.process_response(request, response)  # in place
        return response

    return handle


def reader(get_response: Handler) -> Handler:
    """Show times in the reader's zone: the person's own, else the one that the browser told us."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(PREFIX):  # whose token says whose zone it is
            with timezone.override(None):
                return get_response(request)
        zone = known_zone(getattr(request.user, "tz", "")) or browser_zone(request)
        with timezone.override(ZoneInfo(zone) if zone else None):
            response = get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            # A shared computer's back button must not show a case after signing out.
            response["Cache-Control"] = "no-store"
        return response

    return handle
