"""Any provider that speaks OpenID Connect: Entra ID, Keycloak, Okta, Google Workspace, Authing, IDaaS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _

from ombud.signin import openid
from ombud.signin.claims import Claims
from ombud.signin.openid import Client, Endpoints
from ombud.signin.ways import Entered, Trip, Way


def begin(trip: Trip) -> tuple[str, dict[str, Any]]:
    """Return the way to the provider."""
    where = openid.discover(trip.issuer)
    address, kept = openid.begin(_client(trip), where, back=trip.back, is_asked_again=trip.is_asked_again)
    return address, {**kept, "where": asdict(where)}


def finish(trip: Trip, given: Mapping[str, str], kept: Mapping[str, Any]) -> Claims:
    """Return what the ID token says."""
    return openid.finish(
        _client(trip), Endpoints(**kept["where"]), given["code"], kept,
        back=trip.back, is_asked_again=trip.is_asked_again, now=trip.now,
    )  # fmt: skip


def check(trip: Trip) -> None:
    """Ask the provider who it is."""
    openid.discover(trip.issuer)


def _client(trip: Trip) -> Client:
    return Client(issuer=trip.issuer, client_id=trip.client_id, secret=trip.secret)


WAY = Way(
    entered=(
        Entered(name="issuer", label=_("Issuer")),
        Entered(name="client_id", label=_("Client ID")),
        Entered(name="secret", label=_("Client secret"), is_secret=True, is_optional=True),
    ),
    begin=begin,
    finish=finish,
    check=check,
    can_ask_again=True,
)
