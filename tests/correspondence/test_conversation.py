"""What was said on a case: in order, with what became of it, to each reader what is theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from builders import after, make_case, make_history
from carried import carry
from cast import Cast
from ombud.cases.access.case_access import Accessed, access_case, grant_of
from ombud.cases.keeping import erasure
from ombud.cases.models import Case
from ombud.cases.reading.paging import NotOurs
from ombud.correspondence import addressed, attaching, conversation, taking_in, wording
from ombud.correspondence.models import Account, Message
from ombud.correspondence.taking_in import Incoming
from ombud.privacy.keys import key_of

pytestmark = pytest.mark.django_db
State, Way = Message.State, Message.Way
HOSTILE = "<script>alert(1)</script> \u202e\x1b[31m {{ 7*7 }} " + "A" * 5000


@pytest.fixture(autouse=True)
def mailbox(cast: Cast, media: Path) -> Account:
    return Account.objects.create(
        key="box", kind="mail", title="Box", address="complaints@example.com", policy="customer-complaints",
        channel="email",
    )  # fmt: skip


def come(
    case: Case, mailbox: Account, *, minutes: float = 5, address: str = "wang@example.com", **more: Any
) -> Message:
    said: dict[str, Any] = {
        "external_id": f"{minutes}@there",
        "name": "Wang",
        "subject": "Still wet",
        "text": "It leaks",
    }
    incoming = Incoming(way=Way.MAIL, arrived_at=after(minutes), address=address, **{**said, **more})
    message = taking_in.take_in(mailbox, incoming, now=after(minutes))
    assert message is not None
    attaching.attach(message, case, now=after(minutes))
    return message


def note(case: Case, *, minutes: float = 7, text: str = "He called", **more: Any) -> Message:
    assert case.complainant is not None
    key = key_of(case.complainant)
    assert key is not None
    row = Message(
        is_out=False, way=Way.CALL, state=State.ATTACHED, case=case, policy=case.policy, keeper=case.complainant,
        said_at=after(minutes), had_at=after(minutes), **more,
    )  # fmt: skip
    wording.seal(row, key, {wording.TEXT: text})
    row.save(force_insert=True)
    return row


def staff(case: Case, cast: Cast, who: str = "lin") -> Accessed:
    return access_case(cast.people[who], case.reference)


def theirs(case: Case) -> Accessed:
    return access_case(grant_of(case), case.reference)


def heard(accessed: Accessed, minutes: float = 60) -> list[str]:
    return [each.subject or each.text for each in conversation.of(accessed, now=after(minutes)).rows]


def test_letters_messages_and_calls_stand_in_order(cast: Cast, mailbox: Account) -> None:
    case = make_case().case
    carry(now=after(1))
    come(case, mailbox)
    note(case)
    assert heard(staff(case, cast)) == ["我们已收到您的投诉", "Still wet", "He called"]
    (letter, mail, call) = conversation.of(staff(case, cast), now=after(60)).rows
    assert (letter.who, letter.message.state, letter.look) == ("王小明", State.HANDED_OVER, ("send", ""))
    assert (mail.who, mail.text) == ("Wang", "It leaks")
    assert call.icon == "phone"


def test_the_complainant_sees_what_was_said_between_them_and_us_only(cast: Cast, mailbox: Account) -> None:
    case = make_case().case
    carry(now=after(1))
    come(case, mailbox)
    come(case, mailbox, minutes=6, address="officer@authority.example", subject="Report within 3 days")
    note(case)
    assert case.complainant is not None
    Message.objects.create(
        is_out=True, way=Way.MAIL, state=State.HANDED_OVER, case=case, policy=case.policy, keeper=case.complainant,
        to="regulator", said_at=after(8), had_at=after(8),
    )  # fmt: skip
    assert heard(theirs(case)) == ["我们已收到您的投诉", "Still wet"]
    assert len(heard(staff(case, cast))) == 5
    others = [row for row in Message.objects.filter(case=case) if row.to != "complainant" and row.said_at != after(5)]
    for row in others:
        with pytest.raises(Message.DoesNotExist):
            conversation.message_of(theirs(case), row.pk, now=after(60))


def test_what_may_still_be_called_back_is_nothing_that_the_complainant_was_told(cast: Cast) -> None:
    case = make_case().case
    carry(now=after(1))
    message = Message.objects.get()
    Message.objects.update(state=State.WITHDRAWN)
    assert heard(theirs(case)) == []
    Message.objects.filter(pk=message.pk).update(state=State.QUEUED, send_at=after(70))
    assert heard(theirs(case)) == []
    assert heard(theirs(case), 71) == ["我们已收到您的投诉"]


def test_a_masked_reader_learns_that_something_was_said_and_not_what(cast: Cast, mailbox: Account) -> None:
    case = make_case().case
    carry(now=after(1))
    come(case, mailbox, text="Call 13800138000")
    Message.objects.filter(is_out=True).update(state=State.FAILED)
    (letter, mail) = conversation.of(staff(case, cast, "ai"), now=after(60)).rows
    assert letter.is_masked
    assert mail.is_masked
    assert (mail.subject, mail.text, mail.who, mail.files) == ("***", "", "***", ())
    assert letter.text == ""


def test_of_an_erased_case_nothing_is_left_to_read(cast: Cast, mailbox: Account) -> None:
    case = make_case().case
    carry(now=after(1))
    come(case, mailbox)
    assert case.complainant is not None
    erasure.erase(case.complainant, now=after(10), by=cast.mo)
    case = Case.objects.get(pk=case.pk)
    (letter, mail) = conversation.of(staff(case, cast), now=after(60)).rows
    assert letter.is_erased
    assert mail.is_erased
    assert (mail.subject, mail.text) == ("***", "")


def test_what_the_complainant_read_on_their_page_is_read_once(cast: Cast) -> None:
    told, untold, refused = (make_case(email=email).case for email in ("a@example.com", None, "b@example.com"))
    carry(now=after(1))
    row = Message.objects.get(case=refused)
    Message.objects.filter(case=refused).update(state=State.FAILED, account=Account.objects.get(key="box"))
    assert wording.part(Message.objects.get(case=untold), wording.FAILURE) == addressed.NO_ADDRESS
    for case, states in ((told, State.READ), (untold, State.READ), (refused, State.READ)):
        conversation.read_by_complainant(theirs(case), now=after(9))
        conversation.read_by_complainant(theirs(case), now=after(10))
        row = Message.objects.get(case=case)
        assert row.state == states
        assert (row.settled_at == after(9)) == (states == State.READ)


def test_the_query_count_does_not_grow_with_what_was_said(
    cast: Cast, mailbox: Account, django_assert_num_queries: Any
) -> None:
    case = make_history(cast, "communicate")
    carry(now=after(200))
    for minutes in range(5, 15):
        come(case, mailbox, minutes=minutes, subject=HOSTILE, text=HOSTILE)
    for accessed in (staff(case, cast), theirs(case)):
        assert accessed.state is not None
        with django_assert_num_queries(1):
            assert len(conversation.of(accessed, now=after(300)).rows) >= 11


def test_what_was_said_before_the_newest_is_found_by_its_cursor_and_nothing_is_left_out(
    cast: Cast, mailbox: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "MOST", 3)
    case = make_case().case
    for each in range(5):
        come(case, mailbox, minutes=5, external_id=str(each), subject=str(each))
    come(case, mailbox, minutes=6, subject="last")
    for accessed in (staff(case, cast), theirs(case)):
        pages, cursor = [], None
        while len(pages) < 9:
            page = conversation.of(accessed, now=after(60), before=cursor)
            pages.append([each.subject for each in page.rows])
            if (cursor := page.after) is None:
                break
        assert [len(each) for each in pages] in ([3, 3], [3, 3, 1])
        assert pages[0][-1] == "last"
        assert {*"01234", "last"} <= {subject for each in pages for subject in each}
    with pytest.raises(NotOurs):
        conversation.of(staff(case, cast), now=after(60), before="x")


def test_what_had_failed_and_was_read_says_so_to_whoever_owes_another_way(cast: Cast) -> None:
    case = make_case(email=None).case
    carry(now=after(1))
    row = Message.objects.get(case=case)
    assert (row.state, conversation.read_after_all(staff(case, cast))) == (State.FAILED, {})
    conversation.read_by_complainant(theirs(case), now=after(9))
    assert conversation.read_after_all(staff(case, cast)) == {row.pk: after(9)}
    # Another one that nobody has read: the duty stays for it.
    Message.objects.filter(pk=row.pk).update(state=State.FAILED)
    assert conversation.read_after_all(staff(case, cast)) == {}
