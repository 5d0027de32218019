"""A provider that never answers: its own account rests, what waits there is kept, other accounts go on."""

from __future__ import annotations

import socket
from time import monotonic
from typing import Any

import pytest

from ombud.channels import calling
from ombud.channels.registry import PROVIDERS
from ombud.correspondence import accounts, composing, delivery, taking_in
from ombud.correspondence.models import Account, Message
from ombud.correspondence.taking_in import Incoming
from provided import Provided

pytestmark = pytest.mark.django_db
NUMBER = "+8613800138000"


def answered(provided: Provided, account: Account) -> Message:
    """Let somebody speak at an account, and an answer wait for them there; return it."""
    way = accounts.way_of(account.kind)
    address = NUMBER if way == Message.Way.SMS else f"{account.kind}:U-7"
    said = Incoming(way=way, external_id="m-1", arrived_at=provided.now, address=address, text="It leaks.")
    incoming = taking_in.take_in(account, said, now=provided.now)
    assert incoming is not None
    composing.say_back(incoming, "We look into it.", language="en", now=provided.now)
    return Message.objects.get(account=account, is_out=True)


@pytest.mark.parametrize("kind", list(PROVIDERS))
def test_a_provider_that_never_answers_holds_up_its_own_account_only(
    provided: Provided, settings: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(calling, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings.OMBUD_OUTGOING_ALLOWED = [provided.server.url, there]
        account = provided.complete(kind, "0123456789abcdef", api=there, url=there)
        waiting, began = answered(provided, account), monotonic()
        assert delivery.deliver(account, now=provided.now) == 0
        assert monotonic() - began < 5
    account.refresh_from_db()
    waiting.refresh_from_db()
    assert account.paused_until is not None
    assert account.paused_until > provided.now
    assert "does not answer" in account.failure
    assert (waiting.state, waiting.attempts, waiting.lease_until) == (Message.State.QUEUED, 0, None)

    provided.server.routes["/other"] = (200, {"id": "there-1"})
    other = provided.complete("webhook", "0123456789abcdef", key="other", url=f"{provided.server.url}/other")
    going = answered(provided, other)
    assert delivery.deliver(other, now=provided.now) == 1
    going.refresh_from_db()
    assert going.state == Message.State.HANDED_OVER
