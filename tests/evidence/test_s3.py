"""Evidence in an S3 storage: against a server that speaks S3, nothing of it in clear."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer

from builders import START, assert_refolds, make_case
from cast import Cast
from ombud.cases import attachments, contents
from ombud.cases.keeping.erasure import erase
from ombud.evidence import arriving
from ombud.project.env import SettingError, envs3
from samples import WAV

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture
def bucket(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("OMBUD_S3", f"s3+http://key:se%2Fcret@{host}:{port}/evidence?region=us-east-1")
    settings.STORAGES = {**settings.STORAGES, "default": envs3("OMBUD_S3")}
    client = boto3.client(
        "s3", endpoint_url=f"http://{host}:{port}", aws_access_key_id="key", aws_secret_access_key="se/cret",
        region_name="us-east-1",
    )  # fmt: skip
    client.create_bucket(Bucket="evidence")
    for each in client.list_objects_v2(Bucket="evidence").get("Contents", ()):  # servers share what they keep
        client.delete_object(Bucket="evidence", Key=each["Key"])
    yield lambda: [each["Key"] for each in client.list_objects_v2(Bucket="evidence").get("Contents", ())]
    server.stop()


def test_files_are_kept_read_from_any_place_and_removed(
    cast: Cast, bucket: Any, django_capture_on_commit_callbacks: Any
) -> None:
    whole = WAV + b"\x80" * 300_000
    row = attachments.store(BytesIO(whole), name="a.wav", uploaded_by="complainant", now=START)
    attachments.store(BytesIO(whole), name="b.wav", uploaded_by="complainant", now=START)
    assert len(bucket()) == 1
    case = make_case(evidence=[str(row.pk)]).case
    with attachments.content(row) as file:
        file.seek(200_000)
        assert file.read(10) == whole[200_000:200_010]
    assert_refolds(case)
    assert case.complainant is not None
    with django_capture_on_commit_callbacks(execute=True):
        erase(case.complainant, now=START)
    assert len(bucket()) == 1  # the other file has it still
    assert contents.remove_unused(now=START) == 0


def test_what_is_not_taken_in_leaves_nothing_there(bucket: Any) -> None:
    with pytest.raises(attachments.AttachmentRefused):
        attachments.store(BytesIO(b"MZ\x90\0" + b"\0" * 300), name="a.png", uploaded_by="x", now=START)
    assert bucket() == []


def test_a_file_that_is_gone_is_said_to_be(bucket: Any) -> None:
    row = attachments.store(BytesIO(WAV), name="a.wav", uploaded_by="x", now=START)
    assert row.content is not None
    contents.default_storage.delete(row.content.stored_as)
    with pytest.raises(FileNotFoundError):
        attachments.content(row)


def test_parts_arrive_there(bucket: Any) -> None:
    upload = arriving.begin(owner="p1", name="a.wav", length=len(WAV), now=START)
    arriving.append(upload, BytesIO(WAV[:100]), offset=0, now=START)
    assert len(bucket()) == 1
    file = arriving.append(upload, BytesIO(WAV[100:]), offset=100, now=START)
    assert file is not None
    with attachments.content(file) as opened:
        assert opened.read() == WAV
    assert len(bucket()) == 1


@pytest.mark.parametrize("wrong", ["http://a/b", "s3://key:secret@host/", "s3://key:secret@host/a/b", "s3://h:x/b"])
def test_a_wrong_address_is_said(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("OMBUD_S3", wrong)
    with pytest.raises(SettingError, match="OMBUD_S3"):
        envs3("OMBUD_S3")
