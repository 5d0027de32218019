"""Files: streamed, sniffed, limited, a case's only once an act names them."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage

from builders import COMPLAINT, GRADES, START, assert_refolds, do, make_case
from cast import Cast
from ombud.cases import attachments, contents, file_kinds
from ombud.cases.access.case_access import EVIDENCE, access_case, grant_of
from ombud.cases.commands import seconds
from ombud.cases.drafts import append, open_draft
from ombud.cases.errors import AttachmentRefused
from ombud.cases.keeping.erasure import erase
from ombud.cases.keeping.verify import problems_of, verify_all
from ombud.cases.models import Attachment, Case, Event
from ombud.cases.reading import queries
from ombud.organisation import editions
from ombud.organisation.models import PolicyVersion
from ombud.policy.model.procedures import MAIN
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault
from samples import PNG

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

COMPLAINANT = "complainant"  # the person of a complainant's acts


def stored(content: bytes = PNG, name: str = "发票.png", by: str = COMPLAINANT) -> Attachment:
    return attachments.store(BytesIO(content), name=name, uploaded_by=by, now=START)


def files_in(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def test_a_file_is_stored_by_a_name_of_ours_with_its_hash_size_and_sniffed_type(media: Path) -> None:
    row = stored()
    assert (row.sha256, row.size, row.media_type) == (hashlib.sha256(PNG).hexdigest(), len(PNG), "image/png")
    (path,) = files_in(media)
    assert PNG[:4] not in path.read_bytes()
    with attachments.content(row) as file:
        assert file.read() == PNG
    assert "发票" not in str(path)
    assert "发票" not in str(row.name)


def test_a_files_name_cannot_pretend_to_end_otherwise() -> None:
    assert attachments.name_of(stored(name="invoice\u202egpj.exe \u200b"), Vault(None, "")) == "invoicegpj.exe.png"


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "empty.png", "empty"),
        (b"MZ\x90\0" + b"\0" * 300, "photo.png", "type"),
        (b"PK\x03\x04" + b"\0" * 300, "photo.zip", "archive"),
        (b"\x00\x01\x02\x03", "noise", "type"),
    ],
)
def test_what_is_not_on_the_list_leaves_nothing_behind(media: Path, content: bytes, name: str, code: str) -> None:
    with pytest.raises(AttachmentRefused) as caught:
        stored(content, name)
    assert caught.value.code == code
    assert files_in(media) == []
    assert not Attachment.objects.exists()


def test_a_file_that_grows_too_big_is_stopped_on_its_way(media: Path, settings: Any) -> None:
    settings.OMBUD_MAX_UPLOAD_MB = 1
    with pytest.raises(AttachmentRefused) as caught:
        stored(PNG + b"\0" * (2 * attachments.MB))
    assert (caught.value.code, caught.value.params) == ("too-big", {"limit": 1})
    assert files_in(media) == []


def test_an_office_file_with_macros_is_named_as_one_wherever_in_it_they_stand() -> None:
    head = (
        b"PK\x03\x04"
        + b"\0" * 26
        + b"[Content_Types].xml"
        + b"\0" * 40
        + b"PK\x03\x04"
        + b"\0" * 26
        + b"word/document.xml"
    )
    plain, macros = stored(head + b"x" * 200_000, "a.docx"), b"word/vbaProject.bin"
    name = attachments.name_of(plain, Vault(None, ""))
    assert (name, file_kinds.may_hold_macros(plain.media_type)) == ("a.docx", False)
    for place in (1000, 64 * 1024 - len(head) - 9, 150_000):  # the second is cut in two by a piece's end
        row = stored(head + b"x" * place + macros + b"x" * 1000, "a.docx")
        assert attachments.name_of(row, Vault(None, "")) == "a.docx.docm"
        assert file_kinds.may_hold_macros(row.media_type)


def test_a_name_that_was_kept_before_names_were_made_safe_is_made_so_when_it_is_shown(cast: Cast) -> None:
    row = stored("聊天记录".encode(), "run.txt")
    case = make_case(evidence=[str(row.pk)]).case
    row.refresh_from_db()
    vault = Vault(key_of(case.complainant), case.reference)
    Attachment.objects.filter(pk=row.pk).update(name=vault.seal(row.linked_seq or 0, f"file:{row.pk}", "run\u202e.bat"))
    ((_row, name),) = queries.attachments(access_case(cast.lin, case.reference))
    assert name == "run.bat.txt"


@pytest.mark.parametrize("text", ["聊天记录：不退货", "plain words\r\n", "聊天".encode("gb18030")])
def test_plain_text_is_taken_in_whatever_encoding_it_has(text: str | bytes) -> None:
    assert stored(text.encode() if isinstance(text, str) else text, "a.txt").media_type == "text/plain"


def test_an_act_that_names_a_file_makes_it_the_cases_and_the_event_keeps_its_hash(cast: Cast) -> None:
    row = stored()
    case = make_case(evidence=[str(row.pk)]).case
    kept = Event.objects.get(case=case, seq=1).data["evidence"]
    assert kept == [{"id": str(row.pk), "sha256": row.sha256, "size": row.size, "type": "image/png"}]
    ((found, name),) = queries.attachments(access_case(grant_of(case), case.reference))
    assert (found, name) == (row, "发票.png")
    with attachments.content(found) as file:
        assert file.read() == PNG
    assert [line.case for line in queries.register(cast.lin, now=START, text="发票").rows] == [case]
    assert_refolds(case)


def test_evidence_added_later_by_staff_is_linked_to_that_event(cast: Cast) -> None:
    case = make_case().case
    row = stored(by=cast.lin.key)
    do(case, "attach", cast, "lin", minutes=5, data={"evidence": [str(row.pk)]})
    row.refresh_from_db()
    assert (row.case, row.linked_seq) == (case, 3)
    assert_refolds(case)


def test_a_case_written_with_its_history_links_each_file_to_the_event_that_names_it(cast: Cast) -> None:
    """Whoever fills a register in bulk writes as everybody else does."""
    first, later = stored(), stored(name="later.png")
    version, edition = PolicyVersion.objects.get(), editions.current()
    assert edition is not None
    draft = open_draft(
        version, edition.pk, procedure=MAIN, channel="web", language="zh", office=None, secret="", source=None,
        at=START, now=START,
    )  # fmt: skip
    draft.owner = COMPLAINANT
    at = seconds(START)
    said = {**COMPLAINT, "channel": "web", "evidence": [str(first.pk)]}
    draft.step("receive", actor=cast.actor("complainant"), at=at, now=at, data=said)
    draft.step("attach", actor=cast.actor("lin"), at=at + 60, now=at + 60, data={"evidence": [str(later.pk)]})
    (((*_rows, last), _duties),) = append([draft], is_telling=False)
    first.refresh_from_db()
    later.refresh_from_db()
    assert (first.case, first.linked_seq) == (draft.case, 1)
    assert (later.case, later.linked_seq) == (draft.case, last.seq)
    assert_refolds(draft.case)


def test_the_files_of_another_case_cannot_be_named(cast: Cast) -> None:
    row = stored()
    make_case(evidence=[str(row.pk)])
    other = make_case().case
    for key in (str(row.pk), str(uuid.uuid4()), "not a key"):
        with pytest.raises(AttachmentRefused):
            make_case(evidence=[key])
        with pytest.raises(AttachmentRefused):
            do(other, "attach", cast, "lin", minutes=5, data={"evidence": [key]})
    assert_refolds(other)


def test_only_who_uploaded_a_file_can_name_it_until_a_case_has_it(cast: Cast) -> None:
    """By whatever way in: portal, desk, API and import all append here."""
    case = make_case().case
    waiting = str(stored(by=cast.chen.key).pk)
    with pytest.raises(AttachmentRefused):
        make_case(evidence=[waiting])
    with pytest.raises(AttachmentRefused):
        do(case, "attach", cast, "lin", minutes=5, data={"evidence": [waiting]})
    do(case, "attach", cast, "lin", minutes=5, data={"evidence": [waiting]}, owner=cast.chen.key)
    do(case, "attach", cast, "lin", minutes=6, data={"evidence": [waiting]})  # the case's own by now
    assert_refolds(case)


def test_a_file_uploaded_ahead_of_a_form_becomes_that_of_whoever_shows_that_they_hold_it(cast: Cast) -> None:
    ahead, known = stored(by=f"{attachments.AHEAD}1234"), stored(by=cast.chen.key)
    attachments.claim([str(ahead.pk), str(known.pk)], COMPLAINANT)
    make_case(evidence=[str(ahead.pk)])
    with pytest.raises(AttachmentRefused):
        make_case(evidence=[str(known.pk)])
    attachments.claim([str(ahead.pk)], cast.chen.key)
    ahead.refresh_from_db()
    assert ahead.uploaded_by == COMPLAINANT


def test_files_that_no_act_named_are_removed_after_a_day(
    media: Path, cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    kept = stored()
    make_case(evidence=[str(kept.pk)])
    stored(PNG + b"another")
    assert attachments.remove_unlinked(now=START + timedelta(hours=23)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert attachments.remove_unlinked(now=START + timedelta(hours=25)) == 1
    assert list(Attachment.objects.all()) == [kept]
    assert len(files_in(media)) == 1


def test_a_masked_reader_gets_neither_files_nor_their_names(cast: Cast) -> None:
    from ombud.cases.errors import Forbidden

    case = make_case(evidence=[str(stored().pk)]).case
    ((_, name),) = queries.attachments(access_case(cast.ai, case.reference))
    assert name == ""
    with pytest.raises(Forbidden):
        access_case(cast.ai, case.reference, EVIDENCE)


def test_a_complainant_sees_files_of_public_events_only(cast: Cast) -> None:
    case = make_case().case
    do(case, "register", cast, "lin", minutes=5, data=GRADES)
    do(
        case,
        "verify_third_party",
        cast,
        "lin",
        minutes=6,
        data={"third_party_check": "监控已调取", "evidence": [str(stored(by=cast.lin.key).pk)]},
    )
    event = Event.objects.get(case=case, act="verify_third_party")
    names = queries.attachments(access_case(grant_of(case), case.reference))
    is_public = "verify_third_party" in [
        entry.act for entry in queries.timeline(access_case(grant_of(case), case.reference))
    ]
    assert bool(names) == is_public
    assert event.data["evidence"]


def test_evidence_changed_behind_the_registers_back_is_found(cast: Cast, media: Path) -> None:
    row = stored()
    case = make_case(evidence=[str(row.pk)]).case
    assert_refolds(case)
    Attachment.objects.update(media_type="text/html")
    assert any("its event says" in problem for problem in problems_of(Case.objects.get(pk=case.pk)))
    Attachment.objects.update(media_type="image/png")
    (path,) = files_in(media)
    path.write_bytes(path.read_bytes()[::-1])
    assert any("was changed: its seal" in problem for problem in problems_of(Case.objects.get(pk=case.pk)))
    path.unlink()
    assert any("cannot be read" in problem for problem in problems_of(Case.objects.get(pk=case.pk)))
    Attachment.objects.update(case=make_case().case)
    assert any("files are missing" in problem for problem in problems_of(Case.objects.get(pk=case.pk)))
    assert any("events know none" in problem for problem in verify_all()["problems"])


def test_files_of_an_erased_complainant_go_even_where_the_storage_was_away(
    cast: Cast, media: Path, monkeypatch: Any
) -> None:
    row = stored()
    case = make_case(evidence=[str(row.pk)]).case
    assert case.complainant is not None
    erase(case.complainant, now=START)  # its commit, and what follows it, never comes
    with monkeypatch.context() as broken:
        broken.setattr(FileSystemStorage, "delete", lambda *_: (_ for _ in ()).throw(OSError("away")))
        with pytest.raises(OSError, match="away"):
            contents.remove_unused(now=START)
    assert contents.remove_unused(now=START) == 1
    assert files_in(media) == []
    assert contents.remove_unused(now=START) == 0
    assert_refolds(case)


def test_what_stops_an_upload_leaves_nothing_behind(media: Path) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionError
            return super().read(10)

    with pytest.raises(ConnectionError):
        attachments.store(Broken(PNG), name="x.png", uploaded_by="test", now=START)
    assert files_in(media) == []
