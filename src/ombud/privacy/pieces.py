"""Long content sealed in pieces: written as a stream, read from any place in it, nothing of it ever in clear on a disk.

Every piece is sealed with its number and whether it is the last, under a key that seals nothing else (the scheme is
known as STREAM): pieces that were swapped, cut off or changed are told from those that were written.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import File

from ombud.privacy.sealing import Tampered

PIECE = 64 * 1024  # bytes in clear; whoever changes it reads nothing that was kept before
TAG = 16


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def seal(key: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the sealed pieces of what comes in chunks of any size; `key` must be one that sealed nothing yet."""
    cipher, waiting, number = AESGCM(key), bytearray(), 0
    for chunk in chunks:
        waiting += chunk
        while len(waiting) > PIECE:  # what fills a piece may still be the last one
            yield cipher.encrypt(_nonce(number, is_last=False), bytes(waiting[:PIECE]), None)
            del waiting[:PIECE]
            number += 1
    yield cipher.encrypt(_nonce(number, is_last=True), bytes(waiting), None)


class Sealed(File):  # type: ignore[type-arg]  # Django's own stubs leave its parameter open
    """Chunks on their way to storage, sealed; some storages ask for chunks, others read."""

    def __init__(self, key: bytes, chunks: Iterable[bytes]) -> None:
        super().__init__(None, name="sealed")
        self._pieces, self._rest = seal(key, chunks), b""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        return self._pieces

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1) -> bytes:
        held = bytearray(self._rest)
        while size < 0 or len(held) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            held += piece
        end = len(held) if size < 0 else size
        self._rest = bytes(held[end:])
        return bytes(held[:end])


class Opened(io.RawIOBase):
    """Reads what `seal` sealed, from any place. Raises Tampered where it comes to what was changed."""

    def __init__(self, key: bytes, file: IO[bytes], size: int) -> None:
        super().__init__()
        self._cipher, self._file, self._size, self._at = AESGCM(key), file, size, 0
        self._last = max(0, size - 1) // PIECE
        self._held, self._piece = -1, b""  # the piece that was opened last

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next of the piece at hand; 0 at the end."""
        if self._at >= self._size:
            return 0
        number, begins = divmod(self._at, PIECE)
        if number != self._held:
            self._piece, self._held = self._opened(number), number
        taken = self._piece[begins : begins + len(buffer)]
        buffer[: len(taken)] = taken
        self._at += len(taken)
        return len(taken)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _opened(self, number: int) -> bytes:
        self._file.seek(number * (PIECE + TAG))
        sealed = self._file.read(PIECE + TAG)
        try:
            piece = self._cipher.decrypt(_nonce(number, is_last=number == self._last), sealed, None)
        except InvalidTag as error:
            raise Tampered from error
        if len(piece) != min(PIECE, self._size - number * PIECE):
            raise Tampered
        return piece


def opened(key: bytes, file: IO[bytes], size: int) -> IO[bytes]:
    """Return a file of `size` bytes that opens what was sealed in `file`, and closes it."""
    return io.BufferedReader(Opened(key, file, size), PIECE)
