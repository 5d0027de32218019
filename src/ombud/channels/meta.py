"""What WhatsApp and Messenger share: how Meta proves its calls, greets a new address, and says what went wrong."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext_lazy as _

from ombud.channels import calling, payload
from ombud.channels.providers import Call, Entry, Held, NotTheirs, Taken, Unreadable, api
from ombud.correspondence.carriers import AccountFailed, TryAgain, WindowClosed
from ombud.privacy.outgoing import Answer

API = "https://graph.facebook.com/v21.0"
ENTRIES = (
    Entry(name="token", label=_("Access token"), is_secret=True),
    Entry(name="app_secret", label=_("App secret"), is_secret=True),
    Entry(name="verify_token", label=_("Verify token"), is_secret=True),
    api(API),
)  # what is entered for both
_LOCKED_OUT = (0, 3, 10, 102, 190, 200)  # tokens and permissions
_LATER = (1, 2, 4, 17, 32, 613, 80007, 130429, 131000, 131016, 131048, 131056)
CLOSED = (131047, 2018278)  # codes, and what Messenger says as the code below its code


def greeted(call: Call, held: Held) -> Taken | None:
    """Return the answer to Meta's greeting of a new address, None for any other call. Raises NotTheirs."""
    if call.method != "GET":
        return None
    given = call.query.get("hub.verify_token", "")
    is_right = hmac.compare_digest(held["verify_token"].encode(), given.encode())
    if call.query.get("hub.mode") != "subscribe" or not held["verify_token"] or not is_right:
        raise NotTheirs
    return Taken(answer=call.query.get("hub.challenge", "")[:200], content_type="text/plain")


def content_of(call: Call, held: Held) -> Any:
    """Return the JSON of a call that Meta signed with the app's secret. Raises NotTheirs, Unreadable."""
    if call.method != "POST":
        raise Unreadable("Calls are POST.")
    expected = "sha256=" + hmac.digest(held["app_secret"].encode(), call.body, sha256).hex()
    is_right = hmac.compare_digest(expected.encode(), call.headers.get("x-hub-signature-256", "").encode())
    if not held["app_secret"] or not is_right:
        raise NotTheirs
    return payload.parsed(call.body)


def headers(held: Held) -> dict[str, str]:
    """Return the headers of a call of ours."""
    return {"Authorization": f"Bearer {held['token']}"}


def judge(answer: Answer) -> None:
    """Say what Meta answered. Raises WindowClosed, AccountFailed, TryAgain, Refused."""
    if 200 <= answer.status < 300:
        return
    error = answer.json.get("error")
    code = payload.at(error, "code")
    words = f"{code} {payload.text(error, 'message')}"[:300]
    if code in CLOSED or payload.at(error, "error_subcode") in CLOSED:
        raise WindowClosed(words)
    if code in _LOCKED_OUT:
        raise AccountFailed(words)
    if code in _LATER:
        raise TryAgain(words)
    calling.judge(answer, words)


def check(url: str, held: Held) -> None:
    """Ask for something that only the right token opens. Raises AccountFailed."""
    with calling.asking():
        judge(calling.get(url, headers(held)))
