"""Files in parts (tus 1.0.0): resumed, compared, thrown away; nothing on the way lies in clear."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

import uploading
from builders import START, make_case
from cast import Cast
from ombud.cases import attachments
from ombud.cases.models import Attachment, Content, PartialUpload
from ombud.evidence import arriving
from ombud.interface.fields import StoredFile
from samples import WAV
from uploading import TUS, patch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

WHOLE = WAV + b"\x80" * 200_000


def files_in(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def begin(client: Client, length: int = len(WHOLE), name: str = "录音.wav", at: str = uploading.PORTAL) -> Any:
    return uploading.begin(client, length, name, at)


def test_a_file_that_was_cut_off_goes_on_where_it_was(client: Client, media: Path) -> None:
    made = begin(client)
    assert made.status_code == 201
    url = made["Location"]
    first = patch(client, url, WHOLE[:70_000], 0)
    assert (first.status_code, first["Upload-Offset"]) == (204, "70000")
    assert all(WHOLE[:50] not in path.read_bytes() for path in files_in(media))
    # Another browser, another network: the address is what counts.
    again = Client(REMOTE_ADDR="203.0.113.9")
    head = again.head(url, headers=TUS)
    assert (head["Upload-Offset"], head["Upload-Length"]) == ("70000", str(len(WHOLE)))
    last = patch(again, url, WHOLE[70_000:], 70_000)
    file = StoredFile.from_token(last["Ombud-File-Token"])
    assert file is not None
    assert file.name == "录音.wav"
    row = Attachment.objects.get(pk=file.id)
    with attachments.content(row) as opened:
        assert opened.read() == WHOLE
    assert row.sha256 == hashlib.sha256(WHOLE).hexdigest()
    assert len(files_in(media)) == 1
    # The answer was lost: asking again tells the same.
    assert StoredFile.from_token(client.head(url, headers=TUS)["Ombud-File-Token"]) == file


def test_a_part_that_does_not_follow_is_refused(client: Client, media: Path) -> None:
    url = begin(client)["Location"]
    patch(client, url, WHOLE[:1000], 0)
    for offset in (0, 999, 1001):
        answer = patch(client, url, WHOLE[offset : offset + 10], offset)
        assert (answer.status_code, answer["Upload-Offset"]) == (409, "1000")
    assert len(files_in(media)) == 1


def test_two_that_go_on_from_one_place_do_not_both_count(client: Client, media: Path) -> None:
    url = begin(client)["Location"]
    row, other = PartialUpload.objects.get(), PartialUpload.objects.get()
    arriving.append(row, BytesIO(WHOLE[:1000]), offset=0, now=START)
    with pytest.raises(arriving.Conflict):
        arriving.append(other, BytesIO(WHOLE[:500]), offset=0, now=START)
    assert client.head(url, headers=TUS)["Upload-Offset"] == "1000"
    assert len(files_in(media)) == 1


def test_a_part_is_compared_with_what_its_sender_says(client: Client) -> None:
    url = begin(client)["Location"]
    right = base64.b64encode(hashlib.sha1(WHOLE[:1000], usedforsecurity=False).digest()).decode()
    assert patch(client, url, WHOLE[1:1001], 0, Upload_Checksum=f"sha1 {right}").status_code == 460
    assert patch(client, url, WHOLE[:1000], 0, Upload_Checksum=f"sha1 {right}").status_code == 204
    assert patch(client, url, WHOLE[1000:], 1000, Upload_Checksum="crc32 x").status_code == 400


def test_more_than_was_announced_is_not_kept(client: Client) -> None:
    url = begin(client, length=len(WAV))["Location"]
    answer = patch(client, url, WHOLE, 0)
    assert answer["Upload-Offset"] == str(len(WAV))
    assert Attachment.objects.get().size == len(WAV)


def test_what_is_not_taken_in_is_said_with_the_first_part(client: Client, media: Path) -> None:
    url = begin(client, length=100_000, name="a.wav")["Location"]
    answer = patch(client, url, b"MZ\x90\0" + b"\0" * 20_000, 0)
    assert answer.status_code == 422
    assert "a.wav" in answer.json()["error"]
    assert client.head(url, headers=TUS).status_code == 404
    assert files_in(media) == []
    big = begin(client, length=40 * attachments.MB, name="a.png")["Location"]
    assert patch(client, big, b"\x89PNG\r\n\x1a\n" + b"\0" * 20_000, 0).status_code == 413


def test_the_limits_are_those_of_every_file(client: Client, settings: Any) -> None:
    assert begin(client, length=0).status_code == 422
    assert begin(client, length=10**12).status_code in (413, 429)
    settings.OMBUD_MAX_UPLOAD_MB = 1
    assert begin(client, length=2 * attachments.MB).status_code == 413
    answers = {begin(client, length=10).status_code for _ in range(210)}
    assert answers == {201, 429}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 412),
        ({**TUS}, 400),
        ({**TUS, "Upload-Length": "-1"}, 400),
        ({**TUS, "Upload-Length": "٣"}, 400),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "filename ###"}, 400),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "filename gIA="}, 400),
    ],
)
def test_what_cannot_be_understood_is_refused(client: Client, headers: dict[str, str], status: int) -> None:
    assert client.post("/files/parts/", headers=headers).status_code == status


def test_a_server_says_what_it_can(client: Client) -> None:
    answer = client.options("/files/parts/")
    assert (answer.status_code, answer["Tus-Version"]) == (204, "1.0.0")
    assert "creation" in answer["Tus-Extension"]


def test_an_upload_is_thrown_away_when_asked_or_when_its_time_is_over(client: Client, media: Path) -> None:
    first, second = begin(client)["Location"], begin(client)["Location"]
    patch(client, first, WHOLE[:1000], 0)
    patch(client, second, WHOLE[:1000], 0)
    assert client.delete(first, headers=TUS).status_code == 204
    assert client.head(first, headers=TUS).status_code == 404
    later = PartialUpload.objects.get().expires_at + timedelta(seconds=1)
    with time_machine.travel(later, tick=False):
        assert client.head(second, headers=TUS).status_code == 404
    assert arriving.expire(now=later) == 1
    assert (files_in(media), PartialUpload.objects.count()) == ([], 0)


def test_staff_go_on_with_their_own_uploads_only(cast: Cast, media: Path) -> None:
    lin, chen = Client(), Client()
    lin.force_login(cast.people["lin"])
    chen.force_login(cast.people["chen"])
    url = begin(lin, at="/desk/files/")["Location"]
    assert chen.head(url, headers=TUS).status_code == 404
    assert patch(chen, url, WHOLE, 0).status_code == 404
    assert Client().head(url.replace("/desk/files/", "/files/parts/"), headers=TUS).status_code == 404
    assert Client().head(url, headers=TUS).status_code == 302
    token = patch(lin, url, WHOLE, 0)["Ombud-File-Token"]
    case = make_case().case
    data = {"seen": case.seq, "evidence-stored": token}
    assert lin.post(f"/desk/cases/{case.reference}/acts/attach/", data).status_code == 302
    assert (Attachment.objects.get().case, Content.objects.count()) == (case, 1)


def test_a_file_that_comes_in_crumbs_is_thrown_away(
    client: Client, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "MOST_PARTS", 3)
    url = begin(client)["Location"]
    assert [patch(client, url, WHOLE[at : at + 1], at).status_code for at in range(4)] == [204, 204, 204, 422]
    assert files_in(media) == []
    assert client.head(url, headers=TUS).status_code == 404
