"""Originals: a mail as its bytes came or went, sealed as a whole under its keeper's key and kept in storage."""

from __future__ import annotations

import os
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from ombud.correspondence.models import Message
from ombud.privacy.keys import NONCE
from ombud.privacy.sealing import Tampered

FOLDER = "messages"


def store(message: Message, key: bytes, content: bytes) -> None:
    """Keep the bytes of a message under `key`; `message.stored_as` says where, once it is saved."""
    nonce = os.urandom(NONCE)
    sealed = nonce + AESGCM(key).encrypt(nonce, content, _where(message))
    # A new name each time: what is sealed anew stands beside the old one until the row says which is right.
    name = f"{FOLDER}/{message.id.hex[:2]}/{message.id.hex}-{uuid.uuid4().hex[:8]}"
    message.stored_as = default_storage.save(name, ContentFile(sealed))


def content(message: Message, key: bytes) -> bytes:
    """Return the bytes of a message. Raises FileNotFoundError where none were kept, Tampered."""
    if not message.stored_as:
        raise FileNotFoundError(message.pk)
    with default_storage.open(message.stored_as, "rb") as file:
        sealed = file.read()
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], _where(message))
    except InvalidTag as error:
        raise Tampered from error


def remove(name: str) -> None:
    """Remove what was kept under a name."""
    if name:
        default_storage.delete(name)


def _where(message: Message) -> bytes:
    return f"message {message.id}|original".encode()
