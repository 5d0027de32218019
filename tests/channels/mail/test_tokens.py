"""Tokens of OAuth 2: asked for once, kept until they run out, and of no address in our own network."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from ombud.channels.mail import tokens
from ombud.correspondence.accounts import keep_secrets
from ombud.correspondence.carriers import AccountFailed
from ombud.correspondence.models import Account

ASKED: list[dict[str, list[str]]] = []


class Provider(BaseHTTPRequestHandler):
    """Gives tokens to whoever holds the right refresh token."""

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        ASKED.append(asked)
        is_right = asked["refresh_token"] == ["right"]
        answer = {"access_token": "t" * 5000, "expires_in": 3600} if is_right else {"error": "invalid_grant"}
        self.send_response(200 if is_right else 400)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: Any) -> None:
        """Stay silent."""


@pytest.fixture
def provider(settings: Any) -> Iterator[str]:
    ASKED.clear()
    tokens._kept.clear()
    server = HTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    origin = f"http://127.0.0.1:{server.server_port}"
    settings.OMBUD_OUTGOING_ALLOWED = [origin]
    yield f"{origin}/token"
    server.shutdown()
    server.server_close()


def account(url: str, refresh: str) -> Account:
    row = Account(key="box", kind="mail", address="a@example.com", options={"auth": "oauth2", "token_url": url})
    keep_secrets(row, {"refresh_token": refresh, "client_secret": "secret"})
    return row


def test_a_token_is_asked_for_once_and_kept(provider: str) -> None:
    row = account(provider, "right")
    assert tokens.token_of(row) == tokens.token_of(row) == "t" * 5000
    assert len(ASKED) == 1
    assert ASKED[0]["grant_type"] == ["refresh_token"]
    assert ASKED[0]["client_secret"] == ["secret"]


def test_what_the_provider_refuses_is_said_in_its_words(provider: str) -> None:
    with pytest.raises(AccountFailed, match="invalid_grant"):
        tokens.token_of(account(provider, "wrong"))


def test_a_secret_is_sent_to_no_address_of_our_own_network(provider: str, settings: Any) -> None:
    settings.OMBUD_OUTGOING_ALLOWED = []
    for url in (provider, provider.replace("http:", "https:")):
        with pytest.raises(AccountFailed, match="is not called"):
            tokens.token_of(account(url, "right"))
    assert ASKED == []
