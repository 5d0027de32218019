"""Middleware of pages: a call of the API carries a token, and has no session, form, message or script to look after."""

from __future__ import annotations

from typing import Any

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from django_htmx.middleware import HtmxMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]  # it has no stubs

from ombud.api.problems import PREFIX


def _for_pages(middleware: Any) -> Any:
    """Return the middleware such that calls of the API pass it by."""

    class ForPages(middleware):  # type: ignore[misc]  # whatever it is
        def __call__(self, request: HttpRequest) -> Any:
            return self.get_response(request) if request.path_info.startswith(PREFIX) else super().__call__(request)

    return ForPages


StaticFiles = _for_pages(WhiteNoiseMiddleware)
ContentSecurity = _for_pages(CSPMiddleware)
Sessions = _for_pages(SessionMiddleware)
Forms = _for_pages(CsrfViewMiddleware)
SignedIn = _for_pages(AuthenticationMiddleware)
Messages = _for_pages(MessageMiddleware)
Htmx = _for_pages(HtmxMiddleware)
