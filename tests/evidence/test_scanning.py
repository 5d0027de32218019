"""Scanning for viruses: what is not known to be clean nobody opens, and a scanner that is away never says so."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from builders import START, make_case
from cast import Cast
from ombud.cases import attachments, contents
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Attachment, Content
from ombud.evidence import clamd, scanning, views
from ombud.notices import infected
from ombud.notices.models import Notice
from ombud.privacy.models import Access
from samples import WAV, picture_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

VIRUS = b"X5O!P%@AP a stand-in for a virus"


class Daemon(socketserver.StreamRequestHandler):
    """Answers as clamd does: it finds VIRUS, and takes nothing beyond a megabyte."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(size)
            if len(content) > 1024 * 1024:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.wfile.write(b"stream: Win.Test.Ombud FOUND\0" if VIRUS in content else b"stream: OK\0")


@pytest.fixture
def scanner(settings: Any) -> Iterator[None]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Daemon) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.OMBUD_CLAMD = f"tcp://127.0.0.1:{server.server_address[1]}"
        yield
        server.shutdown()


def stored(content: bytes) -> Attachment:
    return attachments.store(BytesIO(content), name="a.wav", uploaded_by="complainant", now=START)


def opens(row: Attachment) -> str:
    """Return what stands against opening a file."""
    try:
        with attachments.content(Attachment.objects.get(pk=row.pk)):
            return ""
    except contents.Withheld as error:
        return error.code


@pytest.mark.usefixtures("scanner")
def test_only_what_the_scanner_found_clean_can_be_opened() -> None:
    clean, infected = stored(WAV), stored(WAV + VIRUS)
    assert (opens(clean), opens(infected)) == ("unscanned", "unscanned")
    assert scanning.scan_waiting(now=START) == 2
    assert (opens(clean), opens(infected)) == ("", "infected")
    assert Content.objects.get(verdict="infected").malware == "Win.Test.Ombud"
    assert scanning.scan_waiting(now=START) == 0


def test_a_scanner_that_is_away_leaves_files_waiting(settings: Any, tmp_path: Path) -> None:
    settings.OMBUD_CLAMD = f"unix://{tmp_path}/nobody"
    row = stored(WAV)
    assert scanning.scan_waiting(now=START) == 0
    assert views.make_missing(now=START) == 0
    assert opens(row) == "unscanned"


@pytest.mark.usefixtures("scanner")
def test_what_the_scanner_does_not_take_waits(settings: Any) -> None:
    row = stored(WAV + b"\x80" * 2_000_000)
    assert scanning.scan_waiting(now=START) == 0
    assert opens(row) == "unscanned"
    with pytest.raises(clamd.NotScanned, match="size limit"):
        clamd.scan(settings.OMBUD_CLAMD, BytesIO(b"x" * 2_000_000))


@pytest.mark.usefixtures("scanner")
def test_what_was_found_in_one_file_holds_for_all_that_are_equal() -> None:
    first = stored(WAV + VIRUS)
    scanning.scan_waiting(now=START)
    assert opens(first) == opens(stored(WAV + VIRUS)) == "infected"


@pytest.mark.usefixtures("scanner")
def test_an_infected_file_is_shown_as_such_and_handed_to_nobody(cast: Cast) -> None:
    from django.test import Client

    row = stored(WAV + VIRUS)
    case = make_case(evidence=[str(row.pk)]).case
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.people["lin"])
    address = f"/desk/cases/{case.reference}/files/{row.pk}/"
    assert "waits for the virus scanner" in client.get(f"{address}look/").content.decode()
    scanning.scan_waiting(now=START)
    page = client.get(f"{address}look/").content.decode()
    assert "Win.Test.Ombud" in page
    assert "Download the original" not in page
    assert client.get(address).status_code == 302
    assert client.get(f"{address}play/").status_code == 404
    assert "Virus found" in client.get(f"/desk/cases/{case.reference}/").content.decode()
    assert infected.tell_infected(now=START) == 1
    assert infected.tell_infected(now=START) == 0
    assert Notice.objects.filter(person=cast.people["lin"], case=case, kind="infected").count() == 1
    assert "A virus was found in a file" in client.get("/desk/notices/").content.decode()
    assert verify_all()["problems"] == []


