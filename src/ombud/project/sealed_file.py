"""A file under the master key, written and read as a stream: whoever cuts it, flips a bit or has another key is told.

The first bytes name the format and a salt, and say whether a key is the right one. What follows are pieces of a
megabyte, each sealed with its number and whether it is the last, under a key of this file alone (the scheme is known
as STREAM).
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"ombud-backup 2\n"
SALT = CHECK = 16  # bytes
PIECE = 1024 * 1024
TAG = 16
MB = 1024 * 1024


class SealedFileError(Exception):
    """The file cannot be read; the message says what is wrong with it."""


class OtherKey(SealedFileError):
    """It was made under another master key."""


def _head(key: bytes, salt: bytes) -> tuple[bytes, AESGCM]:
    own = hmac.digest(key, b"pieces" + salt, hashlib.sha256)
    check = hmac.digest(key, b"check" + salt, hashlib.sha256)[:CHECK]
    head = MAGIC + salt + check
    return head + hashlib.sha256(head).digest()[:CHECK], AESGCM(own)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


class Writer(io.RawIOBase):
    """Seals what is written to it; the file is whole only once this is closed."""

    def __init__(self, file: IO[bytes], key: bytes) -> None:
        super().__init__()
        head, self._cipher = _head(key, os.urandom(SALT))
        self._file, self._waiting, self._number = file, bytearray(), 0
        file.write(head)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Take the bytes; what fills a piece goes out, save what may be the last."""
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._send(bytes(self._waiting[:PIECE]), is_last=False)
            del self._waiting[:PIECE]
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._send(bytes(self._waiting), is_last=True)
            super().close()

    def _send(self, piece: bytes, *, is_last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, is_last=is_last), piece, None))
        self._number += 1


class Reader(io.RawIOBase):
    """Opens what Writer sealed. Raises SealedFileError at once for another key or format, later for what is damaged."""

    def __init__(self, file: IO[bytes], key: bytes) -> None:
        super().__init__()
        said = file.read(len(MAGIC) + SALT + 2 * CHECK)
        if not said.startswith(MAGIC):
            raise SealedFileError("it is no backup of Ombud, or its first bytes are damaged")
        if hashlib.sha256(said[:-CHECK]).digest()[:CHECK] != said[-CHECK:]:
            raise SealedFileError("its first bytes are damaged")
        head, self._cipher = _head(key, said[len(MAGIC) : len(MAGIC) + SALT])
        if not hmac.compare_digest(head, said):
            raise OtherKey("it was made under another master key than the one given here")
        self._file, self._number, self._open = file, 0, b""
        self._next = file.read(PIECE + TAG)
        if not self._next:
            raise SealedFileError("it is cut off after its first bytes")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next; 0 at the end."""
        while not self._open:
            if not self._next:
                return 0
            self._open = self._piece()
        taken, self._open = self._open[: len(buffer)], self._open[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def _piece(self) -> bytes:
        sealed, self._next = self._next, self._file.read(PIECE + TAG)
        number, self._number = self._number, self._number + 1
        try:
            return self._cipher.decrypt(_nonce(number, is_last=not self._next), sealed, None)
        except InvalidTag as error:
            raise SealedFileError(self._damage(sealed, number)) from error

    def _damage(self, sealed: bytes, number: int) -> str:
        if not self._next:
            try:
                self._cipher.decrypt(_nonce(number, is_last=False), sealed, None)
            except InvalidTag:
                return f"it is damaged or cut off in its last megabyte, after {number * PIECE // MB} MB"
            return f"it is cut off after {(number + 1) * PIECE // MB} MB"
        return f"it is damaged between {number * PIECE // MB} and {(number + 1) * PIECE // MB} MB"
