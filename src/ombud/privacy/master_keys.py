"""The installation's master keys: where they come from, which of them seals, and which only open what they sealed.

What a setting or a file says is one key, or several while one takes another's place: the first seals, the others open.
Each is a number, which says how manieth it is, and 64 hexadecimal digits; a key without a number is the first. In
place of the digits may stand a key that AWS KMS has wrapped, which nobody reads without asking KMS. This module knows
neither Django nor the database: settings are made of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

FIRST = 1  # the generation of a key that says none
SIZE = 32  # bytes
LOOK = 2.0  # seconds between two looks at a file
KMS = "aws-kms"
CONTEXT = {"ombud": "master key"}  # KMS wraps nothing else under it
_ENTRY = re.compile(r"(?:(?P<generation>[1-9][0-9]{0,3}):)?(?P<secret>.+)")
_WRAPPED = re.compile(rf"{KMS}:(?P<region>[a-z0-9-]+):(?P<blob>[A-Za-z0-9+/=]+)")


class MasterKeyError(Exception):
    """A master key cannot be had; the message says why, and never what it is."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """One master key and how manieth it is."""

    generation: int
    key: bytes = field(repr=False)
    comes_from: str = ""  # kms; empty where its digits are written down

    @property
    def mark(self) -> str:
        """Return by what people tell one key from another; the key cannot be found from it."""
        return hmac.digest(self.key, b"ombud:mark", hashlib.sha256).hex()[:8]


Ring = tuple[MasterKey, ...]  # the first seals


def parse(text: str) -> Ring:
    """Return the keys that a text lists, apart by blanks, commas or line ends. Raises MasterKeyError."""
    entries = [entry for line in text.splitlines() for entry in re.split(r"[\s,]+", line.partition("#")[0]) if entry]
    ring = tuple(_read(entry) for entry in entries)
    if not ring:
        raise MasterKeyError("holds no key")
    if len({each.generation for each in ring}) != len(ring):
        raise MasterKeyError("holds two keys of one number: a new one is 2:..., the next 3:...")
    return ring


def _read(entry: str) -> MasterKey:
    said = _ENTRY.fullmatch(entry)
    assert said is not None, "an entry is not empty"
    generation, secret = int(said["generation"] or FIRST), said["secret"]
    if secret.startswith(f"{KMS}:"):
        wrapped = _WRAPPED.fullmatch(secret)
        if wrapped is None:
            raise MasterKeyError(f"is not {KMS}:REGION:WRAPPED-KEY, as `ombud keys new --kms` writes it")
        return MasterKey(generation, _checked(_opened_by_kms(wrapped["region"], wrapped["blob"])), "kms")
    try:
        key = bytes.fromhex(secret)
    except ValueError as error:
        raise MasterKeyError("is not written in hexadecimal digits") from error
    return MasterKey(generation, _checked(key))


def _checked(key: bytes) -> bytes:
    if len(key) != SIZE:
        raise MasterKeyError(f"has {len(key)} bytes; it needs {SIZE} ({2 * SIZE} hexadecimal digits)")
    return key


def made(generation: int) -> str:
    """Return a new key as it is written down."""
    return f"{generation}:{os.urandom(SIZE).hex()}"


def made_by_kms(generation: int, key_id: str, region: str) -> str:
    """Return a new key, wrapped by a key that never leaves KMS, as it is written down. Raises MasterKeyError."""
    answer = _asked(
        region, lambda kms: kms.generate_data_key(KeyId=key_id, NumberOfBytes=SIZE, EncryptionContext=CONTEXT)
    )
    return f"{generation}:{KMS}:{region}:{base64.b64encode(answer['CiphertextBlob']).decode()}"


@lru_cache(maxsize=16)  # one question for each key and process; what failed is asked again
def _opened_by_kms(region: str, blob: str) -> bytes:
    try:
        wrapped = base64.b64decode(blob, validate=True)
    except ValueError as error:
        raise MasterKeyError(f"the key that KMS wrapped is cut off or damaged: {error}") from error
    answer = _asked(region, lambda kms: kms.decrypt(CiphertextBlob=wrapped, EncryptionContext=CONTEXT))
    return bytes(answer["Plaintext"])


def _asked(region: str, ask: Callable[[Any], Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        raise MasterKeyError("this needs the package boto3: pip install 'ombud[kms]'") from error
    patience = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
    try:
        return ask(boto3.client("kms", region_name=region, config=patience))
    except ClientError as error:
        said = error.response.get("Error", {})
        raise MasterKeyError(f"AWS KMS in {region} refuses: {said.get('Code')} {said.get('Message', '')}") from error
    except BotoCoreError as error:  # no way there, no credentials
        raise MasterKeyError(f"AWS KMS in {region} cannot be asked: {error}") from error


@dataclass(slots=True)
class Keys:
    """The ring of an installation; where it lies in a file, read again when that changes, so that nobody restarts."""

    ring_read: Ring
    file: Path | None = None
    _looked: float = 0.0
    _seen: tuple[int, int] = (0, 0)

    @classmethod
    def fixed(cls, text: str) -> Keys:
        """Return the keys of a text that does not change while a process lives. Raises MasterKeyError."""
        return cls(parse(text))

    @classmethod
    def in_file(cls, file: Path) -> Keys:
        """Return the keys of a file. Raises MasterKeyError, OSError."""
        seen = _state(file)
        return cls(parse(file.read_text("ascii")), file, time.monotonic(), seen)

    def ring(self) -> Ring:
        """Return the keys, the one that seals first."""
        if self.file is not None and time.monotonic() - self._looked > LOOK:
            self.look_again()
        return self.ring_read

    def look_again(self) -> None:
        """Read the file again if it changed; where it cannot be read, what was known goes on."""
        assert self.file is not None, "only a file changes"
        self._looked = time.monotonic()
        try:
            seen = _state(self.file)
            if seen != self._seen:
                self.ring_read, self._seen = parse(self.file.read_text("ascii")), seen
        except (OSError, UnicodeDecodeError, MasterKeyError) as error:
            log.warning("the file of the master keys cannot be read again: %s", type(error).__name__)


def _state(file: Path) -> tuple[int, int]:
    told = file.stat()
    return told.st_mtime_ns, told.st_ino


def replace(file: Path, entries: list[str]) -> None:
    """Write a file of keys anew, whole or not at all, for its owner alone."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        out.write("".join(f"{entry}\n" for entry in entries))
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)


def entries_of(file: Path) -> dict[int, str]:
    """Return the keys of a file as they are written there, by their number, the one that seals first."""
    lines = [line.partition("#")[0] for line in file.read_text("ascii").splitlines()]
    found = [entry for line in lines for entry in re.split(r"[\s,]+", line) if entry]
    return {_read(entry).generation: entry for entry in found}
