"""A letter that goes by mail takes its PDF along, and the files that the policy sends with it."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message as Mail
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection

from builders import after, make_history
from carried import carry, send_queued
from cast import Cast
from drafted import MONDAY, PDF, at, drafted_letter
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.models import Content
from ombud.correspondence import conversation, delivery, lacking, letter_drafts, letters, telling, wording
from ombud.correspondence.lacking import Lack
from ombud.correspondence.models import Account, Message
from ombud.notices.models import Letter
from ombud.papers import enclosing, going_along, letter_papers
from ombud.papers.errors import PaperError
from overseas import Overseas, make_overseas
from papers.pdfs import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def abroad(db: None, media: Path) -> Iterator[Overseas]:
    with time_machine.travel(MONDAY, tick=False):
        yield make_overseas()


def proposal(case_pk: int) -> Message:
    return Message.objects.get(case=case_pk, letter__document="proposal")


def files_of(sent: Any) -> dict[str, bytes]:
    assert not any(isinstance(each, Mail) for each in sent.attachments), "each file has a name of its own"
    return {name: content for name, content, _type in sent.attachments}


def test_the_pdf_of_the_mail_is_that_of_the_page_and_is_kept_sealed(cast: Cast, media: Path) -> None:
    case = make_history(cast, "communicate")
    carry(now=after(181))
    sent = next(each for each in mail.outbox if "换新并致歉" in each.body)
    [(name, content)] = files_of(sent).items()
    assert "换新并致歉" in words_of(content)
    letter = Letter.objects.get(case=case, document="proposal")
    accessed = access_case(cast.lin, case.reference)
    assert name == f"{case.reference}-proposal-20260303.pdf"
    assert letter_papers.paper_of(accessed, letter.pk).content == content
    said = next(each for each in conversation.of(accessed, now=after(182)).rows if each.message.letter == letter)
    assert [each.name for each in said.files] == [name]
    assert all(b"%PDF" not in path.read_bytes() for path in media.rglob("*") if path.is_file())


def test_it_waits_for_its_pdf_and_is_set_outside_of_any_transaction(
    cast: Cast, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_history(cast, "communicate")
    while letters.write_waiting(now=after(181)):
        pass
    for account in Account.objects.filter(sends=True):
        delivery.deliver(account, now=after(181))
    assert proposal(case.pk).state == Message.State.QUEUED
    held, real = [], going_along.letter_pdf
    depth = len(connection.savepoint_ids)

    def watched(paper: Any) -> bytes:
        held.append(len(connection.savepoint_ids) - depth)
        return real(paper)

    monkeypatch.setattr(going_along, "letter_pdf", watched)
    assert enclosing.enclose_waiting(now=after(181)) == 1
    assert enclosing.enclose_waiting(now=after(181)) == 0
    send_queued(now=after(181))
    assert (held, proposal(case.pk).state) == ([0], Message.State.HANDED_OVER)


def test_a_letter_that_cannot_be_set_goes_without(cast: Cast, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_history(cast, "communicate")

    def failing(paper: Any) -> bytes:
        raise PaperError("no glyph")

    monkeypatch.setattr(going_along, "letter_pdf", failing)
    carry(now=after(181))
    sent = next(each for each in mail.outbox if "换新并致歉" in each.body)
    message = proposal(case.pk)
    assert (sent.attachments, message.state, message.lacks) == ([], Message.State.HANDED_OVER, True)
    accessed = access_case(cast.lin, case.reference)
    said = next(each for each in conversation.of(accessed, now=after(182)).rows if each.message.pk == message.pk)
    name = f"{case.reference}-proposal-20260303.pdf"
    assert said.without == ((name, str(telling.WITHOUT[lacking.NOT_SET])),)
    theirs = access_case(grant_of(case), case.reference)
    assert not any(each.without for each in conversation.of(theirs, now=after(182)).rows)
    monkeypatch.undo()
    mail.outbox.clear()
    assert lacking.send_again(message, now=after(190))
    assert not lacking.send_again(message, now=after(190))
    carry(now=after(190))
    [again] = mail.outbox
    assert list(files_of(again)) == [name]
    assert again.extra_headers["Message-ID"] != sent.extra_headers["Message-ID"]


def test_what_fails_for_want_of_a_server_is_tried_again_and_goes_without_in_the_end(
    cast: Cast, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_history(cast, "communicate")

    def away(*_: Any) -> Any:
        raise OSError("the storage is away")

    monkeypatch.setattr("ombud.correspondence.originals.store", away)
    carry(now=after(181))
    assert proposal(case.pk).awaits_enclosures
    carry(now=after(182))  # its lease has not ended
    carry(now=after(184))
    assert proposal(case.pk).state == Message.State.QUEUED
    carry(now=after(200))
    assert (proposal(case.pk).state, proposal(case.pk).lacks) == (Message.State.HANDED_OVER, True)


def test_what_is_too_large_for_mail_is_left_out_and_named_and_the_paper_goes(
    abroad: Overseas, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = drafted_letter(abroad)
    letter_drafts.hand_in(message, seen=1, by=abroad.anna, now=at(10))
    letter_drafts.decide(message, is_approved=True, reason="", seen=1, by=abroad.lau, now=at(11))
    letter_drafts.send(message, seen=1, by=abroad.anna, now=at(12))
    mail.outbox.clear()
    letter = Letter.objects.get(case=message.case, document="legal_letter")
    paper = letter_papers.paper_of(access_case(abroad.anna, message.case.reference), letter.pk)
    monkeypatch.setattr("ombud.correspondence.enclosures.MOST_BYTES", len(paper.content) + len(PDF) - 1)
    carry(now=at(13))
    [sent] = mail.outbox
    assert list(files_of(sent)) == [paper.name]
    message.refresh_from_db()
    assert lacking.of(message, wording.vault_of(message)) == (Lack("brief.pdf", lacking.TOO_LARGE),)


def test_what_a_dead_clock_was_at_is_done_by_another(cast: Cast, media: Path) -> None:
    case = make_history(cast, "communicate")
    while letters.write_waiting(now=after(181)):
        pass
    Message.objects.filter(pk=proposal(case.pk).pk).update(lease_until=after(183))
    assert enclosing.enclose_waiting(now=after(182)) == 0
    assert enclosing.enclose_waiting(now=after(184)) == 1


def test_the_files_that_the_policy_names_go_along(abroad: Overseas) -> None:
    message = drafted_letter(abroad)
    letter_drafts.hand_in(message, seen=1, by=abroad.anna, now=at(10))
    letter_drafts.decide(message, is_approved=True, reason="", seen=1, by=abroad.lau, now=at(11))
    letter_drafts.send(message, seen=1, by=abroad.anna, now=at(12))
    mail.outbox.clear()
    carry(now=at(13))
    [sent] = mail.outbox
    found = files_of(sent)
    assert list(found) == [f"{message.case.reference}-legal_letter-20261130.pdf", "brief.pdf"]
    assert found["brief.pdf"] == PDF


@pytest.mark.parametrize("why", [lacking.UNSCANNED, lacking.INFECTED])
def test_a_file_that_was_not_found_clean_stays_behind_and_is_named(abroad: Overseas, settings: Any, why: str) -> None:
    settings.OMBUD_CLAMD = "unix:///nobody"
    message = drafted_letter(abroad)
    letter_drafts.hand_in(message, seen=1, by=abroad.anna, now=at(10))
    letter_drafts.decide(message, is_approved=True, reason="", seen=1, by=abroad.lau, now=at(11))
    letter_drafts.send(message, seen=1, by=abroad.anna, now=at(12))
    Content.objects.update(verdict="infected" if why == lacking.INFECTED else "")
    mail.outbox.clear()
    carry(now=at(13))
    [sent] = mail.outbox
    assert "brief.pdf" not in files_of(sent)
    message.refresh_from_db()
    assert lacking.of(message, wording.vault_of(message)) == (Lack("brief.pdf", why),)
    told = next(
        each
        for each in conversation.of(access_case(abroad.anna, message.case.reference), now=at(14)).rows
        if each.message.pk == message.pk
    )
    assert told.without == (("brief.pdf", str(telling.WITHOUT[why])),)
