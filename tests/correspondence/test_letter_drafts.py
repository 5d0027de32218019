"""Letters that people edit: kept in versions, approved by somebody else, sent by a person and never by the clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.core import mail

from carried import carry
from drafted import MONDAY, at, drafted_letter
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.keeping import daily_roots, erasure, records
from ombud.correspondence import conversation, letter_drafts, letter_versions
from ombud.correspondence.letter_drafts import NoReason, NotADraft, NotApproved, OwnWords
from ombud.correspondence.models import LetterVersion, Message
from ombud.notices import reading
from ombud.notices.models import Letter, Notice
from ombud.privacy.keys import key_of
from overseas import Overseas, make_overseas

pytestmark = pytest.mark.django_db
State = Message.State


BRIEF = "We owe you nothing, says section 7."


@pytest.fixture
def abroad(db: None, media: Path) -> Iterator[Overseas]:
    """The overseas policy and its people; files are kept in a folder of the test's own."""
    with time_machine.travel(MONDAY, tick=False):
        yield make_overseas()


def latest(message: Message) -> LetterVersion:
    return message.versions.latest("number")


def approve(message: Message, cast: Overseas, *, seen: int) -> None:
    letter_drafts.hand_in(message, seen=seen, by=cast.anna, now=at(10))
    letter_drafts.decide(message, is_approved=True, reason="", seen=seen, by=cast.lau, now=at(11))


def test_the_clock_never_sends_a_draft_and_nobody_outside_sees_it(abroad: Overseas) -> None:
    message, before = drafted_letter(abroad), len(mail.outbox)
    carry(now=at(60 * 24 * 9))
    assert len(mail.outbox) == before
    assert (message.state, message.letter, message.document) == (State.DRAFTED, None, "legal_letter")
    assert not Letter.objects.filter(case=message.case, document="legal_letter").exists()
    theirs = access_case(grant_of(message.case), message.case.reference)
    assert message.pk not in [said.message.pk for said in conversation.of(theirs, now=at(60)).rows]
    assert [each.document for each in reading.letters_of(theirs)].count("legal_letter") == 0
    assert BRIEF not in str(latest(message).sealed)


def test_its_words_are_the_policys_until_somebody_writes_and_every_version_is_kept(abroad: Overseas) -> None:
    message = drafted_letter(abroad)
    key = key_of(message.keeper)
    letter_drafts.edit(message, "Our answer", BRIEF, seen=1, by=abroad.anna, now=at(5))
    letter_drafts.edit(message, "Our answer", BRIEF, seen=2, by=abroad.anna, now=at(6))  # says nothing new
    first, second = message.versions.order_by("number")
    assert letter_versions.words_of(first, key)[0] == "Legal letter on your complaint"
    assert first.by is None
    assert letter_versions.words_of(second, key) == ("Our answer", BRIEF)
    with pytest.raises(NotADraft):  # somebody wrote meanwhile
        letter_drafts.edit(message, "Mine", "Over hers", seen=1, by=abroad.lau, now=at(7))


def test_it_goes_out_once_in_the_words_that_somebody_else_approved(abroad: Overseas) -> None:
    message = drafted_letter(abroad)
    letter_drafts.edit(message, "Our answer", BRIEF, seen=1, by=abroad.anna, now=at(5))
    with pytest.raises(NotApproved):
        letter_drafts.send(message, seen=2, by=abroad.anna, now=at(6))
    approve(message, abroad, seen=2)
    letter_drafts.edit(message, "Our answer", BRIEF + "!", seen=2, by=abroad.anna, now=at(12))
    with pytest.raises(NotApproved):  # other words than those that were approved
        letter_drafts.send(message, seen=3, by=abroad.anna, now=at(13))
    letter_drafts.hand_in(message, seen=3, by=abroad.anna, now=at(14))
    letter_drafts.decide(message, is_approved=True, reason="", seen=3, by=abroad.lau, now=at(15))
    mail.outbox.clear()
    letter_drafts.send(message, seen=3, by=abroad.anna, now=at(20))
    with pytest.raises(NotADraft):
        letter_drafts.send(message, seen=3, by=abroad.anna, now=at(20))
    carry(now=at(21))
    [sent] = mail.outbox
    assert BRIEF + "!" in sent.body
    message.refresh_from_db()
    assert (message.state, message.by, message.sent_at) == (State.HANDED_OVER, abroad.anna, at(21))
    letter = Letter.objects.get(case=message.case, document="legal_letter")
    assert (message.letter, letter.sent_at) == (letter, at(21))


