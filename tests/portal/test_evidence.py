"""What a complainant gets of the case's files."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from builders import START, do, make_case
from cast import Cast
from ombud.cases import attachments
from ombud.cases.models import Attachment
from samples import WAV, picture_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def stored(owner: str, *, is_open: bool | None) -> Attachment:
    row = attachments.store(BytesIO(picture_file("JPEG", tells=True)), name="a.jpg", uploaded_by=owner, now=START)
    if is_open is not None:
        attachments.choose([str(row.pk)], owner, is_open=is_open)
    return row


def test_their_own_picture_comes_back_whole_and_that_of_staff_without_where_it_was_taken(
    cast: Cast, at_start: Any, complainant: Any
) -> None:
    own = stored("complainant", is_open=None)
    case = make_case(evidence=[str(own.pk)]).case
    shown, inner = stored(cast.lin.key, is_open=True), stored(cast.lin.key, is_open=False)
    do(case, "attach", cast, "lin", minutes=5, data={"evidence": [str(shown.pk), str(inner.pk)]})
    browser = complainant(case)
    assert b"Maker of the camera" in browser.get(f"/track/{case.reference}/files/{own.pk}/").getvalue()
    got = browser.get(f"/track/{case.reference}/files/{shown.pk}/")
    assert got.status_code == 200
    drawn = got.getvalue()
    assert b"Maker of the camera" not in drawn
    assert Image.open(BytesIO(drawn)).size == (400, 200)
    assert browser.get(f"/track/{case.reference}/files/{inner.pk}/").status_code == 404
    assert browser.get(f"/track/{case.reference}/").content.decode().count("/files/") == 2


def test_a_recording_is_played_by_parts(cast: Cast, at_start: Any, complainant: Any) -> None:
    row = attachments.store(BytesIO(WAV), name="录音.wav", uploaded_by="complainant", now=START)
    case = make_case(evidence=[str(row.pk)]).case
    got = complainant(case).get(f"/track/{case.reference}/files/{row.pk}/", headers={"Range": "bytes=4-7"})
    assert (got.status_code, got.getvalue()) == (206, WAV[4:8])
    assert got["Content-Disposition"].startswith("inline; filename")
    assert got["Content-Security-Policy"].startswith("sandbox")
