"""What stands before Django: bodies come in without holding a thread, and no kind of request takes another's threads.

A server that lets its threads read bodies is stopped by as many slow senders as it has threads. Here one event loop
takes in every body, to the disk where it is large, and demands a least rate; only what has arrived whole is given to a
thread. Health, sign-in and uploads have threads of their own, so that each is answered whatever the others do. Where
too many wait already, the answer is 503 at once: whoever is told so can come again, whoever hangs cannot.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ombud.channels.caller import forwarded, network
from ombud.project import front_answers
from ombud.project.front_body import Body, Broken, NoRoom, TooSlow, receive

WAITING = 16  # requests that wait for each thread of a pool; the last of them waits for some seconds
BODIES, BODIES_EACH = 256, 32  # that come in at a time: in all, and from one address
PIECE = 64 * 1024  # bytes of a long answer that are fetched at a time
ALWAYS = {"/healthz": "health", "/readyz": "health", "/metrics": "health", "/desk/sign-in/": "sign-in"}
OWN_THREADS = {"health": 1, "sign-in": 1, "uploads": 2}  # besides those of pages

Application = Callable[[dict[str, Any], Any], Any]


class Full(Exception):
    """As many wait as can be served within a few seconds."""


class Pool:
    """Some threads, and a short queue before them."""

    def __init__(self, name: str, threads: int) -> None:
        self.threads, self.taken = threads, 0
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"front-{name}")

    async def run(self, work: Callable[..., Any], *arguments: Any, is_begun: bool = False) -> Any:
        """Return what the work returns. Raises Full; what has begun is never refused."""
        if self.taken >= self.threads * (1 + WAITING) and not is_begun:
            raise Full
        self.taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work, *arguments)
        finally:
            self.taken -= 1


class Front:
    """The server's side: takes a request in, has it answered in a thread, sends the answer."""

    def __init__(self, application: Application, *, threads: int, limit: int, is_behind_proxy: bool) -> None:
        self.application, self.limit, self.is_behind_proxy = application, limit, is_behind_proxy
        self.pools = {name: Pool(name, number) for name, number in {**OWN_THREADS, "pages": threads}.items()}
        self.coming: Counter[str] = Counter()  # network -> bodies that are coming in

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        if scope.proto != "http":
            proto.close(403)
            return
        try:
            with await self._body(scope, proto) as body:
                await self._answer(scope, proto, body)
        except TooSlow:
            front_answers.send(scope, proto, "slow")
        except Full:
            front_answers.send(scope, proto, "busy")
        except NoRoom:
            front_answers.send(scope, proto, "full")
        except Broken:
            pass  # the sender is gone, there is nobody to answer

    async def _body(self, scope: Any, proto: Any) -> Body:
        """Return the whole body. Raises Full, TooSlow, Broken."""
        declared = scope.headers.get("content-length", "")
        if declared in ("", "0") and "transfer-encoding" not in scope.headers:
            return Body(0)
        length = int(declared) if declared.isdecimal() and len(declared) < 16 else None
        if length is not None and length > self.limit:
            return Body(length)  # nobody reads it: the page that says so is all that is wanted
        place = self._network(scope)
        if self.coming.total() >= BODIES or self.coming[place] >= BODIES_EACH:
            raise Full
        self.coming[place] += 1
        try:
            return await receive(proto, length, self.limit)
        finally:
            self.coming[place] -= 1
            self.coming += Counter()  # without those that are at nought

    def _network(self, scope: Any) -> str:
        told = forwarded(scope.headers.get("x-forwarded-for", "")) if self.is_behind_proxy else ""
        return network(told or _address(scope.client))

    async def _answer(self, scope: Any, proto: Any, body: Body) -> None:
        pool = self.pools[ALWAYS.get(scope.path) or ("uploads" if body.is_large else "pages")]
        status, headers, content = await pool.run(_call, self.application, environ_of(scope, body))
        if isinstance(content, bytes):
            proto.response_bytes(status, headers, content)
            return
        pieces = _in_pieces(content)
        try:
            transport = proto.response_stream(status, headers)
            while piece := await pool.run(next, pieces, b"", is_begun=True):
                await transport.send_bytes(piece)
        finally:
            await pool.run(content.close, is_begun=True)


def _call(application: Application, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], Any]:
    """Return status, headers and content of the answer: bytes, or what yields them and is to be closed."""
    told: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        told[:] = int(status.split(" ", 1)[0]), headers

    response = application(environ, start_response)
    if getattr(response, "streaming", False):
        return told[0], told[1], response
    try:
        return told[0], told[1], b"".join(response)
    finally:
        response.close()


def _in_pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    """Yield an answer in pieces of some size: a thread is asked for each."""
    piece = bytearray()
    for part in content:
        piece += part
        if len(piece) >= PIECE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def environ_of(scope: Any, body: Body) -> dict[str, Any]:
    """Return the request as PEP 3333 has it."""
    host, _, port = scope.server.rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": _address(scope.client),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body.file,
        "wsgi.errors": front_answers.ERRORS,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue  # it would pass for the one with hyphens, which a proxy vouches for
        key = f"HTTP_{name.upper().replace('-', '_')}"
        environ[key] = f"{environ[key]}{'; ' if name == 'cookie' else ','}{value}" if key in environ else value
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["CONTENT_LENGTH"] = str(body.size) if body.size else ""  # what came, whatever was declared
    if scope.authority:
        environ.setdefault("HTTP_HOST", scope.authority)
    return environ


def _address(client: str) -> str:
    return client.rpartition(":")[0].strip("[]") or client
