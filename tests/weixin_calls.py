"""Calls of WeChat and WeCom in their encrypted mode, as Tencent documents it."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from builders import after

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def encrypted(message: str, receiver: str) -> str:
    key = b64decode(AES_KEY + "=")
    raw = message.encode()
    content = os.urandom(16) + len(raw).to_bytes(4, "big") + raw + receiver.encode()
    pad = 32 - len(content) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return b64encode(encryptor.update(content + bytes([pad]) * pad) + encryptor.finalize()).decode()


def query(*more: str, token: str = "our word", minutes: float = 0, name: str = "msg_signature") -> dict[str, str]:
    stamp = str(int(after(minutes).timestamp()))
    signature = sha1("".join(sorted([token, stamp, "n0nce", *more])).encode()).hexdigest()
    return {"timestamp": stamp, "nonce": "n0nce", name: signature}


def xml(text: str = "水壶漏水", there: str = "23456", **more: str) -> str:
    fields = {
        "ToUserName": "gh_1", "FromUserName": "oOPENID", "CreateTime": str(int(after(-1).timestamp())),
        "MsgType": "text", "Content": text, "MsgId": there, **more,
    }  # fmt: skip
    inside = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return f"<xml>{inside}</xml>"
