"""Looking at evidence: in a frame that runs nothing, piece by piece, noted; and who beside staff sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.test import Client

from builders import START, after, assert_refolds, do, make_case, publish_policy
from cast import Cast, make_cast
from ombud.cases import attachments
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.models import Attachment, Case, Event
from ombud.cases.reading import queries
from ombud.clock import periodic
from ombud.evidence import views
from ombud.privacy.models import Access
from samples import WAV, picture_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def filed(content: bytes, name: str) -> tuple[Case, Attachment, str]:
    row = attachments.store(BytesIO(content), name=name, uploaded_by="complainant", now=START)
    case = make_case(evidence=[str(row.pk)], minutes=200).case
    return case, row, f"/desk/cases/{case.reference}/files/{row.pk}"


def seen_by_complainant(case: Case) -> list[str]:
    return [name for _row, name in queries.attachments(access_case(grant_of(case), case.reference))]


def test_a_picture_is_shown_in_a_frame_that_runs_nothing_and_asks_nobody(cast: Cast, sign_in: Any) -> None:
    case, _row, address = filed(picture_file(), "a.png")
    views.make_missing(now=START)
    lin = sign_in("lin")
    page = lin.get(f"{address}/look/").content.decode()
    assert f'src="{address}/frame/" sandbox=""' in page
    frame = lin.get(f"{address}/frame/")
    assert frame["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "data:image/jpeg;base64," in frame.content.decode()
    assert lin.get(f"{address}/small/")["Content-Type"] == "image/jpeg"
    assert f"{address}/small/" in lin.get(f"/desk/cases/{case.reference}/").content.decode()


def test_of_a_heic_picture_it_is_said_why_it_is_not_shown(cast: Cast, sign_in: Any) -> None:
    _case, row, address = filed(b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"\0" * 300, "IMG_1.HEIC")
    assert row.media_type == "image/heic"
    views.make_missing(now=START)
    page = sign_in("lin").get(f"{address}/look/").content.decode()
    assert "This is a HEIC picture" in page
    assert "Download the original" in page


def test_a_text_is_shown_as_what_it_says(cast: Cast, sign_in: Any) -> None:
    _case, _row, address = filed("<script>alert(1)</script> 聊天".encode("gb18030"), "chat.txt")
    frame = sign_in("lin").get(f"{address}/frame/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 聊天" in frame


@pytest.mark.parametrize(
    ("asked", "status", "place"),
    [
        ("", 200, slice(None)),
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-20", 206, slice(-20, None)),
        ("bytes=10-999999", 206, slice(10, None)),
        ("bytes=999999-", 416, slice(0, 0)),
        ("bytes=0-1,5-6", 200, slice(None)),
        ("pages=1", 200, slice(None)),
        ("bytes=-0", 416, slice(0, 0)),
        ("bytes=9-5", 200, slice(None)),
    ],
)
def test_sound_is_played_piece_by_piece(cast: Cast, sign_in: Any, asked: str, status: int, place: slice) -> None:
    _case, _row, address = filed(WAV, "call.wav")
    answer = sign_in("lin").get(f"{address}/play/", headers={"Range": asked} if asked else {})
    assert answer.status_code == status
    assert answer.getvalue() == WAV[place]
    if status == 206:
        start = range(len(WAV))[place].start
        assert answer["Content-Range"] == f"bytes {start}-{start + len(WAV[place]) - 1}/{len(WAV)}"


def test_who_opened_a_file_is_noted_once_for_a_while_and_shown_to_those_who_oversee(
    cast: Cast, sign_in: Any, later: Any
) -> None:
    case, row, address = filed(WAV, "call.wav")
    lin = sign_in("lin")
    assert lin.get(f"{address}/look/").status_code == 200
    assert not Access.objects.exists(), "its player has shown nothing yet"
    for way in ("play/", "play/", ""):
        assert lin.get(f"{address}/{way}").getvalue()
    assert list(Access.objects.values_list("person", "reference", "what")) == [
        (cast.lin.pk, case.reference, f"evidence {row.pk}")
    ]
    later(20)
    assert lin.get(f"{address}/").getvalue() == WAV
    assert Access.objects.count() == 2
    assert "Who opened files" not in lin.get(f"/desk/cases/{case.reference}/").content.decode()
    page = sign_in("ai").get(f"/desk/cases/{case.reference}/").content.decode()
    assert "Who opened files" in page
    assert page.count(str(cast.lin)) >= 2
    assert "opened a file" in sign_in("ai").get("/desk/proof/").content.decode()


def test_opening_files_uses_up_no_allowance_of_unmasking(cast: Cast) -> None:
    from ombud.privacy import log
    from ombud.privacy.keys import key_of
    from ombud.privacy.sealing import Vault

    case, row, _address = filed(WAV, "call.wav")
    log.note_opened(cast.ai, "ZZ-OTHER", str(row.pk), now=START)
    vault = Vault(key_of(case.complainant), case.reference)
    left = log.note(cast.ai, case.reference, what="x", reason="复核投诉", vault=vault, allowance=1, now=START)
    assert left == 0


def test_what_staff_attach_is_internal_unless_they_say_otherwise(cast: Cast, sign_in: Any) -> None:
    case = make_case(minutes=200).case
    lin = sign_in("lin")
    page = lin.get(f"/desk/cases/{case.reference}/?act=attach").content.decode()
    assert 'name="evidence-open"' in page
    for name, more in (("inner.wav", {}), ("outer.wav", {"evidence-open": "yes"})):
        case.refresh_from_db()
        data = {"seen": case.seq, "evidence": BytesIO(WAV), **more}
        data["evidence"].name = name
        assert lin.post(f"/desk/cases/{case.reference}/acts/attach/", data).status_code == 302
    assert seen_by_complainant(case) == ["outer.wav"]
    page = lin.get(f"/desk/cases/{case.reference}/").content.decode()
    assert (page.count("Internal</span>"), page.count("The complainant sees it</span>")) == (1, 1)
    assert_refolds(case)


def test_who_sees_a_file_is_changed_by_an_event_that_stays(cast: Cast, sign_in: Any) -> None:
    case, row, address = filed(WAV, "call.wav")
    lin = sign_in("lin")
    assert seen_by_complainant(case) == ["call.wav"]
    assert "Make it internal" in lin.get(f"{address}/look/").content.decode()
    assert lin.post(f"{address}/who/", {"open": "no", "reason": "names a third person"}).status_code == 302
    assert seen_by_complainant(case) == []
    event = Event.objects.get(case=case, act="show_file")
    assert "third" not in str(event.data)
    assert event.data["files"] == [{**attachments.described(Attachment.objects.get(pk=row.pk))}]
    page = lin.get(f"/desk/cases/{case.reference}/").content.decode()
    assert "File made internal" in page
    assert "names a third person" in page
    told = [entry.act for entry in queries.timeline(access_case(grant_of(case), case.reference))]
    assert "show_file" not in told
    lin.post(f"{address}/who/", {"open": "yes"})
    assert seen_by_complainant(case) == ["call.wav"]
    assert "show_file" in [entry.act for entry in queries.timeline(access_case(grant_of(case), case.reference))]
    assert_refolds(case)
    do(case, "note", cast, "lin", minutes=220, data={"remark": "weiter"})
    assert_refolds(case)


def test_only_who_works_on_the_case_chooses_and_only_for_its_own_files(cast: Cast, sign_in: Any) -> None:
    _case, row, address = filed(WAV, "call.wav")
    other = make_case(minutes=201).case
    assert sign_in("lin").post(f"/desk/cases/{other.reference}/files/{row.pk}/who/", {"open": "no"}).status_code == 404
    assert sign_in("chen").post(f"{address}/who/", {"open": "no"}).status_code in (403, 404)
    assert sign_in("ai").get(f"{address}/look/").status_code == 403
    assert Attachment.objects.get(pk=row.pk).is_open is None


def test_a_file_changed_behind_the_registers_back_is_found(cast: Cast) -> None:
    case, _row, _address = filed(WAV, "call.wav")
    assert case.received_at == after(200)
    Attachment.objects.update(is_open=True)
    from ombud.cases.keeping.verify import problems_of

    assert any("its event says" in problem for problem in problems_of(Case.objects.get(pk=case.pk)))


def test_a_matter_without_a_complainant_offers_to_show_files_to_nobody_and_no_code(db: None) -> None:
    publish_policy("student-complaints")
    cast = make_cast("student-complaints", {"fang": ("agent", "student_service")})
    five = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    with time_machine.travel(five, tick=False) as clock:
        periodic.open_due(now=five)
        case = Case.objects.filter(procedure="suggestion_box").order_by("-received_at")[0]
        clock.move_to(five + timedelta(minutes=10))
        fang = Client(headers={"accept-language": "en"})
        fang.force_login(cast.fang)
        here = f"/desk/cases/{case.reference}"
        page = fang.get(f"{here}/?act=sort_box").content.decode()
        assert 'name="box_pictures"' in page
        assert f"{here}/code/" not in page
        assert fang.get(f"{here}/code/").status_code == 403
        assert 'name="box_pictures-open"' not in page
        picture = BytesIO(picture_file())
        picture.name = "box.png"
        data = {"seen": case.seq, "box_record": "两件", "box_pictures": picture}
        assert fang.post(f"{here}/acts/sort_box/", data).status_code == 302
        row = Attachment.objects.get(case=case)
        look = fang.get(f"{here}/files/{row.pk}/look/")
        assert look.status_code == 200
        assert "complainant" not in look.content.decode()
        assert fang.post(f"{here}/files/{row.pk}/who/", {"open": "yes"}).status_code == 404
    assert cast.fang.key == row.uploaded_by
