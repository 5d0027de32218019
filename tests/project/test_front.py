"""The front takes bodies in without a thread, demands a least rate, and keeps each kind of request its threads."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest

from ombud.channels.caller import network
from ombud.project import front, front_body
from ombud.project.front import BODIES_EACH, Front


class Proto:
    """A request's side of the server: sends a body piece by piece, keeps the answer."""

    def __init__(self, *pieces: bytes, stays_open: bool = False) -> None:
        self.pieces, self.stays_open, self.status, self.content = pieces, stays_open, 0, b""
        self.headers: dict[str, str] = {}

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
        if self.stays_open:
            await asyncio.sleep(3600)

    def response_bytes(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.status, self.headers, self.content = status, dict(headers), content

    def response_str(self, status: int, headers: list[tuple[str, str]], content: str) -> None:
        self.response_bytes(status, headers, content.encode())

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> Any:
        self.response_bytes(status, headers, b"")
        return self

    async def send_bytes(self, piece: bytes) -> None:
        self.content += piece


class Headers(dict[str, str]):
    pass


def scope(path: str = "/files/parts/", *, client: str = "198.51.100.7:5000", **headers: str) -> Any:
    named = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return SimpleNamespace(
        proto="http", method="POST" if headers else "GET", path=path, query_string="", http_version="1.1",
        scheme="http", server="127.0.0.1:8000", client=client, authority=None, headers=named,
    )  # fmt: skip


def echo(environ: dict[str, Any], start: Callable[..., None]) -> Any:
    """Answer with what arrived."""
    start("200 OK", [("x-length", environ["CONTENT_LENGTH"])])
    return Answer([environ["wsgi.input"].read()])


class Answer(list[bytes]):
    streaming = False

    def close(self) -> None:
        pass


def front_of(application: Any = echo, *, threads: int = 1, limit: int = 1000, is_behind_proxy: bool = False) -> Front:
    return Front(application, threads=threads, limit=limit, is_behind_proxy=is_behind_proxy)


def ask(made: Front, request: Any, proto: Proto) -> Proto:
    run(made.__rsgi__(request, proto))
    return proto


def run(asked: Coroutine[Any, Any, Any]) -> Any:
    """Return what it comes to, in a thread without a loop: browser tests leave theirs running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked).result()


def test_a_body_that_arrived_is_answered() -> None:
    done = ask(front_of(), scope(content_length="5"), Proto(b"he", b"llo"))
    assert (done.status, done.content, done.headers["x-length"]) == (200, b"hello", "5")


def test_a_body_without_a_length_has_the_one_that_arrived() -> None:
    done = ask(front_of(), scope(transfer_encoding="chunked"), Proto(b"he", b"llo"))
    assert (done.content, done.headers["x-length"]) == (b"hello", "5")


def test_a_body_below_the_least_rate_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_body, "GRACE", 0.02)
    done = ask(front_of(), scope(content_length="500"), Proto(b"x", stays_open=True))
    assert done.status == 408


def test_a_body_whose_sender_has_gone_is_not_answered() -> None:
    assert ask(front_of(), scope(content_length="500"), Proto(b"x")).status == 0


@pytest.mark.parametrize("headers", [{"content_length": "2000"}, {"transfer_encoding": "chunked"}])
def test_a_body_above_the_limit_is_cut_off_and_tells_its_size(headers: dict[str, str]) -> None:
    done = ask(front_of(), scope(**headers), Proto(b"x" * 800, b"x" * 800, b"x" * 800))
    assert int(done.headers["x-length"]) in (1600, 2000)


def test_one_address_has_so_many_bodies_on_their_way_and_the_others_have_theirs() -> None:
    made = front_of()

    async def attack() -> tuple[int, int]:
        coming = [
            asyncio.ensure_future(made.__rsgi__(scope(content_length="500"), Proto(stays_open=True)))
            for _ in range(BODIES_EACH)
        ]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        mine, other = Proto(b"hello"), Proto(b"hello")
        await made.__rsgi__(scope(content_length="5"), mine)
        await made.__rsgi__(scope(content_length="5", client="203.0.113.9:1"), other)
        for each in coming:
            each.cancel()
        await asyncio.gather(*coming, return_exceptions=True)
        return mine.status, other.status

    assert run(attack()) == (503, 200)
    assert not made.coming


@pytest.mark.parametrize(("is_behind_proxy", "place"), [(True, "203.0.113.9"), (False, "198.51.100.7")])
def test_bodies_are_counted_by_the_address_that_the_proxy_appended(is_behind_proxy: bool, place: str) -> None:
    made = front_of(is_behind_proxy=is_behind_proxy)
    made.coming[network(place)] = BODIES_EACH
    request = scope(content_length="5", x_forwarded_for="192.0.2.1, 203.0.113.9")
    assert ask(made, request, Proto(b"hello")).status == 503
    made.coming[network(place)] = BODIES_EACH - 1
    assert ask(made, request, Proto(b"hello")).status == 200


def test_all_addresses_together_have_so_many_bodies_on_their_way() -> None:
    made = front_of()
    made.coming.update({f"somebody {number}": 1 for number in range(front.BODIES)})
    assert ask(made, scope(content_length="5"), Proto(b"hello")).status == 503
    made.coming.subtract({"somebody 0": 1})
    assert ask(made, scope(content_length="5"), Proto(b"hello")).status == 200


def test_a_body_that_the_disk_has_no_room_for_is_not_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_body.shutil, "disk_usage", lambda place: SimpleNamespace(free=0))
    length = front_body.SMALL + 1
    done = ask(front_of(limit=2 * length), scope(content_length=str(length)), Proto(b"x" * length))
    assert (done.status, done.headers["retry-after"]) == (503, "300")


@pytest.mark.parametrize("failing", ["write", "seek"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_gets_full_while_a_body_comes_in_is_told_as_one(
    failing: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(BytesIO):
        def __init__(self, size: int) -> None:
            super().__init__()

        def close(self) -> None:
            super().close()
            raise OSError(number, "full")  # of what waits to be written

    def fail(*_: object) -> None:
        raise OSError(number, "full")

    setattr(Full, failing, fail)
    monkeypatch.setattr(front_body.tempfile, "SpooledTemporaryFile", Full)
    done = ask(front_of(), scope(content_length="10"), Proto(b"x" * 10))
    assert (done.status, done.headers["retry-after"]) == (503, "300")


def test_health_and_sign_in_are_answered_while_pages_and_uploads_hang() -> None:
    let_go = threading.Event()

    def hang(environ: dict[str, Any], start: Callable[..., None]) -> Any:
        if environ["PATH_INFO"] == "/desk/":
            let_go.wait(20)
        return echo(environ, start)

    made = front_of(hang, threads=2)

    async def attack() -> list[int]:
        most = made.pools["pages"].threads * (1 + front.WAITING)
        hanging = [asyncio.ensure_future(made.__rsgi__(scope("/desk/"), Proto())) for _ in range(most)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        asked = [Proto(b"x") for _ in range(3)]
        await made.__rsgi__(scope("/healthz"), asked[0])
        await made.__rsgi__(scope("/desk/sign-in/", content_length="1"), asked[1])
        await made.__rsgi__(scope("/desk/"), asked[2])
        let_go.set()
        await asyncio.gather(*hanging)
        return [each.status for each in asked]

    assert run(attack()) == [200, 200, 503]


def test_a_long_answer_is_sent_in_pieces_and_closed() -> None:
    closed = []

    class Long:
        streaming = True

        def __iter__(self) -> Any:
            return iter([b"x" * 40_000] * 5)

        def close(self) -> None:
            closed.append(True)

    def application(environ: dict[str, Any], start: Callable[..., None]) -> Any:
        start("200 OK", [])
        return Long()

    assert len(ask(front_of(application), scope(), Proto()).content) == 200_000
    assert closed == [True]


def test_a_header_with_an_underscore_passes_for_no_other() -> None:
    request = scope()
    request.headers.update({"x_forwarded_proto": "https", "cookie": "a=1"})
    environ = front.environ_of(request, front_body.Body(0))
    assert "HTTP_X_FORWARDED_PROTO" not in environ
    assert environ["HTTP_COOKIE"] == "a=1"


def test_refusals_are_in_the_readers_language_and_documents_below_api() -> None:
    made = front_of()
    made.pools["pages"].taken = 1000
    page, call = scope("/"), scope("/api/v1/complaints")
    page.headers["accept-language"] = "zh-CN,en;q=0.5"
    assert "请求" in ask(made, page, Proto()).content.decode()
    done = ask(made, call, Proto())
    assert (done.status, done.headers["content-type"]) == (503, "application/problem+json")
    assert int(done.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("not an address", "not an address"),
    ],
)
def test_limits_count_by_address_and_by_the_64_of_ipv6(address: str, counted: str) -> None:
    assert network(address) == counted
