"""Signing in at a provider: the way there and back; also to prove again who one is."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from ombud.channels.caller import address_of, network
from ombud.organisation.models import Person
from ombud.privacy import throttle
from ombud.privacy.sealing import Tampered
from ombud.project.entrance import entering
from ombud.signin import arrivals, sessions, single_sign_on
from ombud.signin.claims import SignOnError
from ombud.signin.models import Provider
from ombud.signin.providers.saml import assertion, metadata
from ombud.signin.registry import WAYS
from ombud.signin.ways import Trip

log = logging.getLogger(__name__)

SLOT, UNKNOWN, PATIENCE = "elsewhere", "elsewhere unknown", timedelta(minutes=10)
_TIMES, _WINDOW = 100, timedelta(minutes=15)  # that one address sets out: each time the provider is asked


@never_cache
@require_GET
def leave(request: HttpRequest, key: str) -> HttpResponse:
    """Lead to the provider; who is signed in already is asked there anew."""
    provider, now = _provider(key), timezone.now()
    try:
        if not throttle.attempt(f"elsewhere {network(address_of(request))}", limit=_TIMES, window=_WINDOW, now=now):
            raise SignOnError("often")
        way, is_again = WAYS[provider.kind], request.user.is_authenticated
        if is_again and not way.can_ask_again:
            raise SignOnError("again")
        address, kept = way.begin(_trip(request, provider, is_again, now))
    except (SignOnError, Tampered) as error:
        return _failed(request, provider, error)
    request.session[SLOT] = {
        **kept, "provider": provider.pk, "until": (now + PATIENCE).timestamp(),
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
    except (SignOnError, Tampered) as error:
        return _failed(request, provider, error)
    if kept["again"] is not None:
        if person != request.user:
            return _failed(request, provider, SignOnError("other"))
        sessions.prove(request.session, now=now)
        return redirect(_target(request, kept) or reverse("desk_duties"))
    if person is None or not entering.may_enter(person):
        words = _("You are known at {name}, but have no account here. Ask an administrator, who needs this: {mark}")
        mark = request.session.pop(UNKNOWN, "\u2014")
        messages.error(request, words.format(name=provider.name, mark=mark))
        return redirect("sign_in")
    target = _target(request, kept) or entering.home_of(person)
    return (entering.admit if provider.is_enough else entering.enter)(request, person, target)


def _person(request: HttpRequest, provider: Provider, kept: dict[str, Any], now: datetime) -> Person | None:
    """Return whom the provider speaks of. Raises SignOnError."""
    is_ours = kept.get("provider") == provider.pk and kept["until"] > now.timestamp()
    if not is_ours or not kept["state"] or request.GET.get("state") != kept["state"]:
        raise SignOnError("state")
    way, given = WAYS[provider.kind], request.GET.dict()
    if not 0 < len(given.get(way.answers_by, "")) <= 4000:
        raise SignOnError("refused")
    claims = way.finish(_trip(request, provider, kept["again"] is not None, now), given, kept)
    person = single_sign_on.person_of(provider, claims, now=now)
    if person is None:
        request.session[UNKNOWN] = claims.subject
    return person


@csrf_exempt  # it comes from the provider's page: what it proves is signed, and the browser proves itself in `back`
@never_cache
@require_POST
def taken_in(request: HttpRequest, key: str) -> HttpResponse:
    """Take in the assertion that a browser brings from a SAML provider, and lead it to where its session is asked."""
    provider, now = _provider(key, kind=Provider.Kind.SAML), timezone.now()
    try:
        if not throttle.attempt(f"elsewhere {network(address_of(request))}", limit=_TIMES, window=_WINDOW, now=now):
            raise SignOnError("often")
        said = assertion.read(
            request.POST.get("SAMLResponse", ""), issuer=provider.issuer, audience=_entity(request, provider),
            certificates=provider.details["certificates"], recipient=_posted_to(request, provider), now=now,
            key=single_sign_on.secret_of(provider),
        )  # fmt: skip
        handle = arrivals.keep(provider, said, now=now)
    except (SignOnError, Tampered) as error:
        return _failed(request, provider, error)
    asked = urlencode({"arrival": handle, "state": said.answers})
    return redirect(f"{reverse('sign_in_back', args=[provider.key])}?{asked}")


@require_GET
def about_us(request: HttpRequest, key: str) -> HttpResponse:
    """Say who we are to a SAML provider."""
    provider = _provider(key, kind=Provider.Kind.SAML)
    key = provider.details.get("encryption", "")
    told = metadata.ours(_entity(request, provider), _posted_to(request, provider), key)
    return HttpResponse(told, content_type="application/samlmetadata+xml")


def _entity(request: HttpRequest, provider: Provider) -> str:
    return request.build_absolute_uri(reverse("sign_in_metadata", args=[provider.key]))


def _posted_to(request: HttpRequest, provider: Provider) -> str:
    return request.build_absolute_uri(reverse("sign_in_taken_in", args=[provider.key]))


def _trip(request: HttpRequest, provider: Provider, is_again: bool, now: datetime) -> Trip:
    is_saml = provider.kind == Provider.Kind.SAML
    return single_sign_on.trip_of(
        provider, back=(_posted_to if is_saml else _back)(request, provider), entity=_entity(request, provider),
        is_asked_again=is_again, now=now,
    )  # fmt: skip


def _provider(key: str, *, kind: str = "") -> Provider:
    row = Provider.objects.filter(key=key, is_on=True).first()
    if row is None or (kind and row.kind != kind):
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