@pytest.mark.usefixtures("scanner")
def test_files_that_cannot_be_scanned_or_opened_keep_no_other_from_the_scanner(media: Path) -> None:
    for number in range(scanning.BATCH):
        stored(WAV + b"\x80" * (2_000_000 + number))
    broken = stored(WAV + b"broken")
    [path] = [path for path in media.rglob(f"{broken.content_id.hex}*") if path.is_file()]
    path.write_bytes(b"x" * path.stat().st_size)
    good = stored(WAV)
    Content.objects.filter(pk=good.content_id).update(made_at=START + timedelta(seconds=1))
    later = START + timedelta(minutes=1)
    assert scanning.scan_waiting(now=later) + scanning.scan_waiting(now=later) == 1
    assert (opens(good), opens(broken)) == ("", "unscanned")
    assert Content.objects.filter(verdict="", scan_after=later + scanning.AGAIN).count() == scanning.BATCH + 1


def test_while_the_scanner_is_away_no_file_loses_its_turn(settings: Any, tmp_path: Path) -> None:
    settings.OMBUD_CLAMD = f"unix://{tmp_path}/nobody"
    stored(WAV)
    scanning.scan_waiting(now=START)
    assert Content.objects.get().scan_after is None


def test_a_scanner_that_says_nothing_is_asked_about_one_file_a_look(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clamd, "PATIENCE", 0.2)
    stored(WAV)
    stored(WAV + b"2")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.OMBUD_CLAMD = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert scanning.scan_waiting(now=START) == 0
    assert Content.objects.filter(scan_after=None).count() == 1


def test_what_was_drawn_is_withheld_as_the_file_is_and_no_look_is_noted(cast: Cast, settings: Any) -> None:
    from django.test import Client

    row = attachments.store(BytesIO(picture_file()), name="a.png", uploaded_by="complainant", now=START)
    case = make_case(evidence=[str(row.pk)]).case
    views.make_missing(now=START)
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.people["lin"])
    address = f"/desk/cases/{case.reference}/files/{row.pk}/"
    for clamd_at, verdict in (("unix:///nobody", ""), ("", "infected")):
        settings.OMBUD_CLAMD = clamd_at
        Content.objects.update(verdict=verdict)
        assert client.get(f"{address}small/").status_code == 404
        assert client.get(f"{address}frame/").status_code == 404
        assert client.get(f"{address}look/").status_code == 200
        assert client.get(address).status_code == 302
        assert f"{address}small/" not in client.get(f"/desk/cases/{case.reference}/").content.decode()
        with pytest.raises(contents.Withheld):
            views.view(Content.objects.get(), 1)
    assert Access.objects.count() == 0
    Content.objects.update(verdict="clean")
    assert client.get(f"{address}frame/").status_code == 200
    assert Access.objects.count() == 1


def test_of_what_is_infected_nothing_is_drawn_though_the_scanner_is_gone() -> None:
    attachments.store(BytesIO(picture_file()), name="a.png", uploaded_by="complainant", now=START)
    Content.objects.update(verdict="infected")
    assert views.make_missing(now=START) == 0
    with pytest.raises(contents.Withheld):
        views.make(Content.objects.get(), now=START)


def test_a_file_that_is_gone_from_the_storage_is_a_missing_page_and_no_look(cast: Cast, media: Path) -> None:
    from django.test import Client

    row = stored(WAV)
    case = make_case(evidence=[str(row.pk)]).case
    for path in [path for path in media.rglob("*") if path.is_file()]:
        path.unlink()
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.people["lin"])
    address = f"/desk/cases/{case.reference}/files/{row.pk}/"
    assert [client.get(f"{address}{way}").status_code for way in ("", "play/", "look/")] == [404, 404, 200]
    assert Access.objects.count() == 0
