"""Asking ClamAV about a file: its daemon's INSTREAM command, over TCP or a socket of the machine."""

from __future__ import annotations

import socket
from contextlib import suppress
from functools import partial
from typing import IO
from urllib.parse import urlsplit

PATIENCE = 60.0  # seconds without a byte of an answer
_CHUNK = 256 * 1024
_LONGEST = 4096  # bytes of an answer


class NotScanned(Exception):
    """The scanner said nothing that tells whether the file is clean: too large for it, or the line broke."""


class Unreachable(NotScanned):
    """The scanner cannot be reached: it is the same with any file."""


class Silent(NotScanned):
    """The scanner took the file, or some of it, and says nothing."""


def scan(address: str, file: IO[bytes]) -> str:
    """Return the name of what the scanner found in a file, empty where it found nothing.

    `address` is tcp://host:port or unix:///path. Raises NotScanned, Unreachable, Silent: what nobody scanned is not
    clean. What stops the file from being read is raised as it is.
    """
    with _connected(address) as line:
        said = _said(line, file)
    if said == "stream: OK":
        return ""
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return said.removeprefix("stream: ").removesuffix(" FOUND")
    raise NotScanned(said or "the scanner said nothing")


def _said(line: socket.socket, file: IO[bytes]) -> str:
    """Send a file and return what is said of it; a scanner that takes no more of it may have said why."""
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(b"zINSTREAM\0")
            for chunk in iter(partial(file.read, _CHUNK), b""):
                line.sendall(len(chunk).to_bytes(4, "big") + chunk)
            line.sendall(bytes(4))
        return _answer(line)
    except TimeoutError as error:
        raise Silent("the scanner keeps silent") from error
    except ConnectionError as error:
        raise NotScanned(str(error)) from error


def _connected(address: str) -> socket.socket:
    try:
        return _connection(address)
    except OSError as error:
        raise Unreachable(str(error)) from error


def _connection(address: str) -> socket.socket:
    url = urlsplit(address)
    if url.scheme == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(PATIENCE)
        try:
            line.connect(url.path)
        except OSError:
            line.close()
            raise
        return line
    return socket.create_connection((url.hostname or "", url.port or 3310), PATIENCE)


def _answer(line: socket.socket) -> str:
    said = b""
    while b"\0" not in said and len(said) < _LONGEST and (piece := line.recv(_LONGEST)):
        said += piece
    return said.partition(b"\0")[0].decode(errors="replace").strip()
