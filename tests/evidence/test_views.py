"""What is shown of files: drawn apart from everything, sealed, without what a picture tells beside what it shows."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from builders import START
from ombud.cases import attachments
from ombud.cases.models import Attachment, Content
from ombud.evidence import views
from samples import PNG, picture_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def document(pages: int = 2) -> bytes:
    out = BytesIO()
    sides = [Image.new("RGB", (600, 800), "white") for _ in range(pages)]
    sides[0].save(out, "PDF", save_all=True, append_images=sides[1:])
    return out.getvalue()


def stored(content: bytes, name: str = "a.jpg") -> Attachment:
    return attachments.store(BytesIO(content), name=name, uploaded_by="complainant", now=START)


def shown(row: Attachment) -> list[bytes]:
    content = Content.objects.get(pk=row.content_id)
    return [views.view(content, number) for number in range(len(content.views))]


def test_a_picture_is_shown_small_and_large_without_where_it_was_taken(media: Path) -> None:
    whole = picture_file("JPEG", (2000, 1000), tells=True)
    assert b"Maker of the camera" in whole
    row = stored(whole)
    assert views.make_missing(now=START) == 1
    small, large = shown(row)
    assert max(Image.open(BytesIO(small)).size) == 320
    assert max(Image.open(BytesIO(large)).size) == 1600
    assert not Image.open(BytesIO(large)).getexif()
    assert not any(b"JFIF" in path.read_bytes() for path in media.rglob("*") if path.is_file())
    assert views.make_missing(now=START) == 0


def test_a_documents_pages_are_shown() -> None:
    row = stored(document(2), "a.pdf")
    assert views.make_missing(now=START) == 1
    assert len(shown(row)) == 3


@pytest.mark.parametrize("content", [PNG, b"%PDF-1.4 nothing", picture_file("JPEG")[:300]])
def test_what_cannot_be_drawn_is_not_tried_again(content: bytes) -> None:
    stored(content)
    assert views.make_missing(now=START) == 0
    assert Content.objects.get().viewed_at == START


def test_a_picture_that_would_fill_the_memory_is_not_drawn() -> None:
    assert views.draw(picture_file("PNG", (12_000, 12_000)), "image/png") == []


def test_what_was_drawn_goes_with_the_file(media: Path, django_capture_on_commit_callbacks: object) -> None:
    row = stored(picture_file())
    views.make_missing(now=START)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        attachments.erase([row])
    assert [path for path in media.rglob("*") if path.is_file()] == []