def test_nobody_approves_what_they_wrote_and_nobody_without_the_role(abroad: Overseas) -> None:
    message = drafted_letter(abroad)
    letter_drafts.edit(message, "Our answer", BRIEF, seen=1, by=abroad.lau, now=at(5))
    letter_drafts.hand_in(message, seen=2, by=abroad.anna, now=at(6))
    with pytest.raises(NotApproved):
        letter_drafts.decide(message, is_approved=True, reason="", seen=2, by=abroad.anna, now=at(7))
    with pytest.raises(OwnWords):
        letter_drafts.decide(message, is_approved=True, reason="", seen=2, by=abroad.lau, now=at(7))
    with pytest.raises(NoReason):
        letter_drafts.decide(message, is_approved=False, reason=" ", seen=2, by=abroad.lau, now=at(7))
    letter_drafts.decide(message, is_approved=False, reason="Too sharp", seen=2, by=abroad.lau, now=at(8))
    assert letter_versions.reason_of(latest(message), key_of(message.keeper)) == "Too sharp"


def test_whoever_handles_the_case_is_told_at_once_and_reminded_each_day(abroad: Overseas) -> None:
    message = drafted_letter(abroad)
    told = Notice.objects.filter(case=message.case, kind=Notice.Kind.DRAFT)
    assert [each.person for each in told] == [abroad.anna]
    assert letter_drafts.remind(now=at(60)) == 0
    assert letter_drafts.remind(now=at(60 * 25)) == 1
    assert letter_drafts.remind(now=at(60 * 25)) == 0
    assert told.all().count() == 2
    letter_drafts.hand_in(message, seen=1, by=abroad.anna, now=at(60 * 26))
    assert told.all().latest("pk").person == abroad.lau


def test_one_that_is_not_sent_is_put_aside_for_a_reason(abroad: Overseas) -> None:
    message = drafted_letter(abroad)
    with pytest.raises(NoReason):
        letter_drafts.put_aside(message, reason="", seen=1, by=abroad.anna, now=at(5))
    letter_drafts.put_aside(message, reason="Agreed by telephone", seen=1, by=abroad.anna, now=at(5))
    assert letter_drafts.remind(now=at(60 * 50)) == 0
    ours = access_case(abroad.anna, message.case.reference)
    said = next(each for each in conversation.of(ours, now=at(6)).rows if each.message.pk == message.pk)
    assert said.failure == "Agreed by telephone"
    theirs = access_case(grant_of(message.case), message.case.reference)
    assert message.pk not in [each.message.pk for each in conversation.of(theirs, now=at(6)).rows]


def test_a_daily_root_sees_its_versions_and_a_changed_word_is_found(abroad: Overseas) -> None:
    message = drafted_letter(abroad)
    daily_roots.make_root(now=at(60 * 24))
    approve(message, abroad, seen=1)
    letter_drafts.send(message, seen=1, by=abroad.anna, now=at(60 * 25))
    assert list(records.problems()) == []
    LetterVersion.objects.update(sealed={})
    assert [each for each in records.problems() if each.startswith("words")]


def test_nothing_of_it_is_left_to_read_once_its_complainant_was_erased(abroad: Overseas) -> None:
    message = drafted_letter(abroad)
    erasure.erase(message.keeper, by=abroad.mo, now=at(60))
    message.keeper.refresh_from_db()
    assert letter_versions.words_of(latest(message), key_of(message.keeper)) == ("", "")
    assert letter_drafts.remind(now=at(60 * 25)) == 1
    message.refresh_from_db()
    assert message.state == State.WITHDRAWN
