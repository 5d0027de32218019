"""Names of files: they end as their type says and are nothing else to any system."""

from __future__ import annotations

import pytest

from ombud.cases.file_kinds import KINDS, file_name


@pytest.mark.parametrize(
    ("name", "media_type", "safe"),
    [
        ("发票.png", "image/png", "发票.png"),
        ("photo.JPEG", "image/jpeg", "photo.JPEG"),
        ("报告1.2版.pdf", "application/pdf", "报告1.2版.pdf"),
        ("run.bat", "text/plain", "run.bat.txt"),
        ("evil.url", "text/plain", "evil.url.txt"),
        ("x.hta", "application/pdf", "x.hta.pdf"),
        ("x.pdf.exe", "application/pdf", "x.pdf.exe.pdf"),
        ("x.csv", "text/plain", "x.csv.txt"),
        (".htaccess", "text/plain", "htaccess.txt"),
        ("a.svg", "text/plain", "a.svg.txt"),
        ("invoice\u202egpj.exe \u200b", "image/jpeg", "invoicegpj.exe.jpg"),
        ("a\x00b\x1b[31m\r\nc.txt", "text/plain", "ab[31m c.txt"),
        ("\u200e\u2067a\u200d.txt", "text/plain", "a.txt"),
        ("con", "text/plain", "_con.txt"),
        ("CON.png", "image/png", "_CON.png"),
        ("aux.c.png", "image/png", "_aux.c.png"),
        ("LPT¹.png", "image/png", "_LPT¹.png"),
        ("contract.png", "image/png", "contract.png"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("C:\\Users\\x\\shot.png", "image/png", "shot.png"),
        ('a<b>:"|?*.png', "image/png", "a_b______.png"),
        ("x.png . . ", "image/png", "x.png"),
        ("..", "image/png", ""),
        ("", "image/png", ""),
        ("wide\uff0eexe", "image/png", "wide\uff0eexe.png"),
        ("old", "application/x-unknown", "old.bin"),
    ],
)
def test_a_name_ends_as_the_type_says_and_holds_nothing_else(name: str, media_type: str, safe: str) -> None:
    assert file_name(name, media_type) == safe
    assert file_name(safe, media_type) == safe, "made safe once, it stays"


def test_no_name_is_longer_than_file_systems_take() -> None:
    for letter in ("a", "汉", "\U00020bb7"):
        found = file_name(letter * 500 + ".png", "image/png")
        assert len(found.encode()) < 200
        assert found.endswith(f"{letter}.png")


def test_every_kind_has_an_ending_that_no_system_runs() -> None:
    run = {
        "exe",
        "bat",
        "cmd",
        "com",
        "scr",
        "js",
        "vbs",
        "ps1",
        "hta",
        "url",
        "lnk",
        "html",
        "htm",
        "svg",
        "xhtml",
        "xml",
    }
    assert not run & {ending for kind in KINDS.values() for ending in kind.endings}
