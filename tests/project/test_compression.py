"""Pages, scripts and sheets go out compressed; files that people sent, and parts of files, as they are."""

from __future__ import annotations

import gzip

import pytest
from django.templatetags.static import static
from django.test import Client

from builders import make_case
from cast import Cast
from ombud.cases import attachments
from ombud.cases.access.case_access import grant_of
from ombud.cases.models import Attachment
from ombud.portal.pages import COOKIE
from uploading import PORTAL, uploaded

pytestmark = pytest.mark.django_db
TAKES = {"accept-encoding": "gzip"}


def body(response: object) -> bytes:
    return b"".join(response) if getattr(response, "streaming", False) else response.content  # type: ignore[call-overload,attr-defined]


def test_pages_and_what_they_load_shrink_for_whoever_takes_it(db: None) -> None:
    client = Client()
    for address in ("/desk/sign-in/", static("ombud/ombud.js"), static("ombud/base.css")):
        plain, small = client.get(address), client.get(address, headers=TAKES)
        assert not plain.has_header("Content-Encoding")
        assert small["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in small["Vary"]
        whole, shrunk = body(plain), body(small)
        assert len(shrunk) < len(whole) * 0.6
        if address.startswith("/static/"):
            assert gzip.decompress(shrunk) == whole


def test_parts_of_a_file_and_files_that_people_sent_stay_as_they_are(cast: Cast, media: object) -> None:
    client = Client()
    part = client.get(static("ombud/ombud.js"), headers={**TAKES, "range": "bytes=0-999"})
    assert (part.status_code, part.has_header("Content-Encoding")) == (206, False)
    assert len(body(part)) == 1000
    uploaded(client, b"what happened " * 100, "note.txt", at=PORTAL)
    row = Attachment.objects.get()
    attachments.claim([str(row.id)], "complainant")
    case = make_case(evidence=[str(row.id)]).case
    client.cookies[COOKIE + case.reference] = grant_of(case).token
    file = client.get(f"/track/{case.reference}/files/{row.id}/", headers=TAKES)
    assert (file.status_code, file.has_header("Content-Encoding")) == (200, False)
    file.close()
