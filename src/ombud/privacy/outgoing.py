"""What the program may call by itself: addresses that people enter lead to the open internet, never into our network.

A name is resolved once, all that it stands for is looked at, and exactly that is connected to: a name that means
something else a moment later leads nowhere else. Nothing follows a redirection. An origin that the installation
names in OMBUD_OUTGOING_ALLOWED (a gateway of its own) may be private, and may do without TLS.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Timer
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from django.conf import settings

PORTS = {"https": 443, "http": 80}
LONGEST = 2000  # letters of an address
READ = 4096  # bytes of an answer: an acknowledgement, no document
# Global by their own numbers, and yet a way to addresses that are not: NAT64, 6to4, Teredo.
_TUNNELS = [ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]


class NotAllowed(Exception):
    """The program does not call this address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code  # address, scheme, unknown or private


class NoAnswer(Exception):
    """Nobody answered in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What was answered, as far as it is read."""

    status: int
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """Return the JSON object that it is; an empty one where it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address. Raises NotAllowed where it is none that anything could call."""
    parts = _parts(url)
    return f"{parts.scheme}://{parts.hostname}:{_port(parts)}"


def is_named(url: str) -> bool:
    """Return whether the installation itself names the address's origin. Raises NotAllowed."""
    return origin_of(url) in {origin_of(each) for each in settings.OMBUD_OUTGOING_ALLOWED}


def check(url: str, *, is_strangers: bool = False) -> tuple[str, ...]:
    """Return the numbers that the address stands for. Raises NotAllowed; asks the resolver, which may take a while.

    What the installation names it trusts its staff to call: an address that a stranger sent is no such exception.
    """
    parts, named = _parts(url), not is_strangers and is_named(url)
    _judge(parts, named)
    try:
        found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotAllowed("unknown") from error
    numbers = tuple(dict.fromkeys(str(each[4][0]) for each in found))
    if not named and not all(is_open(each) for each in numbers):
        raise NotAllowed("private")
    return numbers


def judge(url: str) -> None:
    """Raise NotAllowed where an address is never called, whatever its name stands for: asks nobody."""
    _judge(_parts(url), is_named(url))


def is_open(number: str) -> bool:
    """Return whether a numeric address is one of the open internet."""
    found: IPv4Address | IPv6Address = ip_address(number.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif any(found in each for each in _TUNNELS):
            return False
    return found.is_global and not found.is_multicast


def post_json(url: str, content: Any, *, patience: float, headers: Mapping[str, str] | None = None) -> Answer:
    """Send JSON and return the answer, whatever it says. Raises NotAllowed, NoAnswer (after `patience` seconds)."""
    given = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    body = json.dumps(content, ensure_ascii=False).encode()
    return call("POST", url, body=body, headers=given, patience=patience, most=READ)


def post_form(url: str, fields: Mapping[str, str], *, patience: float, most: int) -> Answer:
    """Send a form and return `most` bytes of the answer, whatever it says. Raises as `post_json` does."""
    given = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return call("POST", url, body=urlencode(fields).encode(), headers=given, patience=patience, most=most)


def get(url: str, *, patience: float, most: int) -> Answer:
    """Ask for what stands at an address that a stranger sent, and return `most` bytes of it. Raises as others do."""
    return _call("GET", url, check(url, is_strangers=True), None, {}, patience, most)


def call(
    method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str], patience: float, most: int
) -> Answer:
    """Call an address and return `most` bytes of the answer, whatever it says. Raises as `post_json` does."""
    return _call(method, url, check(url), body, headers, patience, most)


def _call(
    method: str,
    url: str,
    numbers: tuple[str, ...],
    body: bytes | None,
    headers: Mapping[str, str],
    patience: float,
    most: int,
) -> Answer:
    parts = _parts(url)
    given = {"User-Agent": "Ombud", **headers}
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    way = _Call(parts, numbers, patience)
    # A server that sends a byte now and then would hold a call with timeouts of its own for ever.
    end = Timer(patience, way.cut)
    end.daemon = True
    end.start()
    try:
        way.request(method, target, body, given)
        response = way.getresponse()
        return Answer(status=response.status, body=response.read(most))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(type(error).__name__) from error
    finally:
        end.cancel()
        way.close()


class _Call(http.client.HTTPConnection):
    """A connection to numbers that were looked at before, under the name that they were found by."""

    def __init__(self, parts: SplitResult, numbers: tuple[str, ...], patience: float) -> None:
        assert parts.hostname is not None, "looked at before"
        super().__init__(parts.hostname, _port(parts), timeout=patience)
        self.default_port = PORTS[parts.scheme]
        self._numbers, self._is_tls, self._end = numbers, parts.scheme == "https", monotonic() + patience

    def connect(self) -> None:
        for place, number in enumerate(self._numbers):
            try:
                self.sock = socket.create_connection((number, self.port), max(0.1, self._end - monotonic()))
                break
            except OSError:
                if place + 1 == len(self._numbers) or monotonic() >= self._end:
                    raise
        if self._is_tls:
            self.sock = _tls().wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock.do_handshake()

    def cut(self) -> None:
        """End the call from another thread: whoever waits in it gets an error."""
        if self.sock is not None:
            # Not the TLS socket's own way, which takes apart what the other thread is using.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _parts(url: str) -> SplitResult:
    """Return the parts of an address that is written as programs write it."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise NotAllowed("address")
    try:
        parts = urlsplit(url)
        _port(parts)
    except ValueError as error:
        raise NotAllowed("address") from error
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
        raise NotAllowed("address")
    return parts


def _judge(parts: SplitResult, named: bool) -> None:
    if named:
        return
    if parts.scheme != "https":
        raise NotAllowed("scheme")
    with contextlib.suppress(ValueError):  # a name, which says nothing until it is asked for
        if not is_open(parts.hostname or ""):
            raise NotAllowed("private")


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS.get(parts.scheme, 0)
