"""WeCom: sign-in by its page for web sites. The token is the app's own; the code says who came.

Only members have a userid; a guest is not let in. WeCom hands out no address by which anybody could be found, so an
administrator connects people by their userid.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from ombud.signin.claims import Claims, SignOnError
from ombud.signin.ways import Entered, Trip, Way, ask, subject_of, text_of

LOGIN, API = "https://login.work.weixin.qq.com", "https://qyapi.weixin.qq.com"


def begin(trip: Trip) -> tuple[str, dict[str, Any]]:
    """Return the way to WeCom's page."""
    state = secrets.token_urlsafe(24)
    asked = {
        "login_type": "CorpApp", "appid": trip.issuer, "agentid": trip.client_id, "redirect_uri": trip.back,
        "state": state,
    }  # fmt: skip
    return f"{trip.details['login']}/wwlogin/sso/login?{urlencode(asked)}", {"state": state}


def finish(trip: Trip, given: Mapping[str, str], kept: Mapping[str, Any]) -> Claims:
    """Return whom the code stands for."""
    api = f"{trip.details['api']}/cgi-bin"
    token = _right(ask("GET", f"{api}/gettoken?{urlencode({'corpid': trip.issuer, 'corpsecret': trip.secret})}"))
    asked = {"access_token": text_of(token, "access_token", most=4000), "code": given["code"]}
    found = _right(ask("GET", f"{api}/auth/getuserinfo?{urlencode(asked)}"))
    return Claims(
        subject=subject_of(text_of(found, "userid") or text_of(found, "UserId")), email="", name="", username=""
    )


def _right(answer: dict[str, Any]) -> dict[str, Any]:
    if answer.get("errcode") != 0:
        raise SignOnError("refused")
    return answer


WAY = Way(
    entered=(
        Entered(name="issuer", label=_("CorpID of the organisation"), help=_("Only its people are let in.")),
        Entered(name="client_id", label=_("AgentId of the app")),
        Entered(name="secret", label=_("Secret of the app"), is_secret=True),
        Entered(name="login", label=_("Address of the sign-in page"), default=LOGIN),
        Entered(name="api", label=_("Address of its interface"), default=API),
    ),
    begin=begin,
    finish=finish,
    hosts=("login", "api"),
)
