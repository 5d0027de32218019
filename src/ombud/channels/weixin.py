"""What WeChat and WeCom share: how Tencent signs and encrypts its calls, and the tokens with which we call it."""

from __future__ import annotations

import hmac
import re
import threading
import time
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Callable, Mapping
from hashlib import sha1
from typing import Any
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ombud.channels import calling, payload
from ombud.channels.providers import Call, Held, NotTheirs, Unreadable
from ombud.correspondence.carriers import AccountFailed
from ombud.privacy.outgoing import Answer

WINDOW = 600  # seconds that a call may be old, or ahead of our clock: it is repeated for a quarter of a minute only
_BLOCK, _RANDOM, _LENGTH = 32, 16, 4  # bytes: of the padding, before a message, of its length
_ENCRYPTED = re.compile(rb"<Encrypt>\s*+(?:<!\[CDATA\[)?([A-Za-z0-9+/=]++)(?:\]\]>)?\s*+</Encrypt>")
_EXPIRED = (40001, 40014, 42001)  # what is said of a token that is good no more
MARGIN = 300.0  # seconds before a token runs out

_kept: dict[tuple[str, str], tuple[float, str]] = {}  # (account, secret) -> (until, token)
_lock = threading.Lock()


def encrypted_of(body: bytes) -> str:
    """Return what a call holds, still encrypted; nothing of it is parsed before it is proved. Raises Unreadable."""
    found = _ENCRYPTED.search(body)
    if found is None:
        raise Unreadable("No <Encrypt>: choose the encrypted mode at the provider.")
    return found[1].decode("ascii")


def need_signature(call: Call, held: Held, name: str, *more: str) -> None:
    """Raise NotTheirs unless the query's signature of that name is right and its time of now."""
    query = call.query
    parts = sorted([held["verify_token"], query.get("timestamp", ""), query.get("nonce", ""), *more])
    expected = sha1("".join(parts).encode()).hexdigest()
    is_right = hmac.compare_digest(expected.encode(), query.get(name, "").encode())
    stamp = payload.instant(query.get("timestamp", ""))
    is_fresh = stamp is not None and abs((stamp - held.now).total_seconds()) <= WINDOW
    if not held["verify_token"] or not is_right or not is_fresh:
        raise NotTheirs


def decrypted(encrypted: str, held: Held, receiver: str) -> bytes:
    """Return the message inside, which must be for `receiver`. Raises NotTheirs."""
    try:
        key = b64decode(held["aes_key"] + "=")
        decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        padded = decryptor.update(b64decode(encrypted)) + decryptor.finalize()
    except (ValueError, NoBase64) as error:
        raise NotTheirs from error
    pad = padded[-1] if padded else 0
    if not 1 <= pad <= _BLOCK:
        raise NotTheirs
    content = padded[_RANDOM:-pad]
    length = int.from_bytes(content[:_LENGTH], "big")
    message, whose = content[_LENGTH : _LENGTH + length], content[_LENGTH + length :]
    if not hmac.compare_digest(whose, receiver.encode()):
        raise NotTheirs
    return message


def fields_of(xml: bytes) -> Mapping[str, str]:
    """Return the fields of a message. Raises Unreadable; nothing that a document may declare is followed."""
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise Unreadable("A message declares nothing.")
    try:
        root = ElementTree.fromstring(xml)
    except (ElementTree.ParseError, ValueError) as error:
        raise Unreadable(f"No XML: {error}") from error
    return {child.tag: payload.text(child.text or "") for child in root}


def called(held: Held, call: Callable[[str], Answer], ask: Callable[[], Answer]) -> Any:
    """Return the JSON that is answered to a call with a token, which `ask` asks for, anew if it is good no more."""
    answer = call(token_of(held, ask)).json
    if answer.get("errcode") in _EXPIRED:
        answer = call(new_token(held, ask)).json
    if answer.get("errcode") in _EXPIRED:
        raise AccountFailed(words(answer))
    return answer


def token_of(held: Held, ask: Callable[[], Answer]) -> str:
    """Return a token that is good for some minutes. Raises AccountFailed."""
    with _lock:
        until, token = _kept.get(_key(held), (0.0, ""))
    return token if time.monotonic() < until else new_token(held, ask)


def new_token(held: Held, ask: Callable[[], Answer]) -> str:
    """Return a token that was asked for just now. Raises AccountFailed."""
    with calling.asking():
        answer = ask()
        calling.judge(answer)
    token, lasts = payload.text(answer.json, "access_token"), payload.text(answer.json, "expires_in")
    if not token:
        raise AccountFailed(words(answer.json))
    with _lock:
        _kept[_key(held)] = (time.monotonic() + float(lasts or 0) - MARGIN, token)
    return token


def words(answer: Any) -> str:
    """Return what an answer says went wrong."""
    return f"{payload.text(answer, 'errcode')} {payload.text(answer, 'errmsg')}".strip()[:300]


def _key(held: Held) -> tuple[str, str]:
    return held.account.key, held["app_secret"] or held["corp_secret"]
