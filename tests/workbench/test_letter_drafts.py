"""A drafted letter in the pages: read, edited, handed in, approved by somebody else, sent; nobody else gets in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.test import Client

from carried import carry
from computing import computed_within
from drafted import MONDAY, at, drafted_letter
from ombud.correspondence.models import Message
from overseas import Overseas, make_overseas

pytestmark = pytest.mark.django_db
WORDS = {"subject": "Our answer", "text": "We owe you nothing.\n\n- Section 7"}


@pytest.fixture
def abroad(db: None, media: Path) -> Iterator[Overseas]:
    with time_machine.travel(MONDAY, tick=False):
        yield make_overseas()


@pytest.fixture
def browser(abroad: Overseas) -> Callable[[str], Client]:
    def signed_in(who: str) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(abroad.people[who])
        return client

    return signed_in


def address(message: Message) -> str:
    assert message.case is not None
    return f"/desk/cases/{message.case.reference}/drafts/{message.pk}/"


def press(client: Client, message: Message, do: str, *, seen: int, **more: str) -> str:
    said = {**WORDS, "seen": str(seen), "do": do, **more}
    return client.post(address(message), said, follow=True).content.decode()


def test_a_letter_that_quotes_long_texts_can_be_kept(abroad: Overseas, browser: Callable[[str], Client]) -> None:
    message = drafted_letter(abroad)
    page = press(browser("anna"), message, "save", seen=1, text="Measures. " * 2_000 + "Result. " * 2_500)
    assert "Kept. It has not been sent." in page


def test_it_is_edited_approved_by_somebody_else_and_sent(abroad: Overseas, browser: Callable[[str], Client]) -> None:
    message = drafted_letter(abroad)
    assert message.case is not None
    anna, lau = browser("anna"), browser("lau")
    assert address(message) in anna.get(f"/desk/cases/{message.case.reference}/").content.decode()
    duties = anna.get("/desk/").content.decode()
    assert address(message) in duties
    assert "Our legal department has reviewed" in anna.get(address(message)).content.decode()
    assert "Nobody gets it before you send it." in press(anna, message, "preview", seen=1)
    assert message.versions.count() == 1  # a preview keeps nothing
    assert "Handed in for approval" in press(anna, message, "hand-in", seen=1)
    page = lau.get(address(message)).content.decode()
    assert "<ins>- Section 7</ins>" in page
    assert "Say why." in press(lau, message, "back", seen=2)
    assert "Approved. It can be sent now." in press(lau, message, "approve", seen=2)
    mail.outbox.clear()
    assert "goes out" in press(anna, message, "send", seen=2)
    carry(now=at(30))
    [sent] = mail.outbox
    assert "- Section 7" in sent.body
    assert anna.get(address(message)).status_code == 404  # no draft any more


def test_who_writes_over_somebody_else_is_told_and_keeps_their_words(
    abroad: Overseas, browser: Callable[[str], Client]
) -> None:
    message, anna = drafted_letter(abroad), browser("anna")
    press(anna, message, "save", seen=1)
    late = anna.post(address(message), {**WORDS, "subject": "Mine", "seen": "1", "do": "save"})
    assert late.status_code == 409
    assert "Mine" in late.content.decode()


def test_whoever_may_not_send_yet_goes_on_with_their_own_words(
    abroad: Overseas, browser: Callable[[str], Client]
) -> None:
    message, anna = drafted_letter(abroad), browser("anna")
    page = press(anna, message, "send", seen=1)
    assert "only once it is approved" in page
    (seen,) = re.findall(r'name="seen" value="(\d+)"', page)
    assert "Handed in for approval" in press(anna, message, "hand-in", seen=int(seen))


@pytest.mark.parametrize(
    "sent",
    [{}, {"do": "send"}, {"do": "explode", "seen": "9" * 50}, {"do": "save", "seen": "²"}, {"subject": "x" * 9999}],
)
def test_whatever_is_sent_is_answered_in_words(
    abroad: Overseas, browser: Callable[[str], Client], sent: dict[str, str]
) -> None:
    message, anna = drafted_letter(abroad), browser("anna")
    assert anna.post(address(message), sent).status_code in (409, 422)
    assert anna.post(address(message), {**WORDS, **sent}).status_code in (409, 422)
    assert message.versions.count() == 1


def test_it_is_not_there_for_who_has_no_part_in_the_case(abroad: Overseas, browser: Callable[[str], Client]) -> None:
    message = drafted_letter(abroad)
    assert browser("nobody").get(address(message)).status_code == 404
    assert browser("ai").get(address(message)).status_code == 403  # reads everything, and acts on nothing
    assert browser("bo").post(address(message), {**WORDS, "do": "send", "seen": "1"}).status_code == 404


def test_versions_of_a_thousand_lines_are_compared_at_once(abroad: Overseas, browser: Callable[[str], Client]) -> None:
    message, anna = drafted_letter(abroad), browser("anna")
    press(anna, message, "save", seen=1, text="\n".join(f"line {number}" for number in range(1_000)))
    with computed_within(2):
        page = press(anna, message, "save", seen=2, text="\n".join(f"item {number}" for number in range(1_000)))
    assert "<ins>item 999</ins>" in page
