"""What is said with an OpenID provider: where it is asked, the way there, and what its answer proves.

OpenID Connect Core 1.0 with a code, PKCE (RFC 7636), state and nonce. Every call goes through the check of outgoing
addresses. Nothing that came back is believed before the signature of the ID token is right.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import jwt

from ombud.privacy import outgoing
from ombud.privacy.outgoing import Answer
from ombud.signin.claims import Claims, SignOnError

PATIENCE, MOST = 10.0, 256 * 1024  # seconds, bytes
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY = 60  # seconds that two clocks may differ
FRESH = 300  # seconds since when somebody who is asked anew typed it
_REQUIRED = ["iss", "sub", "aud", "exp", "iat"]


class OpenIdError(SignOnError):
    """The provider cannot be asked, or what it answers proves nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """Who we are at a provider."""

    issuer: str
    client_id: str
    secret: str  # empty: we have none, and PKCE alone says that it is us


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoints:
    """Where a provider is asked."""

    authorization: str
    token: str
    keys: str
    takes_basic: bool  # a client's secret in the header, not in the form


def discover(issuer: str) -> Endpoints:
    """Return where a provider is asked, as it says itself. Raises OpenIdError."""
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    found = _asked(lambda: outgoing.call("GET", url, headers=_JSON, patience=PATIENCE, most=MOST))
    if found.get("issuer") != issuer:
        raise OpenIdError("issuer")
    authorization, token, keys = (
        _endpoint(found.get(name)) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
    )
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    takes_basic = "client_secret_basic" in methods
    return Endpoints(authorization=authorization, token=token, keys=keys, takes_basic=takes_basic)


def _endpoint(named: Any) -> str:
    """Return an address that a provider names, if it is one that is ever called. Raises OpenIdError."""
    if not isinstance(named, str):
        raise OpenIdError("discovery")
    try:
        outgoing.judge(named)
    except outgoing.NotAllowed as error:
        raise OpenIdError("address") from error
    return named


def begin(client: Client, where: Endpoints, *, back: str, is_asked_again: bool) -> tuple[str, dict[str, str]]:
    """Return the address to go to, and what must be kept until somebody comes back from there."""
    kept = {
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
    }
    challenge = base64.urlsafe_b64encode(hashlib.sha256(kept["verifier"].encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": client.client_id, "redirect_uri": back, "scope": "openid email profile",
        "state": kept["state"], "nonce": kept["nonce"], "code_challenge": challenge, "code_challenge_method": "S256",
        **({"prompt": "login", "max_age": "0"} if is_asked_again else {}),
    }  # fmt: skip
    joint = "&" if "?" in where.authorization else "?"
    return f"{where.authorization}{joint}{urlencode(asked)}", kept


def finish(
    client: Client, where: Endpoints, code: str, kept: Mapping[str, str],
    *, back: str, is_asked_again: bool, now: datetime,
) -> Claims:  # fmt: skip
    """Return what the provider says of whoever came back with this code. Raises OpenIdError."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": kept["verifier"]}
    headers = {**_JSON, "Content-Type": "application/x-www-form-urlencoded"}
    if client.secret and where.takes_basic:
        pair = f"{quote(client.client_id, safe='')}:{quote(client.secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": client.client_id, **({"client_secret": client.secret} if client.secret else {})}
    body = urlencode(form).encode()
    answer = _asked(
        lambda: outgoing.call("POST", where.token, body=body, headers=headers, patience=PATIENCE, most=MOST)
    )
    keys = _asked(lambda: outgoing.call("GET", where.keys, headers=_JSON, patience=PATIENCE, most=MOST))
    said = _verified(str(answer.get("id_token", "")), keys, client)
    if not secrets.compare_digest(str(said.get("nonce", "")).encode(), kept["nonce"].encode()):
        raise OpenIdError("nonce")
    if is_asked_again and not _is_fresh(said, now):
        raise OpenIdError("stale")
    return _claims(said)


def _verified(token: str, keys: dict[str, Any], client: Client) -> dict[str, Any]:
    """Return what an ID token says. Raises OpenIdError."""
    try:
        key = _key(jwt.get_unverified_header(token).get("kid"), jwt.PyJWKSet.from_dict(keys))
        said: dict[str, Any] = jwt.decode(
            token, key, algorithms=list(ALGORITHMS), audience=client.client_id, issuer=client.issuer, leeway=LEEWAY,
            options={"require": _REQUIRED},
        )  # fmt: skip
    except (jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
        raise OpenIdError("token") from error
    others = isinstance(said["aud"], list) and len(said["aud"]) > 1
    if (others or "azp" in said) and said.get("azp") != client.client_id:
        raise OpenIdError("token")  # made for another program
    return said


def _key(kid: str | None, keys: jwt.PyJWKSet) -> jwt.PyJWK:
    usable = [each for each in keys.keys if each.public_key_use in (None, "sig")]
    found = [each for each in usable if each.key_id == kid] if kid else usable
    if len(found) != 1:
        raise OpenIdError("token")
    return found[0]


def _is_fresh(said: Mapping[str, Any], now: datetime) -> bool:
    at = said.get("auth_time")
    return isinstance(at, int | float) and abs(now.timestamp() - at) <= FRESH


def _claims(said: Mapping[str, Any]) -> Claims:
    subject = said["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise OpenIdError("token")
    is_verified = said.get("email_verified") in (True, "true")  # some write a word
    email, name, username = (str(said.get(key) or "")[:150] for key in ("email", "name", "preferred_username"))
    return Claims(subject=subject, email=email if is_verified else "", name=name, username=username)


def _asked(call: Callable[[], Answer]) -> dict[str, Any]:
    """Return the JSON object that a provider answers. Raises OpenIdError."""
    try:
        answer = call()
    except outgoing.NotAllowed as error:
        raise OpenIdError("address") from error
    except outgoing.NoAnswer as error:
        raise OpenIdError("silent") from error
    if answer.status != 200:
        raise OpenIdError("refused")
    try:
        found = json.loads(answer.body)
    except ValueError as error:
        raise OpenIdError("answer") from error
    if not isinstance(found, dict):
        raise OpenIdError("answer")
    return found


_JSON = {"Accept": "application/json"}
