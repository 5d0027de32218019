"""Feishu and Lark: OAuth 2.0 with a code and PKCE, then who it is for.

The union_id is the same in all apps of one publisher. The address that is believed, where that is ticked, is the one
that the organisation gives out (enterprise_email), never the one that somebody entered themselves.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from ombud.signin.claims import Claims, SignOnError
from ombud.signin.ways import Entered, Trip, Way, ask, subject_of, text_of

LOGIN, API = "https://accounts.feishu.cn", "https://open.feishu.cn"


def begin(trip: Trip) -> tuple[str, dict[str, Any]]:
    """Return the way to Feishu's page."""
    kept = {"state": secrets.token_urlsafe(24), "verifier": secrets.token_urlsafe(48)}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(kept["verifier"].encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": trip.client_id, "response_type": "code", "redirect_uri": trip.back, "state": kept["state"],
        "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{trip.details['login']}/open-apis/authen/v1/authorize?{urlencode(asked)}", kept


def finish(trip: Trip, given: Mapping[str, str], kept: Mapping[str, Any]) -> Claims:
    """Return whom the code stands for."""
    asked = {
        "grant_type": "authorization_code", "client_id": trip.client_id, "client_secret": trip.secret,
        "code": given["code"], "redirect_uri": trip.back, "code_verifier": kept["verifier"],
    }  # fmt: skip
    token = _right(ask("POST", f"{trip.details['api']}/open-apis/authen/v2/oauth/token", content=asked))
    headers = {"Authorization": f"Bearer {text_of(token, 'access_token', most=4000)}"}
    answer = _right(ask("GET", f"{trip.details['api']}/open-apis/authen/v1/user_info", headers=headers))
    found = answer.get("data")
    if not isinstance(found, dict) or text_of(found, "tenant_key") != trip.issuer:
        raise SignOnError("organisation")
    return Claims(
        subject=subject_of(text_of(found, "union_id")), email=text_of(found, "enterprise_email", most=150),
        name=text_of(found, "name"), username="",
    )  # fmt: skip


def _right(answer: dict[str, Any]) -> dict[str, Any]:
    if answer.get("code") != 0:
        raise SignOnError("refused")
    return answer


WAY = Way(
    entered=(
        Entered(name="issuer", label=_("tenant_key of the organisation"), help=_("Only its people are let in.")),
        Entered(name="client_id", label=_("App ID")),
        Entered(name="secret", label=_("App secret"), is_secret=True),
        Entered(
            name="login", label=_("Address of the sign-in page"), default=LOGIN,
            help=_("Of Lark it is https://accounts.larksuite.com"),
        ),
        Entered(
            name="api", label=_("Address of its interface"), default=API,
            help=_("Of Lark it is https://open.larksuite.com"),
        ),
    ),
    begin=begin,
    finish=finish,
    hosts=("login", "api"),
)  # fmt: skip
