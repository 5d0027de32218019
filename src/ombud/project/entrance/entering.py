"""From a right password to the desk: at once, by a second step, or by setting up the second factor that is missing.

Between the steps nobody is signed in. What the first one proved lies in the session, for ten minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import load_backend, login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from ombud.organisation.models import ADMINISTRATOR, MANAGER, Person
from ombud.project import sign_in_limits
from ombud.signin import factors, sessions

SLOT, PATIENCE = "half", timedelta(minutes=10)
BACKEND = "ombud.project.sign_in.Backend"


@dataclass(frozen=True, kw_only=True, slots=True)
class Half:
    """Somebody whose password was right."""

    person: Person
    target: str  # where they want to go


def home_of(person: Person) -> str:
    """Return where whoever signs in begins: with what is theirs to look after where they work on no case."""
    roles = set(person.memberships.values_list("policy", "role"))
    own = {role for policy, role in roles if not policy}
    if not any(policy for policy, _role in roles):
        if MANAGER in own:
            return reverse("desk_board")
        if ADMINISTRATOR in own:
            return reverse("desk_people")
    return settings.LOGIN_REDIRECT_URL


def may_enter(person: Person) -> bool:
    """Return whether this account may be used at all."""
    return load_backend(BACKEND).user_can_authenticate(person)  # type: ignore[attr-defined, no-any-return]


def enter(request: HttpRequest, person: Person, target: str) -> HttpResponse:
    """Lead on whose password was right: to the desk, or to what is still asked of them."""
    has_factor = bool(factors.ways(person))
    if not has_factor and not factors.is_asked(person):
        return admit(request, person, target)
    request.session[SLOT] = {
        "person": person.pk,
        "proof": person.get_session_auth_hash(),  # a changed password ends it
        "until": (timezone.now() + PATIENCE).timestamp(),
        "target": target,
    }
    return redirect("sign_in_second" if has_factor else "sign_in_set_up")


def half(request: HttpRequest, *, now: datetime) -> Half | None:
    """Return who has come half-way; None where nobody has, or too long ago."""
    kept: dict[str, Any] | None = request.session.get(SLOT)
    if kept is None or kept["until"] < now.timestamp():
        return None
    person = load_backend(BACKEND).get_user(kept["person"])
    if not isinstance(person, Person) or not constant_time_compare(kept["proof"], person.get_session_auth_hash()):
        return None
    return Half(person=person, target=kept["target"])


def let_in(request: HttpRequest, person: Person, *, now: datetime) -> None:
    """Sign somebody in who proved all that is asked of them."""
    login(request, person, BACKEND)
    request.session.pop(SLOT, None)
    sessions.begin(request.session, browser=request.headers.get("User-Agent", ""), now=now)


def admit(request: HttpRequest, person: Person, target: str) -> HttpResponse:
    """Sign somebody in and lead them to where they want to go; the browser is known from then on."""
    let_in(request, person, now=timezone.now())
    response = redirect(target)
    sign_in_limits.know(response, person.get_username(), is_secure=settings.IS_SECURE)
    return response
