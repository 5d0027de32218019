"""Ten thousand uploads of anything: no fault, nothing lost that was taken in, nothing that a browser would run."""

from __future__ import annotations

import base64
import os
import random
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client

from builders import START
from cast import Cast
from ombud.cases import attachments
from ombud.cases.errors import AttachmentRefused
from ombud.cases.file_kinds import KINDS
from ombud.cases.models import Attachment, Content
from ombud.interface.downloads import download
from samples import PNG, WAV

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MANY = int(os.environ.get("FUZZED_UPLOADS", "600"))  # 10,000 are run by hand: channels.md tells what that took
HEADS = (
    PNG, WAV, b"%PDF-1.4\n", b"PK\x03\x04", b"MZ", b"GIF89a", b"\xff\xd8\xff\xe0", b"<html><script>alert(1)</script>",
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"#!/bin/sh\n", b"RIFF", b"\0\0\0\x18ftypmp42",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"plain words ", "投诉材料".encode(), "投诉".encode("gb18030"), b"",
)  # fmt: skip
NAMES = (
    "a.png", "发票.pdf", "../../etc/passwd", "..\\..\\x", "con", "nul.txt", "a\0b.png", "x" * 5000, "", ".", "..",
    "a.html", "\u202egnp.exe", "a\r\nSet-Cookie: x=1", '"><script>', "%00.svg", "😀.jpg", " .png", "a/b/c.png",
)  # fmt: skip
_RUN = ("text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/javascript")


def anything(chance: random.Random) -> tuple[bytes, str]:
    """Return the content and the name of a file as nobody should send one."""
    content = bytearray(chance.choice(HEADS) + chance.randbytes(chance.choice((0, 1, 50, 300, 9000))))
    if chance.random() < 0.3:
        for _ in range(min(3, len(content))):
            content[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(content), chance.choice(NAMES) + chance.choice(("", ".png", ".html", ".exe"))


def test_whatever_is_sent_is_kept_whole_or_refused_and_never_run(media: Path) -> None:
    chance, kept = random.Random(3), {}
    for _ in range(MANY):
        content, name = anything(chance)
        try:
            row = attachments.store(BytesIO(content), name=name, uploaded_by="p", now=START)
        except AttachmentRefused:
            continue
        kept[row.pk] = content
        assert row.media_type in KINDS
        assert row.media_type not in _RUN
        (shown,) = attachments.waiting_names([row])
        answer = download(row, shown)
        assert answer["Content-Security-Policy"].startswith("sandbox")
        assert answer["Content-Disposition"].startswith("attachment")
        assert "\n" not in answer["Content-Disposition"]
        answer.file_to_stream.close()  # not the response: that would end the database's connection too
    assert len(kept) > MANY / 4
    for row in Attachment.objects.select_related("content"):
        with attachments.content(row) as file:
            assert file.read() == kept[row.pk]
    assert Content.objects.count() == len(set(kept.values()))
    assert len([path for path in media.rglob("*") if path.is_file()]) == Content.objects.count()


def test_whatever_browsers_send_is_answered(cast: Cast, media: Path) -> None:
    chance, client, taken = random.Random(5), Client(), 0
    client.force_login(cast.people["lin"])
    for _ in range(MANY // 4):
        content, name = anything(chance)
        told = base64.b64encode(name.encode()).decode()
        head = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(content) + chance.choice((0, 0, 0, 1)))}
        made = client.post("/desk/files/", headers={**head, "Upload-Metadata": f"filename {told}"})
        assert made.status_code in (201, 400, 422), (made.status_code, name)
        if made.status_code != 201:
            continue
        offset = 0
        while offset < len(content):
            piece = content[offset : offset + chance.choice((1, 400, 10_000))]
            sent = client.patch(
                made["Location"], piece, content_type="application/offset+octet-stream",
                headers={"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)},
            )  # fmt: skip
            assert sent.status_code in (204, 413, 422), sent.status_code
            if sent.status_code != 204:
                break
            offset += len(piece)
            taken += "Ombud-File-Token" in sent
    assert taken == Attachment.objects.count() > 10
