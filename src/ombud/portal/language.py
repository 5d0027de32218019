"""The complainant's language: another one in the middle of a form, and the one in which they want to be written to."""

from __future__ import annotations

from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from ombud.interface.languages import offered
from ombud.organisation.models import reader_language
from ombud.policy.model.pack import Pack

R = TypeVar("R", bound=HttpResponseBase)
LANGUAGE_ASKED = "set_language"  # of the buttons in components/language_switch.html

LETTERS, ZONE = "letters", "zone"  # what the last page before sending asks beside the form


def letter_language(request: HttpRequest, pack: Pack) -> str:
    """Return the language that was asked for the letters, else that of the page."""
    asked = request.POST.get(LETTERS, "")
    return asked if asked in offered(pack) else reader_language()


def spoken_of(request: HttpRequest) -> str:
    """Return the language that was asked for with a form; nothing where none was, or none of ours.

    The buttons of the page send the form along, so that nothing typed is lost.
    """
    asked = request.POST.get(LANGUAGE_ASKED, "")
    return asked if asked in dict(settings.LANGUAGES) else ""


def in_language(response: R, language: str) -> R:
    """Return the response, after which the browser asks for pages in that language."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response
