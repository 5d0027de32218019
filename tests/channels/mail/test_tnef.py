"""winmail.dat: its files and text come out, and what is none is kept as it came."""

from struct import pack

import pytest

from mails import mail, multipart, part
from ombud.channels.mail import tnef
from ombud.channels.mail.reading import MailFile, read


def attribute(name: int, content: bytes, level: int = 2) -> bytes:
    return pack("<BII", level, name, len(content)) + content + pack("<H", sum(content) & 0xFFFF)


def properties(*given: tuple[int, int, bytes]) -> bytes:
    """Return MAPI properties of one value each: (name, type, bytes); those of no fixed size are counted."""
    found = pack("<I", len(given))
    for name, kind, value in given:
        found += pack("<HH", kind, name)
        if name >= 0x8000:
            found += b"\0" * 16 + pack("<II", 1, 6) + "ab\0".encode("utf-16-le") + b"\0\0"
        if kind in (0x0D, 0x1E, 0x1F, 0x102):
            found += pack("<II", 1, len(value))
        found += value + b"\0" * (-len(value) % 4)
    return found


NAME = "发票.pdf".encode("utf-16-le") + b"\0\0"
HTML = "<p>It is <b>broken</b>: €</p>".encode("cp1252")
WINMAIL = (
    pack("<IH", 0x223E9F78, 1)
    + attribute(0x00069007, pack("<II", 1252, 0), 1)
    + attribute(0x00069003, properties((0x8001, 3, b"\1\0\0\0"), (0x0E07, 3, b"\1\0\0\0"), (0x1013, 0x102, HTML)), 1)
    + attribute(0x00069002, b"\0" * 14)
    + attribute(0x00018010, b"INVOIC~1.PDF\0")
    + attribute(0x0006800F, b"%PDF-1.4")
    + attribute(0x00069005, properties((0x3707, 0x1F, NAME), (0x370E, 0x1E, b"application/pdf\0")))
    + attribute(0x00069002, b"\0" * 14)
    + attribute(0x00018010, b"a.txt\0")
    + attribute(0x0006800F, b"hello")
)
FILES = (MailFile("发票.pdf", b"%PDF-1.4", "application/pdf", ""), MailFile("a.txt", b"hello", "", ""))


@pytest.mark.parametrize("kind", ["application/ms-tnef", "application/octet-stream"])
def test_its_files_and_text_come_out(kind: str) -> None:
    name = "Content-Disposition: attachment; filename=winmail.dat"
    found = read(multipart(part("text/plain", " "), part(kind, WINMAIL, name)))
    assert found.files == FILES
    assert found.text == "It is broken: €"
    assert "<b>broken</b>" in found.html
    assert found.defects == ()


def test_what_is_cut_off_gives_what_is_whole() -> None:
    found = tnef.unpack(WINMAIL[: WINMAIL.index(b"hello") - 20])
    assert tuple(found.files) == FILES[:1]


@pytest.mark.parametrize("content", [b"", b"no", WINMAIL[:6], WINMAIL[:12], b"\x78\x9f\x3e\x22" + b"\xff" * 99])
def test_what_is_none_is_kept_as_it_came(content: bytes) -> None:
    found = read(
        multipart(part("application/ms-tnef", content, 'Content-Disposition: attachment; filename="winmail.dat"'))
    )
    assert found.files == (MailFile("winmail.dat", content, "application/ms-tnef", ""),)
    assert found.defects == ("winmail",)


def test_a_mail_in_base64_as_a_whole_is_unpacked_too() -> None:
    assert read(mail(WINMAIL, content_type="application/ms-tnef; name=winmail.dat")).files == FILES
