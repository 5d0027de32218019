"""Signing in: Django's own, throttled, and demo accounts only where the demo is on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ombud.portal.throttle import Limit, forget, is_exceeded, note

# A name is protected against guessing from many addresses, an address against trying many names.
PER_NAME = Limit("sign-in-name", attempts=10, seconds=15 * 60)
PER_ADDRESS = Limit("sign-in-address", attempts=50, seconds=15 * 60)


class Backend(ModelBackend):
    """Lets nobody in with a demo account unless the installation is a demo."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Return whether this account may be used at all."""
        return super().user_can_authenticate(user) and (settings.OMBUD_DEMO or not getattr(user, "is_demo", False))


class SignInForm(AuthenticationForm):
    """Name and password; refuses to look at them after too many attempts."""

    def clean(self) -> dict[str, Any]:
        """Check the throttle before the password."""
        now = int(timezone.now().timestamp())
        assert self.request is not None, "the view passes the request"
        name, address = self.cleaned_data.get("username", "").lower(), address_of(self.request)
        if is_exceeded(PER_NAME, name, now=now) or is_exceeded(PER_ADDRESS, address, now=now):
            raise ValidationError(_("Too many attempts. Wait a quarter of an hour, then try again."), code="throttled")
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            note(PER_NAME, name, now=now)
            note(PER_ADDRESS, address, now=now)
            raise
        forget(PER_NAME, name)
        return cleaned


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
