"""DingTalk: sign-in for third-party web sites, OAuth 2.0 in its own form.

What comes back is asked for a token once and says of which organisation somebody came; another organisation's people
are not believed. Their address is whatever they entered there, so nobody is found by it: an administrator connects them
by their unionId.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from ombud.signin.claims import Claims, SignOnError
from ombud.signin.ways import Entered, Trip, Way, ask, subject_of, text_of

LOGIN, API = "https://login.dingtalk.com", "https://api.dingtalk.com"


def begin(trip: Trip) -> tuple[str, dict[str, Any]]:
    """Return the way to DingTalk's page."""
    state = secrets.token_urlsafe(24)
    asked = {
        "redirect_uri": trip.back, "response_type": "code", "client_id": trip.client_id, "scope": "openid corpid",
        "state": state, "prompt": "consent", "exclusiveLogin": "true", "exclusiveCorpId": trip.issuer,
    }  # fmt: skip
    return f"{trip.details['login']}/oauth2/auth?{urlencode(asked)}", {"state": state}


def finish(trip: Trip, given: Mapping[str, str], kept: Mapping[str, Any]) -> Claims:
    """Return whom the code stands for."""
    asked = {
        "clientId": trip.client_id, "clientSecret": trip.secret, "code": given["authCode"],
        "grantType": "authorization_code",
    }  # fmt: skip
    token = ask("POST", f"{trip.details['api']}/v1.0/oauth2/userAccessToken", content=asked)
    if text_of(token, "corpId") != trip.issuer:
        raise SignOnError("organisation")
    headers = {"x-acs-dingtalk-access-token": text_of(token, "accessToken", most=4000)}
    found = ask("GET", f"{trip.details['api']}/v1.0/contact/users/me", headers=headers)
    return Claims(subject=subject_of(text_of(found, "unionId")), email="", name=text_of(found, "nick"), username="")


WAY = Way(
    entered=(
        Entered(name="issuer", label=_("CorpId of the organisation"), help=_("Only its people are let in.")),
        Entered(name="client_id", label=_("Client ID (AppKey)")),
        Entered(name="secret", label=_("Client secret (AppSecret)"), is_secret=True),
        Entered(name="login", label=_("Address of the sign-in page"), default=LOGIN),
        Entered(name="api", label=_("Address of its interface"), default=API),
    ),
    begin=begin,
    finish=finish,
    answers_by="authCode",
    hosts=("login", "api"),
)
