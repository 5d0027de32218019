"""What the program calls: addresses that people enter lead to the open internet, never into our own network."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ombud.privacy import outgoing
from ombud.privacy.outgoing import NoAnswer, NotAllowed, check, get, post_json
from stand_in import StandIn


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


def named(monkeypatch: pytest.MonkeyPatch, **names: str) -> None:
    """Let names stand for these numbers."""

    def look_up(host: str, port: int, *_kinds: Any, **_more: Any) -> list[Any]:
        number = names.get(host.replace(".", "_"), host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port))]

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", look_up)


@pytest.mark.parametrize(
    "number",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1"),
        *("64:ff9b::a00:1", "2002:a00:1::", "2001:0:1::1"),
    ],
)
def test_what_lies_in_our_own_network_is_not_called(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    named(monkeypatch, looks_harmless_com=number)
    with pytest.raises(NotAllowed, match="private"):
        check("https://looks.harmless.com/hook")


def test_what_lies_in_the_open_internet_is(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, hooks_example_com="93.184.216.34")
    assert check("https://hooks.example.com/a?key=b") == ("93.184.216.34",)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://93.184.216.34/", "scheme"),
        ("ftp://example.com/", "address"),
        ("file:///etc/passwd", "address"),
        ("https://", "address"),
        ("https://user:password@example.com/", "address"),
        ("https://example.com\\@127.0.0.1/", "address"),
        ("https://example.com/a b", "address"),
        ("https://example.com/\r\nHost: x", "address"),
        ("https://example.com:99999/", "address"),
        ("https://ex\u00e4mple.com/", "address"),
        ("https://example.com/" + "a" * 3000, "address"),
        ("https://nobody.invalid/", "unknown"),
        ("https://2130706433/", "private"),
        ("https://0x7f.1/", "private"),
    ],
)
def test_an_address_that_is_none_or_says_another_than_it_seems_is_refused(url: str, code: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        check(url)
    assert refused.value.code == code


def test_an_origin_that_the_installation_names_may_be_private(settings: Any, server: StandIn) -> None:
    with pytest.raises(NotAllowed, match="scheme"):
        post_json(f"{server.url}/hook", {}, patience=2)
    settings.OMBUD_OUTGOING_ALLOWED = [server.url]
    answer = post_json(f"{server.url}/hook?key=a", {"text": "\u4f60\u597d"}, patience=2)
    assert (answer.status, answer.json) == (200, {"errcode": 0, "errmsg": "ok"})
    (call,) = server.calls
    assert (call.target, call.content) == ("/hook?key=a", {"text": "\u4f60\u597d"})
    with pytest.raises(NotAllowed, match="scheme"):
        post_json(server.url.replace("127.0.0.1", "localhost"), {}, patience=2)


def test_a_redirection_is_an_answer_and_is_not_followed(settings: Any, server: StandIn) -> None:
    settings.OMBUD_OUTGOING_ALLOWED = [server.url]
    server.answers = [(302, "", {"Location": f"{server.url}/elsewhere"})]
    assert post_json(server.url, {}, patience=2).status == 302
    assert len(server.calls) == 1


@pytest.mark.parametrize("part", ["silent", "drips"])
def test_whoever_hangs_is_given_up_in_time(settings: Any, part: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.OMBUD_OUTGOING_ALLOWED = [f"http://127.0.0.1:{listening.getsockname()[1]}"]

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                for letter in b"HTTP/1.1 200 OK\r\n" + b"X-Slow: " + b"a" * 100:
                    time.sleep(0.1)
                    try:
                        connection.sendall(bytes([letter]) if part == "drips" else b"")
                    except OSError:
                        return

        threading.Thread(target=serve, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(NoAnswer):
            post_json(settings.OMBUD_OUTGOING_ALLOWED[0], {}, patience=0.7)
        assert time.monotonic() - began < 3


def test_nobody_there_is_no_answer(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.OMBUD_OUTGOING_ALLOWED = [f"http://127.0.0.1:{listening.getsockname()[1]}"]
    with pytest.raises(NoAnswer):
        post_json(settings.OMBUD_OUTGOING_ALLOWED[0], {}, patience=1)


def test_an_address_of_a_strangers_may_not_even_be_one_that_the_installation_names(
    settings: Any, server: StandIn
) -> None:
    settings.OMBUD_OUTGOING_ALLOWED = [server.url, server.url.replace("http", "https")]
    with pytest.raises(NotAllowed, match="scheme"):
        get(server.url, patience=2, most=10)
    with pytest.raises(NotAllowed, match="private"):
        get(server.url.replace("http", "https"), patience=2, most=10)
    assert not server.calls


def test_what_stands_in_the_open_is_read_up_to_a_bound_and_says_nothing_of_the_reader(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with StandIn(picture=b"12345", tls=own_tls(tmp_path)) as server:
        named(monkeypatch, pictures_example_com="93.184.216.34")
        connect, port = socket.create_connection, int(server.url.rpartition(":")[2])
        monkeypatch.setattr(
            outgoing.socket, "create_connection", lambda _to, *more: connect(("127.0.0.1", port), *more)
        )
        monkeypatch.setattr(outgoing, "_tls", ssl._create_unverified_context)
        answer = get("https://pictures.example.com/a.png?b=1", patience=5, most=3)
    assert (answer.status, answer.body) == (200, b"123")
    (call,) = server.calls
    assert call.target == "/a.png?b=1"
    assert set(call.content) == {"Host", "User-Agent", "Accept-Encoding"}
    assert call.content["User-Agent"] == "Ombud"


def own_tls(folder: Path) -> ssl.SSLContext:
    """Return the TLS of a server that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pictures.example.com")])
    today = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=1))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "own.pem").write_bytes(pem + made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem")
    return context
