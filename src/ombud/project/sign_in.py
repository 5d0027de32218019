"""Signing in: Django's own, throttled, and demo accounts only where the demo is on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse


class Backend(ModelBackend):
    """Lets nobody in with a demo account unless the installation is a demo."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Return whether this account may be used at all."""
        return super().user_can_authenticate(user) and (settings.OMBUD_DEMO or not getattr(user, "is_demo", False))


class SignInForm(AuthenticationForm):
    """Name and password."""


class SignIn(LoginView):
    """The sign-in page."""

    template_name = "registration/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Answer 422 to a refused attempt, so that machines see it too."""
        status = 422 if context["form"].errors else 200
        return super().render_to_response(context, status=status, **kwargs)


def address_of(request: HttpRequest) -> str:
    """Return the caller's address; a proxy's header counts only where a proxy is declared."""
    if settings.OMBUD_BEHIND_PROXY:
        # The last entry is the one that our own proxy added; earlier ones are the caller's claims.
        return request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip() or request.META["REMOTE_ADDR"]
    return str(request.META.get("REMOTE_ADDR", ""))
