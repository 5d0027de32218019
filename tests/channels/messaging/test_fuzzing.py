"""Noise at every hook: nothing but a refusal in words, no fault, nothing kept that was not signed."""

from __future__ import annotations

import random

import pytest

from ombud.channels.providers import Provider
from ombud.channels.registry import PROVIDERS
from ombud.correspondence.models import Message
from provided import Provided

pytestmark = pytest.mark.django_db
BODIES = 50  # at each
SEEDS = (
    b'{"type": "message", "id": "1", "from": {"id": "2"}, "text": "x"}', b"<xml><Encrypt>a</Encrypt></xml>", b"",
    b'{"object": "page", "entry": [{"messaging": [{"sender": {"id": 7}}]}]}', b"[" * 2000, b'{"update_id": 1e999}',
    b'{"events": [{"type": "message", "message": {}}]}', b"a=b&c=%ff", b"\xff\xfe\x00", b'[{"phone_number": null}]',
)  # fmt: skip
HEADERS = (
    "x-hub-signature-256", "x-line-signature", "x-telegram-bot-api-secret-token", "ombud-signature", "ombud-timestamp",
    "x-viber-content-signature",
)  # fmt: skip


def noise(chance: random.Random) -> bytes:
    """Return a body that was broken in some places."""
    body = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randrange(6)):
        at = chance.randrange(len(body) + 1)
        body[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(5))
    return bytes(body)


def secrets_of(provider: Provider) -> dict[str, str]:
    return {entry.name: "0123456789abcdef" * 2 for entry in provider.entries if entry.is_secret}


@pytest.mark.parametrize("kind", list(PROVIDERS))
def test_noise_is_refused_in_words(provided: Provided, kind: str) -> None:
    chance = random.Random(kind)
    provided.account(kind, secrets_of(PROVIDERS[kind]))
    for _ in range(BODIES):
        headers = {name: chance.choice(["", "x", "\u00ff", "sha256=" + "0" * 64, "9" * 40]) for name in HEADERS}
        query = chance.choice(["", "?timestamp=x&nonce=y&msg_signature=z", "?hub.mode=subscribe&hub.verify_token=x"])
        kind_of_body = chance.choice(["application/json", "text/xml", "multipart/form-data", "x"])
        answer = provided.call(noise(chance), headers, query, content_type=kind_of_body)
        assert answer.status_code in (200, 400, 403), answer.content
    assert all(message.external_id for message in Message.objects.all())
