"""Signing in by name and password: Django's own, throttled, and demo accounts only where the demo is on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone

from ombud.interface.waiting import too_many_attempts
from ombud.organisation import library, own_roles
from ombud.organisation.models import Membership, Person, words
from ombud.organisation.publishing import policies_in_force
from ombud.policy.model.pack import Pack
from ombud.project import sign_in_limits
from ombud.project.entrance import entering
from ombud.signin import passkeys, single_sign_on


class Backend(ModelBackend):
    """Lets nobody in with a demo account unless the installation is a demo."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Return whether this account may be used at all."""
        return super().user_can_authenticate(user) and (settings.OMBUD_DEMO or not getattr(user, "is_demo", False))


class SignInForm(AuthenticationForm):
    """Name and password; does not look at them after too many attempts."""

    def clean(self) -> dict[str, Any]:
        """Count the attempt before the password is looked at, so that attempts at the same moment all count."""
        assert self.request is not None, "the view passes the request"
        name = self.cleaned_data.get("username", "")
        wait = sign_in_limits.wait_for(self.request, name, now=timezone.now())
        if wait is not None:
            raise ValidationError(too_many_attempts(wait), code="throttled")
        cleaned: dict[str, Any] = super().clean()
        sign_in_limits.succeeded(self.request, name)
        return cleaned


class SignIn(LoginView):
    """The sign-in page."""

    template_name = "registration/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in, or lead to what else is asked of this person."""
        person = form.get_user()
        assert isinstance(person, Person), "our own model"
        return entering.enter(self.request, person, self.get_redirect_url() or entering.home_of(person))

    def get_default_redirect_url(self) -> str:
        """Return where whoever is signed in already begins."""
        assert isinstance(self.request.user, Person), "they have signed in"
        return entering.home_of(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the other ways in and, in a demo, who can sign in."""
        ways = {"can_passkey": passkeys.can(self.request.get_host()), "providers": single_sign_on.in_use()}
        return {**super().get_context_data(**kwargs), **ways, **(demo_context() if settings.OMBUD_DEMO else {})}

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Answer 422 to a refused attempt, so that machines see it too."""
        status = 422 if context["form"].errors else 200
        return super().render_to_response(context, status=status, **kwargs)


def demo_context() -> dict[str, Any]:
    """Return the demo accounts with their roles in words, and the password that they share."""
    from ombud.project.demo import PASSWORD

    people = Person.objects.filter(is_demo=True).prefetch_related("memberships__department").order_by("pk")
    packs = {version.policy: library.pack(version.hash) for version in policies_in_force(now=timezone.now())}
    accounts = [
        {
            "username": person.username,
            "words": list(dict.fromkeys(_held(each, packs) for each in person.memberships.all())),
        }
        for person in people
    ]
    return {"demo_accounts": accounts, "demo_password": PASSWORD}


def _held(membership: Membership, packs: Mapping[str, Pack]) -> str:
    pack = packs.get(membership.policy)
    if pack is None or membership.role not in pack.roles:
        return own_roles.title_of(membership.role)
    role = words(dict(pack.roles[membership.role].title))
    return f"{role} \u00b7 {membership.department}" if membership.department else role
