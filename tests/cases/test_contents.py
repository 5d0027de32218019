"""The bytes of files: sealed at rest, equal ones kept once, gone with the last file that has them."""

from __future__ import annotations

import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from builders import START, make_case
from cast import Cast
from ombud.cases import attachments, contents
from ombud.cases.keeping.erasure import erase
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Attachment, Content
from ombud.privacy.pieces import PIECE
from samples import PNG

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def stored(content: bytes = PNG) -> Attachment:
    return attachments.store(BytesIO(content), name="a.png", uploaded_by="complainant", now=START)


def files_in(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def read(row: Attachment) -> bytes:
    with attachments.content(row) as file:
        return file.read()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])
def test_what_was_sealed_is_read_from_any_place(size: int) -> None:
    whole = PNG + os.urandom(size)
    row = stored(whole)
    with attachments.content(row) as file:
        for start in {0, 1, size // 2, PIECE, len(whole) - 1}:
            file.seek(start)
            assert file.read(1000) == whole[start : start + 1000]
        assert file.seek(0, os.SEEK_END) == len(whole)
    assert read(row) == whole


def test_nothing_of_a_file_lies_in_clear(media: Path) -> None:
    stored(PNG + b"a telling word " * 10_000)
    (path,) = files_in(media)
    assert b"telling" not in path.read_bytes()


def test_equal_files_are_kept_once_until_nobody_has_them(media: Path, django_capture_on_commit_callbacks: Any) -> None:
    first, second = stored(), stored()
    assert first.content == second.content
    assert len(files_in(media)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        attachments.erase([first])
    assert read(second) == PNG
    with django_capture_on_commit_callbacks(execute=True):
        attachments.erase([second])
    assert (files_in(media), Content.objects.count()) == ([], 0)
    assert read(stored()) == PNG


def test_what_one_erased_complainant_sent_stays_for_the_other_who_sent_the_same(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    gone = make_case(evidence=[str(stored().pk)]).case
    kept = stored()
    other = make_case(evidence=[str(kept.pk)]).case
    assert gone.complainant is not None
    with django_capture_on_commit_callbacks(execute=True):
        erase(gone.complainant, now=START)
    assert read(Attachment.objects.get(pk=kept.pk)) == PNG
    assert [row.content for row in Attachment.objects.filter(case=gone)] == [None]
    assert other.attachments.count() == 1
    assert verify_all()["problems"] == []


def test_a_file_that_the_storage_lost_is_found_again_where_somebody_sends_it_once_more(media: Path) -> None:
    first = stored()
    files_in(media)[0].unlink()
    stored()
    assert read(Attachment.objects.get(pk=first.pk)) == PNG


def test_files_from_before_there_were_seals_are_read_and_then_sealed(media: Path) -> None:
    row = stored()
    assert row.content is not None
    in_clear = default_storage.save("ab/old", BytesIO(PNG))
    default_storage.delete(row.content.stored_as)
    Content.objects.update(stored_as=in_clear, key=b"", digest="")
    assert read(Attachment.objects.get(pk=row.pk)) == PNG
    assert contents.seal_old(now=START + timedelta(days=1)) == 1
    (path,) = files_in(media)
    assert PNG[:4] not in path.read_bytes()
    assert read(Attachment.objects.get(pk=row.pk)) == PNG
    assert contents.seal_old(now=START + timedelta(days=1)) == 0
