"""Asking ClamAV about a file: its daemon's INSTREAM command, over TCP or a socket of the machine."""

from __future__ import annotations

import socket
from typing import IO
from urllib.parse import urlsplit

PATIENCE = 60.0  # seconds without a byte of an answer
_CHUNK = 256 * 1024
_LONGEST = 4096  # bytes of an answer


class Unreachable(Exception):
    """The scanner does not answer, or could not scan the file: nothing is known of it."""


def scan(address: str, file: IO[bytes]) -> str:
    """Return the name of what the scanner found in a file, empty where it found nothing.

    `address` is tcp://host:port or unix:///path. Raises Unreachable: what nobody scanned is not clean.
    """
    try:
        with _connected(address) as line:
            line.sendall(b"zINSTREAM\0")
            while chunk := file.read(_CHUNK):
                line.sendall(len(chunk).to_bytes(4, "big") + chunk)
            line.sendall(bytes(4))
            said = _answer(line)
    except OSError as error:
        raise Unreachable(str(error)) from error
    if said == "stream: OK":
        return ""
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return said.removeprefix("stream: ").removesuffix(" FOUND")
    raise Unreachable(said or "the scanner said nothing")


def _connected(address: str) -> socket.socket:
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
