"""Case files: what is in them, who gets one, and that nothing of them stays."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import translation

from builders import after, do, make_history
from carried import carry
from cast import Cast
from ombud.cases import attachments
from ombud.cases.access.case_access import EVIDENCE, Accessed, access_case
from ombud.cases.errors import Forbidden, NoSuchCase
from ombud.cases.keeping.erasure import erase
from ombud.cases.models import Case, Recusal
from ombud.cases.reading import queries
from ombud.clock.tick import tick
from ombud.correspondence import attaching, composing, taking_in
from ombud.correspondence.carriers import Enclosure
from ombud.correspondence.composing import Draft
from ombud.correspondence.models import Account, Message
from ombud.correspondence.taking_in import Incoming
from ombud.interface.duty_words import clause_name
from ombud.papers import box, case_file_contents, case_files
from ombud.papers.errors import MissingFont
from ombud.papers.models import CaseFile
from ombud.privacy.models import Access
from papers.pdfs import pages_of, squeezed, words_of

NOW = after(400)


@pytest.fixture
def case(cast: Cast, media: Path) -> Case:
    """A case with letters and two files of one name."""
    case = make_history(cast, "register")
    for content in (b"the first\n", b"the second\n"):
        row = attachments.store(io.BytesIO(content), name="proof \u56fe.txt", uploaded_by=cast.lin.key, now=NOW)
        do(case, "attach", cast, "lin", minutes=390, data={"evidence": [str(row.id)]})
    carry(now=NOW)
    return Case.objects.select_related("complainant").get(pk=case.pk)


def read(cast: Cast, case: Case) -> Accessed:
    return access_case(cast.lin, case.reference, EVIDENCE)


def made(cast: Cast, case: Case) -> CaseFile:
    file = case_files.ask(read(cast, case), now=NOW)
    assert case_files.make_waiting(now=NOW) == 1
    return CaseFile.objects.get(pk=file.pk)


def content(cast: Cast, case: Case, file: CaseFile, kind: str) -> bytes:
    with case_files.open_file(read(cast, case), file.pk, kind, now=NOW) as opened:
        return opened.read()


def test_what_was_said_stands_in_it_in_order_with_its_state_and_its_files(cast: Cast, case: Case) -> None:
    files = [Enclosure("offer.pdf", b"%PDF-1.4 offer", "application/pdf")]
    draft = Draft(name="", address="li@example.com", subject="Your kettle", text="See.", language="en", files=files)
    composing.queue(case, draft, by=cast.lin, now=NOW - timedelta(minutes=1), send_at=NOW)
    composing.note(case, Message.Way.CALL, is_out=False, text="She asks when.", said_at=NOW, by=cast.lin, now=NOW)
    file_made = made(cast, case)
    said = words_of(content(cast, case, file_made, "pdf"))
    assert said.index(squeezed("Your kettle")) < said.index(squeezed("She asks when."))
    assert squeezed("offer.pdf") in said
    assert hashlib.sha256(b"%PDF-1.4 offer").hexdigest() in said
    with zipfile.ZipFile(io.BytesIO(content(cast, case, file_made, "zip"))) as packed:
        assert packed.read("messages/001-offer.pdf") == b"%PDF-1.4 offer"


def test_what_a_mail_quotes_and_its_signature_stand_below_its_words_and_open_nothing(cast: Cast, case: Case) -> None:
    mailbox = Account.objects.create(key="box", kind="mail", title="Box", policy=case.policy, channel="email")
    quoted = f"On Monday we wrote:\n> See https://x.example/track/{case.reference}/?way=6b2c1-{'a' * 20}"
    incoming = Incoming(
        way=Message.Way.MAIL, external_id="1@there", arrived_at=NOW, address="li@example.com", subject="Re: kettle",
        text="It leaks still.", details={"quoted": quoted, "signature": "Li Na, Harbin"},
    )  # fmt: skip
    message = taking_in.take_in(mailbox, incoming, now=NOW)
    assert message is not None
    attaching.attach(message, case, now=NOW)
    said = words_of(content(cast, case, made(cast, case), "pdf"))
    places = [said.index(squeezed(each)) for each in ("It leaks still.", "Li Na, Harbin", "On Monday we wrote:")]
    assert places == sorted(places)
    assert squeezed(f"track/{case.reference}/") in said
    assert "6b2c1" not in said


def test_the_pdf_tells_the_whole_case(cast: Cast, case: Case) -> None:
    file = made(cast, case)
    pdf = content(cast, case, file, "pdf")
    said, accessed = words_of(pdf), read(cast, case)
    assert file.progress == 100
    assert pages_of(pdf) > 3
    assert case.reference in said
    for fact in queries.facts(accessed):
        if isinstance(fact.value, str) and fact.is_personal:
            assert squeezed(fact.value) in said, fact.field
    for entry in queries.timeline(accessed):
        assert not entry.actor or squeezed(entry.actor) in said
        for clause in entry.clauses:
            assert squeezed(clause_name(clause)) in said
    for row, name in queries.attachments(accessed):
        assert row.sha256 in said
        assert squeezed(name) in said
    assert accessed.rows[-1].hash in said


def test_a_letter_whose_heading_is_its_kind_is_not_called_so_twice(cast: Cast, case: Case) -> None:
    letters = case_file_contents.contents(replace(read(cast, case), is_masked=True), now=NOW).letters
    assert letters  # masked, its own heading is not shown
    assert not [each for each in letters if each.about.startswith(each.title)]


def test_what_was_overdue_when_it_ended_undone_says_so_and_shared_rules_have_a_name(cast: Cast, case: Case) -> None:
    tick(after(60 * 24 * 9))
    do(case, "withdraw", cast, "complainant", minutes=60 * 24 * 10)
    with translation.override("en"):
        told = case_file_contents.contents(read(cast, case), now=after(60 * 24 * 11))
    assert "Cancelled, was overdue" in {each.outcome for each in told.duties}
    named = {name for each in (*told.duties, *told.events) for name in each.clauses.split(", ")}
    assert any(name.startswith("shared ") for name in named)
    assert not any("base:" in name for name in {*named, *(name for name, _text, _numbers in told.clauses)})


def test_the_zip_holds_letters_and_evidence_and_the_hash_of_each(cast: Cast, case: Case) -> None:
    file = made(cast, case)
    packed = content(cast, case, file, "zip")
    assert file.size == len(packed)
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        manifest = json.loads(opened.read("manifest.json"))
        listed = {each["path"]: each for each in manifest["files"]}
        assert set(opened.namelist()) == {*listed, "manifest.json", "manifest.sig"}
        for path, each in listed.items():
            assert hashlib.sha256(opened.read(path)).hexdigest() == each["sha256"]
            assert opened.getinfo(path).file_size == each["size"]
        proofs = sorted(path for path in listed if path.startswith("evidence/"))
        assert proofs == ["evidence/001-proof \u56fe.txt", "evidence/002-proof \u56fe.txt"]
        assert [opened.read(path) for path in proofs] == [b"the first\n", b"the second\n"]
        assert all(listed[path]["is_as_recorded"] for path in proofs)
        letters = [path for path in listed if path.startswith("letters/")]
        assert letters
        assert all(opened.read(path).startswith(b"%PDF") for path in letters)
    assert manifest["reference"] == case.reference
    assert manifest["last_event"]["hash"] == read(cast, case).rows[-1].hash


def test_a_letter_that_no_font_can_write_is_taken_along_as_text(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_letter: object) -> bytes:
        raise MissingFont(["Thai"], ["fonts-noto-core"])

    monkeypatch.setattr(box, "letter_pdf", fails)
    with zipfile.ZipFile(io.BytesIO(content(cast, case, made(cast, case), "zip"))) as opened:
        listed = json.loads(opened.read("manifest.json"))["files"]
        letter = next(each for each in listed if each["what"] == "letter")
        assert letter["path"].endswith(".txt")
        assert letter["no_pdf"] == "no font for Thai: install fonts-noto-core"
        assert opened.read(letter["path"])


def test_who_sees_it_masked_gets_none(cast: Cast, case: Case) -> None:
    with pytest.raises(Forbidden):
        access_case(cast.ai, case.reference, EVIDENCE)


def test_only_who_asked_takes_it_and_that_is_logged_apart_from_looks(cast: Cast, case: Case) -> None:
    file = made(cast, case)
    other = access_case(cast.wei, case.reference, EVIDENCE)
    with pytest.raises(NoSuchCase):
        case_files.open_file(other, file.pk, "pdf", now=NOW)
    assert not Access.objects.exists()
    content(cast, case, file, "zip")
    taken = Access.objects.get()
    assert (taken.person, taken.reference, taken.what, taken.at) == (cast.lin, case.reference, "case file", NOW)


def test_asking_twice_makes_one_and_two_clocks_make_it_once(cast: Cast, case: Case) -> None:
    first = case_files.ask(read(cast, case), now=NOW)
    assert case_files.ask(read(cast, case), now=NOW).pk == first.pk
    CaseFile.objects.update(lease_until=NOW + timedelta(minutes=1), attempts=1)
    assert case_files.make_waiting(now=NOW) == 0
    assert case_files.make_waiting(now=NOW + timedelta(minutes=2)) == 1  # the other one died
    assert case_files.make_waiting(now=NOW + timedelta(minutes=2)) == 0


def test_what_fails_again_and_again_is_given_up(cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> bytes:
        raise OSError("disk full")

    monkeypatch.setattr(case_files, "case_file_pdf", fails)
    file = case_files.ask(read(cast, case), now=NOW)
    for _ in range(case_files.ATTEMPTS + 1):
        assert case_files.make_waiting(now=NOW) == 0
    assert case_files.is_given_up(CaseFile.objects.get(pk=file.pk))


def test_who_was_taken_out_meanwhile_gets_none(cast: Cast, case: Case) -> None:
    case_files.ask(read(cast, case), now=NOW)
    Recusal.objects.create(case=case, person=cast.lin, reason="kin", at=NOW)
    assert case_files.make_waiting(now=NOW) == 0
    assert not CaseFile.objects.exists()


def test_a_day_later_nothing_of_it_is_left(cast: Cast, case: Case) -> None:
    file = made(cast, case)
    later = NOW + case_files.KEPT
    with pytest.raises(NoSuchCase):
        case_files.open_file(read(cast, case), file.pk, "pdf", now=later)
    assert case_files.tidy(now=later - timedelta(seconds=1)) == 0
    assert case_files.tidy(now=later) == 1
    assert not CaseFile.objects.exists()
    assert not default_storage.exists(file.pdf)
    assert not default_storage.exists(file.zip)


def test_what_is_erased_is_erased_from_it_too(cast: Cast, case: Case) -> None:
    file = made(cast, case)
    assert case.complainant is not None
    erase(case.complainant, now=NOW)
    with pytest.raises(NoSuchCase):
        case_files.open_file(read(cast, case), file.pk, "pdf", now=NOW)
    assert case_files.tidy(now=NOW) == 1
    assert not default_storage.exists(file.zip)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd.txt", "_.._etc_passwd.txt"),
        ("a\u202egnp.exe", "agnp.exe"),
        ('<x>:"|?*.txt', "x.txt"),
        ("...", "file"),
        ("n" * 300 + ".pdf", "n" * 97 + ".pdf"),
    ],
)
def test_names_are_such_that_every_system_unpacks_them(name: str, expected: str) -> None:
    assert box.safe(name) == expected
