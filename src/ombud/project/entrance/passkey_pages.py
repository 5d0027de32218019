"""Where browsers fetch what a passkey is asked for, and send what it answered: to add one, to sign in, to prove it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ombud.project.entrance import entering, setting_up
from ombud.project.entrance.confirming import target_of
from ombud.signin import passkeys, sessions
from ombud.signin.passkeys import PasskeyError
from ombud.workbench.page import desk, person

SLOT = "passkey"  # of the session: what the answer must belong to
_MOST = 20_000  # characters of an answer


@never_cache
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Sign in by a passkey: alone, or as the second step of who typed their password."""
    now = timezone.now()
    half = entering.half(request, now=now)
    known = half.person if half is not None else None
    if request.method == "GET":
        return _asked(request, *passkeys.begin_asking(known, **_here(request)))
    try:
        found = passkeys.prove(known, _answer(request), _state(request), **_here(request), now=now)
    except PasskeyError:
        messages.error(request, _("This passkey opens nothing here."))
        return redirect("sign_in_second" if half is not None else "sign_in")
    if not entering.may_enter(found):
        messages.error(request, _("This passkey opens nothing here."))
        return redirect("sign_in")
    return entering.admit(request, found, half.target if half is not None else _target(request, found))


@never_cache
@require_http_methods(["GET", "POST"])
@desk
def prove(request: HttpRequest) -> HttpResponse:
    """Prove again, by a passkey, who one is."""
    reader, now = person(request), timezone.now()
    if request.method == "GET":
        return _asked(request, *passkeys.begin_asking(reader, **_here(request)))
    try:
        passkeys.prove(reader, _answer(request), _state(request), **_here(request), now=now)
    except PasskeyError:
        messages.error(request, _("This passkey opens nothing here."))
        return redirect("sign_in_again")
    sessions.prove(request.session, now=now)
    return redirect(target_of(request))


@never_cache
@require_http_methods(["GET", "POST"])
@desk
def add(request: HttpRequest) -> HttpResponse:
    """Add a passkey of one's own."""
    reader, now = person(request), timezone.now()
    if not sessions.is_proved(request.session, now=now):
        return redirect(f"{reverse('sign_in_again')}?next={reverse('desk_sessions')}")
    if request.method == "GET":
        return _asked(request, *passkeys.begin_adding(reader, **_here(request)))
    name = request.POST.get("name", "").strip() or _("Passkey")
    try:
        codes = passkeys.add(reader, name, _answer(request), _state(request), **_here(request), now=now)
    except PasskeyError:
        messages.error(request, _("The passkey was not added. Try again."))
        return redirect("desk_sessions")
    if codes:
        return setting_up.codes_page(request, codes, reverse("desk_sessions"))
    messages.success(request, _("The passkey is added."))
    return redirect("desk_sessions")


def _asked(request: HttpRequest, options: dict[str, Any], state: dict[str, Any]) -> HttpResponse:
    request.session[SLOT] = state
    return JsonResponse(options)


def _state(request: HttpRequest) -> dict[str, Any]:
    """Return what was asked for, once: an answer is good for no second time. Raises PasskeyError."""
    state: dict[str, Any] | None = request.session.pop(SLOT, None)
    if state is None:
        raise PasskeyError
    return state


def _answer(request: HttpRequest) -> dict[str, Any]:
    """Return what the browser answered. Raises PasskeyError."""
    try:
        found = json.loads(request.POST.get("answer", "")[:_MOST])
    except ValueError as error:
        raise PasskeyError from error
    if not isinstance(found, dict) or not isinstance(found.get("response"), dict):
        raise PasskeyError
    return found


def _here(request: HttpRequest) -> dict[str, str]:
    return {"origin": f"{request.scheme}://{request.get_host()}", "host": request.get_host()}


def _target(request: HttpRequest, found: Any) -> str:
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_ours else entering.home_of(found)
