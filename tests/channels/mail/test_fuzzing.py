"""Mails that nobody would write: mutated ones are read whatever they have become, built ones give back every byte."""

import os
from base64 import b64encode
from collections import Counter
from dataclasses import fields
from pathlib import Path
from random import Random

import pytest

from computing import computed_within
from mails import acting, mail, multipart, part
from ombud.channels.mail.reading import Mail, read

LONGEST = 3.0  # seconds of the processor for one mail of at most a megabyte
PAGE = (
    '<html><head><style>p{color:red}</style></head><body><div class="gmail_quote" style="color:red">a<br>b</div>'
    '<a href="https://x.example/?a=1&amp;b=2">c</a><img src="https://x.example/t.gif"><img src="cid:pic@x">'
    "<table><tr><td>1<td>2</table><blockquote>d</blockquote><script>x()</script></body></html>"
)
WINMAIL = bytes.fromhex(
    "789f3e22 0100 02 02900600 02000000 0000 0000"
    "02 10800100 05000000 612e747874 0000 02 0f800600 05000000 68656c6c6f 0000"
)
SEEDS = [
    mail(),
    mail(
        "您好，坏了。\n\n发件人: a\n发送时间: 2026\n收件人: b\n\n旧".encode("gb18030"),
        content_type="text/plain; charset=gb2312",
    ),
    mail("Hello\n\nOn 1 May 2026 Shop <s@x> wrote:\n> old\n\n-- \nAnn", subject="=?utf-8?B?5oqV?= =?gbk?Q?=CD=B6?="),
    mail("one \ntwo \n> three", content_type="text/plain; format=flowed; delsp=yes"),
    mail(PAGE, content_type="text/html; charset=utf-8"),
    mail("begin 644 a.txt\n#86)C\n`\nend\n", content_type="application/x", content_transfer_encoding="x-uuencode"),
    multipart(
        part("text/plain; charset=utf-8", "Text 您好"),
        part("text/html; charset=utf-8", PAGE),
        part("image/png; name*=utf-8''%E5%9B%BE.png", b"\x89PNG\xff", "Content-ID: <pic@x>"),
        kind="alternative",
    ),
    multipart(
        part("text/plain", "See", "Content-Transfer-Encoding: quoted-printable"),
        part("message/rfc822", multipart(part("text/plain", "in")), "Content-Transfer-Encoding: 8bit"),
        part("application/ms-tnef", WINMAIL),
    ),
    multipart(
        part("message/delivery-status", "Reporting-MTA: x\n\nFinal-Recipient: x;a@x\nAction: failed\nStatus: 5.1.1\n"),
        part("text/rfc822-headers", "Message-ID: <a@x>\n"),
        kind="report",
        authentication_results="mx.example.com; spf=pass smtp.mailfrom=a@x; dkim=pass header.d=x",
    ),
]  # fmt: skip
HOSTILE = [
    b"\0", b"\r", b"\n", b"\r\n\r\n", b"--frontier\r\n", b"--frontier--\r\n", b"Content-Type: ",
    b"; boundary=frontier", b"multipart/mixed", b"message/rfc822", b"=?utf-8?B?", b"?=", b"=?gb2312?Q?=",
    b"charset=utf-7", b"charset=hz", b"charset=iso-2022-kr", b"\x1b$B", b"\x1b$)C", b"\x0e", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\x80", b"(", b'"', b"<", b">", b"<!--", b"<style>", b"</div>", b"<div>",
    b"<table>", b"<select>", b"<svg>", b"<img src=//x onerror=x>", b"javascript:", b"&#0;", b"&#xd800;", b"&Tab;",
    b"> ", b"On 1 wrote:\n", b"-- \n", b"From: x\n", b"%00", b"*0*=", b"\xc2\x85",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n", b"\xe2\x80\xae",
    b"\xef\xb7\x90",
]  # fmt: skip


def seeds() -> list[bytes]:
    """Return our own mails, and real ones where they are given."""
    folder = os.environ.get("OMBUD_SAMPLE_DATA")
    real = sorted(Path(folder, "mail").rglob("*.*")) if folder else []
    return SEEDS + [path.read_bytes()[:50_000] for path in real if path.suffix in (".eml", ".html")]


def mutated(raw: bytes, others: list[bytes], random: Random) -> bytes:
    """Return a mail to which a few things happened."""
    found = bytearray(raw)
    for _ in range(random.choice((1, 1, 2, 5, 20))):
        at = random.randrange(len(found) + 1)
        stop = min(len(found), at + random.choice((1, 2, 10, 100, 1000)))
        match random.randrange(8):
            case 0:
                found[at:at] = random.choice(HOSTILE)
            case 1:
                found[at:stop] = random.choice(HOSTILE)
            case 2:
                del found[at:stop]
            case 3:
                found[at:stop] = found[at:stop] * random.choice((2, 3, 50))
            case 4:
                found[at:stop] = random.randbytes(stop - at)
            case 5:
                other = random.choice(others)
                begin = random.randrange(len(other) + 1)
                found[at:at] = other[begin : begin + random.choice((10, 200, 5000))]
            case 6:
                del found[at:]
            case 7:
                found[at:at] = random.choice(HOSTILE) * random.choice((2, 100, 3000))
    return bytes(found[:1_000_000])


def judge(raw: bytes, name: str) -> None:
    """Say what must hold of any mail whatever."""
    with computed_within(LONGEST, name):
        found = read(raw, trusted_servers=["mx.example.com"], own_addresses=["complaints@example.com"])
    assert "unreadable" not in found.defects, name
    assert acting(found.html) == [], name
    lines = Counter(line for line in found.text.split("\n") if line.strip())
    apart = Counter(
        line for each in (found.said, found.quoted, found.signature) for line in each.split("\n") if line.strip()
    )
    assert lines <= apart, name
    for each in strings(found):
        assert "\0" not in each, name
        each.encode()  # no half of a surrogate pair, which no database keeps


def strings(found: Mail) -> list[str]:
    """Return every text that was read."""
    values = [getattr(found, each.name) for each in fields(found)]
    values += [getattr(each, name) for each in found.files for name in ("name", "claimed_type", "content_id")]
    for value in (found.bounce, found.authenticity):
        values += [getattr(value, each.name) for each in fields(value)] if value else []
    return [
        each for value in values for each in (value if isinstance(value, tuple) else [value]) if isinstance(each, str)
    ]


def fuzz(times: int, first: int = 0) -> None:
    known = seeds()
    for number in range(first, first + times):
        random = Random(number)
        judge(mutated(random.choice(known), known, random), f"mutation {number}")


def test_mutated_mails_are_read() -> None:
    fuzz(150)


@pytest.mark.slow
def test_ten_thousand_mutated_mails_are_read() -> None:
    fuzz(10_000, first=1_000)


def built(random: Random, kept: list[bytes], depth: int = 0) -> bytes:
    """Return a part of random make; the bytes of its files are added to those that must come back."""
    if depth < 4 and random.random() < 0.4:
        boundary = f"b{depth}{'=_.x'[random.randrange(4)] * random.randrange(1, 9)}"
        inner = [built(random, kept, depth + 1) for _ in range(random.randrange(1, 5))]
        whole = multipart(*inner, kind=random.choice(("mixed", "related", "signed", "x-other")), boundary=boundary)
        content_type = f'Content-Type: multipart/mixed; boundary="{boundary}"'.encode()
        return content_type + b"\r\n\r\n" + whole.partition(b"\r\n\r\n")[2]
    content = (
        random.randbytes(random.choice((0, 1, 7, 57, 3000)))
        if random.random() < 0.8
        else b"plain\r\n--b0\r\nwords=20\r\n"
    )
    kept.append(content)
    name = f'Content-Disposition: {random.choice(("attachment", "inline"))}; filename="f{len(kept)}.bin"'
    kind = random.choice(
        ("application/octet-stream", "image/png", "text/plain", "text/html; charset=gb2312", "audio/x")
    )
    if random.random() < 0.3:
        coded = [b"=%02X" % byte + (b"=\r\n" if random.random() < 0.05 else b"") for byte in content]
        return part(kind, b"".join(coded), name, "Content-Transfer-Encoding: Quoted-Printable")
    width = random.choice((4, 60, 76, 1000))
    lines = b64encode(content)
    broken = random.choice((b"\r\n", b"\n", b" \r\n")).join(
        lines[at : at + width] for at in range(0, len(lines), width)
    )
    return part(
        kind, broken, name, random.choice(("Content-Transfer-Encoding: base64", "content-transfer-encoding: BASE64 ;"))
    )


def give_back(times: int) -> None:
    for number in range(times):
        random, kept = Random(number), []
        whole = multipart(*(built(random, kept) for _ in range(3)), boundary="outermost")
        if random.random() < 0.3:
            whole = whole.replace(b"\r\n", b"\n")
        found = [each.content for each in read(whole).files]
        assert found == kept, f"built {number}"


def test_the_bytes_of_every_file_come_back() -> None:
    give_back(100)


@pytest.mark.slow
def test_the_bytes_of_every_file_of_thousands_of_mails_come_back() -> None:
    give_back(5_000)


@pytest.mark.parametrize("hostile", [b" ", b">", b"> ", b"On ", b"On\n", b"From: x\n"])
def test_a_megabyte_of_the_same_is_read_in_no_time(hostile: bytes) -> None:
    the_same(hostile, "text/plain")


REPEATED = [
    b" ",
    b"<",
    b"\n",
    b"wrote:\n",
    b"&",
    b"=?",
    b"(",
    b'"',
    b"@",
    b"<p>",
    b"<b><p>",
    b"<div>",
    b"-",
    b"\xff",
    b"=",
]


@pytest.mark.slow
@pytest.mark.parametrize("hostile", REPEATED)
@pytest.mark.parametrize("kind", ["text/plain", "text/html", "application/x"])
def test_a_megabyte_of_anything_is_read_in_no_time(hostile: bytes, kind: str) -> None:
    the_same(hostile, kind)


def the_same(hostile: bytes, kind: str) -> None:
    raw = mail(hostile * (1_000_000 // len(hostile)), content_type=kind, references=hostile[:1].strip() * 50_000)
    with computed_within(LONGEST):
        found = read(raw)
    assert "unreadable" not in found.defects
