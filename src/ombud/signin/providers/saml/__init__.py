"""Any provider that speaks SAML 2.0: asked by a redirection, answered by a signed assertion that the browser posts.

The answer comes from another site, so the browser brings no cookie along. It is taken in by itself (`arrivals`), and
the browser is led on to where it brings its session; only there is it known whether it is who set out.
"""

from __future__ import annotations

import base64
import secrets
import zlib
from collections.abc import Mapping
from datetime import UTC
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext_lazy as _

from ombud.signin import arrivals
from ombud.signin.claims import Claims, SignOnError
from ombud.signin.providers.saml.metadata import POST
from ombud.signin.providers.saml.xml import NAMES
from ombud.signin.ways import Entered, Trip, Way

FRESH = 300  # seconds since when somebody who is asked anew proved who they are


def begin(trip: Trip) -> tuple[str, dict[str, Any]]:
    """Return the way to the provider, with the request in it."""
    request = f"_{secrets.token_hex(20)}"
    asked = {"SAMLRequest": _packed(_request(trip, request)), "RelayState": request}
    joint = "&" if "?" in trip.details["sso"] else "?"
    return f"{trip.details['sso']}{joint}{urlencode(asked)}", {"state": request}


def _request(trip: Trip, id: str) -> str:
    at = trip.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    forced = ' ForceAuthn="true"' if trip.is_asked_again else ""
    return (
        f'<samlp:AuthnRequest xmlns:samlp="{NAMES["samlp"]}" xmlns:saml="{NAMES["saml"]}" ID="{id}" Version="2.0"'
        f' IssueInstant="{at}" Destination={quoteattr(trip.details["sso"])} ProtocolBinding="{POST}"'
        f" AssertionConsumerServiceURL={quoteattr(trip.back)}{forced}>"
        f"<saml:Issuer>{escape(trip.entity)}</saml:Issuer></samlp:AuthnRequest>"
    )


def _packed(text: str) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(packer.compress(text.encode()) + packer.flush()).decode()


def finish(trip: Trip, given: Mapping[str, str], kept: Mapping[str, Any]) -> Claims:
    """Return what the assertion says that answers what this browser set out with."""
    found = arrivals.take(given["arrival"], now=trip.now)
    if found.answers != kept["state"]:
        raise SignOnError("request")
    at = found.authenticated_at
    if trip.is_asked_again and (at is None or abs((trip.now - at).total_seconds()) > FRESH):
        raise SignOnError("stale")
    return found.claims


WAY = Way(
    entered=(Entered(name="metadata", label=_("Address of its metadata"), is_optional=True),),
    begin=begin,
    finish=finish,
    can_ask_again=True,
    answers_by="arrival",
)
