"""Signing in at a provider (OpenID Connect): the way there and back; also to prove again who one is."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from ombud.channels.caller import address_of, network
from ombud.organisation.models import Person
from ombud.privacy import throttle
from ombud.privacy.sealing import Tampered
from ombud.project.entrance import entering
from ombud.signin import openid, sessions, single_sign_on
from ombud.signin.models import Provider
from ombud.signin.openid import Endpoints, OpenIdError

log = logging.getLogger(__name__)

SLOT, PATIENCE = "elsewhere", timedelta(minutes=10)
_TIMES, _WINDOW = 100, timedelta(minutes=15)  # that one address sets out: each time the provider is asked


@never_cache
@require_GET
def leave(request: HttpRequest, key: str) -> HttpResponse:
    """Lead to the provider; who is signed in already is asked there anew."""
    provider, now = _provider(key), timezone.now()
    try:
        if not throttle.attempt(f"elsewhere {network(address_of(request))}", limit=_TIMES, window=_WINDOW, now=now):
            raise OpenIdError("often")
        where = openid.discover(provider.issuer)
        is_again = request.user.is_authenticated
        client = single_sign_on.client_of(provider)
        address, kept = openid.begin(client, where, back=_back(request, provider), is_asked_again=is_again)
    except (OpenIdError, Tampered) as error:
        return _failed(request, provider, error)
    request.session[SLOT] = {
        **kept, "provider": provider.pk, "where": asdict(where), "until": (now + PATIENCE).timestamp(),
        "again": request.user.pk if is_again else None, "target": request.GET.get("next", ""),
    }  # fmt: skip
    return redirect(address)


@never_cache
@require_GET
def back(request: HttpRequest, key: str) -> HttpResponse:
    """Take in who comes back from the provider."""
    provider, now = _provider(key), timezone.now()
    kept: dict[str, Any] = request.session.pop(SLOT, None) or {}
    try:
        person = _person(request, provider, kept, now)
    except (OpenIdError, Tampered) as error:
        return _failed(request, provider, error)
    if kept["again"] is not None:
        if person != request.user:
            return _failed(request, provider, OpenIdError("other"))
        sessions.prove(request.session, now=now)
        return redirect(_target(request, kept) or reverse("desk_duties"))
    if person is None or not entering.may_enter(person):
        words = _("You are known at {name}, but have no account here. Ask an administrator.")
        messages.error(request, words.format(name=provider.name))
        return redirect("sign_in")
    target = _target(request, kept) or entering.home_of(person)
    return (entering.admit if provider.is_enough else entering.enter)(request, person, target)


def _person(request: HttpRequest, provider: Provider, kept: dict[str, Any], now: datetime) -> Person | None:
    """Return whom the provider speaks of. Raises OpenIdError."""
    is_ours = kept.get("provider") == provider.pk and kept["until"] > now.timestamp()
    if not is_ours or not kept["state"] or request.GET.get("state") != kept["state"]:
        raise OpenIdError("state")
    code = request.GET.get("code", "")
    if not code or len(code) > 4000:
        raise OpenIdError("refused")
    claims = openid.finish(
        single_sign_on.client_of(provider), Endpoints(**kept["where"]), code, kept,
        back=_back(request, provider), is_asked_again=kept["again"] is not None, now=now,
    )  # fmt: skip
    return single_sign_on.person_of(provider, claims, now=now)


def _provider(key: str) -> Provider:
    row = Provider.objects.filter(key=key, is_on=True).first()
    if row is None:
        raise Http404
    return row


def _back(request: HttpRequest, provider: Provider) -> str:
    return request.build_absolute_uri(reverse("sign_in_back", args=[provider.key]))


def _target(request: HttpRequest, kept: dict[str, Any]) -> str:
    """Return where somebody wanted to go; only a page of ours."""
    host = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(kept["target"], host, require_https=request.is_secure())
    return str(kept["target"]) if is_ours else ""


def _failed(request: HttpRequest, provider: Provider, error: Exception) -> HttpResponse:
    """Say that it did not work, and to the log why: a stranger is not told."""
    log.warning("single sign-on %s: %s", provider.key, error)
    words = _("Signing in with {name} did not work. Try again, or sign in with your password.")
    messages.error(request, words.format(name=provider.name))
    return redirect("sign_in_again" if request.user.is_authenticated else "sign_in")
