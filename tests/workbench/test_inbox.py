"""The inbox: who sees what came in, and what they decide about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from builders import after, make_case
from cast import Cast
from mails import mail as mail_of
from ombud.cases.access.case_access import access_case
from ombud.cases.access.permissions import permissions_of
from ombud.cases.access.recusal import recuse
from ombud.cases.keeping import erasure
from ombud.cases.models import Case
from ombud.cases.reading import queries
from ombud.channels import arrived, filing, sorting
from ombud.channels.mail import ingest
from ombud.channels.mail.ingest import Arrived
from ombud.correspondence import attaching, delivery, inbox, settling, suggesting, taking_in, wording
from ombud.correspondence.models import Account, Message
from ombud.correspondence.taking_in import Incoming
from ombud.notices.models import Notice
from ombud.organisation.models import Membership, Office
from ombud.workbench.inbox import WHY

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
State = Message.State
HOSTILE = '"><script>alert(1)</script>{{ 7*7 }}\u202e'


@pytest.fixture(autouse=True)
def mailbox(cast: Cast, media: Path) -> Account:
    return Account.objects.create(
        key="box", kind="mail", title="Box", address="complaints@example.com", policy="customer-complaints"
    )


def come(*, account: str = "box", state: State = State.WAITING, why: str = "not-filed", **more: Any) -> Message:
    said: dict[str, Any] = {
        "external_id": str(uuid4()), "address": "li@example.org", "name": "Li Na", "subject": "A broken kettle",
        "text": "It leaks.", "original": b"From: li\r\n\r\nIt leaks.", "details": {"why": why}, **more,
    }  # fmt: skip
    incoming = Incoming(way=Message.Way.MAIL, arrived_at=after(1), **said)
    message = taking_in.take_in(Account.objects.get(key=account), incoming, now=after(2))
    assert message is not None
    Message.objects.filter(pk=message.pk).update(state=state)
    message.refresh_from_db()
    return message


def at(message: Message, act: str = "") -> str:
    return f"/desk/inbox/{message.pk}/{act}{'/' if act else ''}"


def shown(client: Client, address: str = "/desk/inbox/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_waits_is_listed_counted_and_says_why(cast: Cast, sign_in: SignIn) -> None:
    come()
    come(subject="Suspect", state=State.QUARANTINED, why="stranger")
    lin = sign_in("lin")
    page = shown(lin)
    assert "A broken kettle" in page
    assert "This account files no complaints by itself." in page
    assert "Suspect" not in page
    assert re.search(r'data-count="inbox"[^>]*>\s*1</span>|data-count="inbox"[^>]*>1<', page)
    suspects = shown(lin, "/desk/inbox/?show=quarantine")
    assert "The sender is not known to the case that they answer to." in suspects
    assert "Nothing was settled yet" in shown(lin, "/desk/inbox/?show=settled")
    assert lin.get("/desk/inbox/?show=nothing").status_code == 404
    assert lin.get("/desk/inbox/?cursor=x").status_code == 404
    for asked in ("account=nobodys", "account=%00", "policy=%00", "show=%00", "cursor=1-%00", f"cursor={'9' * 5000}-1"):
        assert lin.get(f"/desk/inbox/?{asked}").status_code == 404, asked
    assert "A broken kettle" in shown(lin, "/desk/inbox/?account=box&policy=customer-complaints")


def test_what_a_mail_quotes_and_its_signature_stand_folded_below_it_wherever_it_is_read(
    cast: Cast, sign_in: SignIn, mailbox: Account
) -> None:
    way = "way=78abc-" + "0f" * 10
    lines = ["It still leaks.", "-- ", "Li Na, room 12", "On 1 March 2026, Service <x@example.com> wrote:"]
    quote = ["> We are sorry. See", f"> https://complaints.example.com/track/X/open/?{way}"]
    ((message, _mail),) = ingest.take_in(
        mailbox, [Arrived(mail_of("\r\n".join([*lines, *quote])), after(1))], now=after(2)
    )
    Message.objects.filter(pk=message.pk).update(state=State.WAITING)
    lin, case = sign_in("lin"), make_case().case
    waiting = shown(lin, at(message))
    attaching.attach(Message.objects.get(pk=message.pk), case, now=after(3))
    attached = shown(lin, f"/desk/cases/{case.reference}/")
    for page in (waiting, attached):
        _said, _, apart = page.partition("It still leaks.")
        assert "Li Na, room 12" in apart
        assert "We are sorry. See" in apart
        assert (apart.count("What it quotes"), way in page) == (1, False)
    assert "We are sorry" not in shown(sign_in("ai"), f"/desk/cases/{case.reference}/")  # who sees it masked


def test_what_waits_of_a_case_is_counted_for_who_may_see_the_case(cast: Cast) -> None:
    come()
    mine = make_case().case
    Message.objects.filter(pk=come().pk).update(case=mine)
    lin = inbox.waiting_count(permissions_of(cast.lin))
    recuse(mine, cast.lin, reason="亲属", now=after(3))
    assert (lin, inbox.waiting_count(permissions_of(cast.lin))) == (2, 1)
    assert inbox.waiting_count(permissions_of(cast.wei)) == 2
    assert inbox.waiting_count(permissions_of(cast.chen)) == 0


def test_only_who_answers_for_the_policy_sees_its_messages(cast: Cast, sign_in: SignIn, mailbox: Account) -> None:
    Account.objects.create(key="any", kind="mail", address="info@example.com")
    own, ownerless = come(), come(account="any", subject="To nobody")
    for who, status in (("lin", 200), ("wei", 200), ("mo", 404), ("chen", 404), ("ai", 404), ("nobody", 404)):
        assert sign_in(who).get(at(own)).status_code == status, who
        assert sign_in(who).get(at(own, "original")).status_code == status, who
    for who in ("chen", "ai", "nobody"):
        assert sign_in(who).get("/desk/inbox/").status_code == 403
        for act in ("attach", "dismiss", "restore", "release"):
            assert sign_in(who).post(at(own, act), {"reason": "x"}).status_code == 404
    assert "/desk/inbox/" not in shown(sign_in("chen"), "/desk/")
    manager = shown(sign_in("mo"))
    assert "To nobody" in manager
    assert "A broken kettle" not in manager
    assert sign_in("lin").get(at(ownerless)).status_code == 404


def test_an_office_sees_its_own_and_what_is_of_none(cast: Cast, sign_in: SignIn) -> None:
    here, there = (Office.objects.create(key=key, name={"en": key}, tz="UTC") for key in ("a", "b"))
    Membership.objects.filter(person=cast.lin).update(office=here)
    rows = [come(subject=name) for name in ("Here", "There", "Anywhere")]
    for row, office in zip(rows, (here, there, None), strict=True):
        Message.objects.filter(pk=row.pk).update(office=office)
    lin, wei = sign_in("lin"), sign_in("wei")
    assert [name in shown(lin) for name in ("Here", "There", "Anywhere")] == [True, False, True]
    assert lin.get(at(rows[1])).status_code == 404
    assert "There" in shown(wei)


def test_attaching_makes_it_the_cases_and_tells_its_handler(cast: Cast, sign_in: SignIn) -> None:
    case, message = make_case().case, come()
    lin = sign_in("lin")
    page = lin.post(at(message, "attach"), {"reference": case.reference.lower()}, follow=True).content.decode()
    assert f"Attached to {case.reference}" in page
    message.refresh_from_db()
    assert (message.case, message.state, message.by, message.keeper) == (
        case,
        State.ATTACHED,
        cast.lin,
        case.complainant,
    )
    assert Notice.objects.filter(kind="message", case=case).exists()
    on_case = shown(lin, f"/desk/cases/{case.reference}/")
    assert "It leaks." in on_case
    got = lin.get(f"/desk/cases/{case.reference}/messages/{message.pk}/original/")
    assert b"".join(got.streaming_content) == b"From: li\r\n\r\nIt leaks."  # type: ignore[attr-defined]
    assert "sandbox" in got["Content-Security-Policy"]
    assert sign_in("ai").get(f"/desk/cases/{case.reference}/messages/{message.pk}/original/").status_code == 403
    assert sign_in("deng").get(f"/desk/cases/{case.reference}/messages/{message.pk}/original/").status_code == 404


def test_a_case_that_is_not_there_not_theirs_or_erased_takes_nothing(cast: Cast, sign_in: SignIn) -> None:
    message, lin = come(), sign_in("lin")
    for typed in ("", "nonsense", "KT-0000-0000-0", "\0"):
        answer = lin.post(at(message, "attach"), {"reference": typed})
        assert answer.status_code == 422
        assert "You see no case with this number" in answer.content.decode()
    message.refresh_from_db()
    assert (message.case, message.state) == (None, State.WAITING)


def test_no_complaint_needs_a_reason_that_is_sealed_and_can_be_taken_back(cast: Cast, sign_in: SignIn) -> None:
    message, lin = come(), sign_in("lin")
    answer = lin.post(at(message, "dismiss"), {"reason": "  "})
    assert answer.status_code == 422
    assert "Say why it is no complaint" in answer.content.decode()
    assert lin.post(at(message, "dismiss"), {"reason": f"Thanks {HOSTILE}"}).status_code == 302
    message.refresh_from_db()
    assert (message.state, message.by, message.settled_at) == (State.DISMISSED, cast.lin, after(210))
    assert "Thanks" not in str(message.sealed)
    page = shown(lin, at(message))
    assert "Thanks" in page
    assert "<script>alert" not in page
    assert "A broken kettle" in shown(lin, "/desk/inbox/?show=settled")
    assert lin.post(at(message, "restore"), follow=True).status_code == 200
    message.refresh_from_db()
    assert (message.state, message.settled_at) == (State.WAITING, None)


def test_who_comes_second_is_told_so(cast: Cast, sign_in: SignIn) -> None:
    case, message = make_case().case, come()
    lin, wei = sign_in("lin"), sign_in("wei")
    lin.post(at(message, "dismiss"), {"reason": "Thanks"})
    for act, sent in (("attach", {"reference": case.reference}), ("dismiss", {"reason": "spam"}), ("release", {})):
        answer = wei.post(at(message, act), sent)
        assert answer.status_code == 409, act
        assert "Somebody else has settled this message meanwhile" in answer.content.decode()
    message.refresh_from_db()
    assert (message.state, message.by, message.case) == (State.DISMISSED, cast.lin, None)
    with pytest.raises(settling.SettledMeanwhile):
        attaching.attach(message, case, now=after(3))


def test_what_is_released_from_quarantine_waits_among_the_others(cast: Cast, sign_in: SignIn) -> None:
    message, lin = come(state=State.QUARANTINED, why="stranger"), sign_in("lin")
    assert "Release from quarantine" in shown(lin, at(message))
    lin.post(at(message, "release"))
    message.refresh_from_db()
    assert message.state == State.WAITING


def test_cases_are_suggested_by_address_number_order_and_words(cast: Cast, sign_in: SignIn) -> None:
    by_address = make_case(email="li@example.org", subject="吹风机").case
    named = make_case(email="x@example.org", subject="灯").case
    ordered = make_case(email="y@example.org", subject="椅子", object="订单 SO-20261129-77").case
    similar = make_case(email="z@example.org", subject="A broken kettle").case
    message = come(subject="Re: A broken kettle", text=f"See {named.reference} and order SO20261129/77")
    page = shown(sign_in("lin"), at(message))
    for case in (by_address, named, ordered, similar):
        assert case.reference in page, case.subject if hasattr(case, "subject") else case
    for words in ("same e-mail address", "names its number", "same order or account number", "similar words"):
        assert words in page


def test_a_hostile_message_is_words_and_nothing_else(cast: Cast, sign_in: SignIn) -> None:
    message = come(subject=HOSTILE, text=HOSTILE, name=HOSTILE, files=[{"name": HOSTILE, "size": 3}])
    lin = sign_in("lin")
    for address in ("/desk/inbox/", at(message)):
        page = shown(lin, address)
        assert "<script>alert" not in page
        assert "49" not in re.sub(r"[0-9a-f]{8}-[0-9a-f-]+", "", page[page.index("<main") : page.index("</main")])


def test_the_list_asks_a_fixed_number_of_queries_and_pages(
    cast: Cast, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    lin = sign_in("lin")
    for number in range(3):
        come(subject=f"Few {number}")
    shown(lin)
    with django_assert_max_num_queries(30) as few:
        shown(lin)
    for number in range(60):
        come(subject=f"Many {number}")
    with django_assert_max_num_queries(30) as many:
        page = shown(lin)
    assert len(few) == len(many)
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older is not None
    both = page + shown(lin, older.group(1).replace("&amp;", "&"))
    assert all(f"Many {number}<" in both for number in range(60))
    assert all(f"Few {number}<" in both for number in range(3))


def test_references_are_found_in_any_text_and_quickly() -> None:
    case = "KT-" + "-".join(["ABCD", "EFGH", "0"])
    assert suggesting.references_in("no reference here, re: this that 1") == []
    assert suggesting.references_in(("x" * 50 + "-") * 400) == []
    assert case not in suggesting.references_in(case)  # its check character is wrong


def test_a_messages_words_are_sealed(cast: Cast) -> None:
    assert "leaks" not in str(come().sealed)
    assert wording.said(come())[1] == "It leaks."


def test_a_case_may_be_named_whose_complainant_was_erased(cast: Cast, sign_in: SignIn) -> None:
    case, message = make_case().case, come()
    assert case.complainant is not None
    erasure.erase(case.complainant, now=after(5), by=cast.mo)
    answer = sign_in("lin").post(at(message, "attach"), {"reference": case.reference})
    assert answer.status_code == 422
    assert "is erased" in answer.content.decode()
    assert Case.objects.get(pk=case.pk).messages.count() == 0


MAIL = (
    b"From: Li Na <li@example.org>\r\nSubject: A broken kettle\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nIt leaks.\r\n'
    b'--b\r\nContent-Type: text/plain; name="till.txt"\r\nContent-Disposition: attachment; filename="till.txt"\r\n\r\n'
    b"receipt 7\r\n--b\r\nContent-Type: application/x-msdownload\r\n"
    b'Content-Disposition: attachment; filename="../../run.exe"\r\n\r\nMZ\x90\x00\x00\r\n--b--\r\n'
)
FILES = [{"name": "till.txt", "size": 9}, {"name": "../../run.exe", "size": 5}]


def test_a_message_becomes_a_complaint_counted_from_its_arrival_with_its_files(cast: Cast, sign_in: SignIn) -> None:
    message, lin = come(original=MAIL, files=FILES), sign_in("lin")
    page = shown(lin, at(message, "complaint"))
    assert 'value="A broken kettle"' in page
    assert "It leaks." in page
    assert 'value="li@example.org"' in page
    sent = {"subject": "Kettle", "narrative": "It leaks.", "email": "li@example.org", "channel": "email"}
    assert lin.post(at(message, "complaint"), {"channel": "email"}).status_code == 422
    answer = lin.post(at(message, "complaint"), sent)
    case = Case.objects.get()
    assert answer["Location"] == f"/desk/cases/{case.reference}/"
    assert (case.received_at, case.channel) == (after(1), "email")
    assert [row.size for row in case.attachments.all()] == [9]
    message.refresh_from_db()
    assert (message.state, message.case, message.by, message.seq) == (State.FILED, case, cast.lin, 1)
    assert lin.post(at(message, "complaint"), sent).status_code == 409
    assert lin.get(at(message, "complaint")).status_code == 409
    assert Case.objects.count() == 1


def test_the_files_of_a_message_are_handed_out_as_what_they_are_and_never_run(cast: Cast, sign_in: SignIn) -> None:
    message, lin = come(original=MAIL, files=FILES), sign_in("lin")
    for number, ending in ((0, "till.txt"), (1, "run.exe.bin")):
        got = lin.get(at(message, f"files/{number}"))
        assert ending in got["Content-Disposition"]
        assert got["Content-Disposition"].startswith("attachment")
        assert "sandbox" in got["Content-Security-Policy"]
    assert lin.get(at(message, "files/2")).status_code == 404
    assert sign_in("deng").get(at(message, "files/0")).status_code == 404
    case = make_case().case
    attaching.attach(message, case, now=after(5))
    here = f"/desk/cases/{case.reference}/messages/{message.pk}/files/0/"
    assert lin.get(here).status_code == 200
    assert sign_in("ai").get(here).status_code == 403
    assert sign_in("deng").get(here).status_code == 404


ANSWER = {"m-subject": "Re: A broken kettle", "m-text": "Two years.", "m-language": "en"}


def test_an_answer_without_a_case_settles_the_message_and_is_sent_in_its_thread(
    cast: Cast, sign_in: SignIn, settings: Any
) -> None:
    settings.OMBUD_UNDO_SECONDS = 10
    message, lin = come(external_id="7@there"), sign_in("lin")
    assert 'value="Re: A broken kettle"' in shown(lin, at(message, "answer"))
    assert lin.post(at(message, "answer"), {**ANSWER, "m-text": ""}).status_code == 422
    page = lin.post(at(message, "answer"), ANSWER, follow=True).content.decode()
    assert "Two years." in page
    assert "Call back" in page
    message.refresh_from_db()
    assert (message.state, message.by) == (State.ANSWERED, cast.lin)
    assert lin.post(at(message, "answer"), ANSWER).status_code == 409
    sent = Message.objects.get(is_out=True)
    assert (sent.answers, sent.keeper, sent.case, sent.account) == (message, message.keeper, None, message.account)
    delivery.deliver(Account.objects.get(key="box"), now=after(211))
    (mailed,) = mail.outbox
    assert (mailed.to, mailed.body.split("\n")[0]) == (["li@example.org"], "Two years.")
    assert mailed.extra_headers["In-Reply-To"] == "<7@there>"
    assert sign_in("deng").get(at(message, "answer")).status_code == 404


def test_an_answer_that_is_called_back_lets_the_message_wait_again(cast: Cast, sign_in: SignIn, settings: Any) -> None:
    settings.OMBUD_UNDO_SECONDS = 10
    message, lin = come(), sign_in("lin")
    lin.post(at(message, "answer"), ANSWER)
    sent = Message.objects.get(is_out=True)
    assert sign_in("deng").post(at(message, f"answer/{sent.pk}/back")).status_code == 404
    assert lin.post(at(message, f"answer/{message.pk}/back")).status_code == 404
    assert lin.post(at(message, f"answer/{sent.pk}/back")).status_code == 302
    message.refresh_from_db()
    sent.refresh_from_db()
    assert (message.state, sent.state) == (State.WAITING, State.WITHDRAWN)


def test_nobody_is_answered_who_left_no_address(cast: Cast, sign_in: SignIn) -> None:
    message = come(address="")
    assert sign_in("lin").post(at(message, "answer"), ANSWER).status_code == 422
    message.refresh_from_db()
    assert message.state == State.WAITING


def test_more_words_than_a_field_holds_keep_no_complaint_from_being_filed(cast: Cast, mailbox: Account) -> None:
    mailbox.channel = "email"
    mailbox.save()
    message = come(text="\u6f0f\u6c34\u3002" * 10_000, name="n" * 900, state=State.ARRIVED)
    case = filing.file(message, [], now=after(3)).case
    message.refresh_from_db()
    assert (message.case, message.state) == (case, State.FILED)
    assert len(str(wording.part(message, wording.TEXT))) == 30_000
    said = {each.field: each.value for each in queries.facts(access_case(cast.lin, case.reference))}
    assert (len(said["narrative"]), said["narrative"][-1], len(said["name"])) == (20_000, "\u2026", 500)


def test_what_our_own_server_found_out_about_a_sender_is_shown_with_the_message(
    cast: Cast, sign_in: SignIn, mailbox: Account
) -> None:
    mailbox.options = {"trusted_servers": ["mx.example.com"]}
    mailbox.save()
    found = "mx.example.com; spf=fail smtp.mailfrom=x@evil.example; dkim=pass header.d=example.org; dmarc=none"
    claimed = "mx.evil.example; spf=pass smtp.mailfrom=x@bank.example; dmarc=pass"  # by the sender
    pages = []
    for number, result in enumerate((found, claimed)):
        raw = mail_of("It leaks.", message_id=f"<{number}@example.org>", authentication_results=result)
        ((message, _mail),) = ingest.take_in(mailbox, [Arrived(raw, after(1))], now=after(2))
        Message.objects.filter(pk=message.pk).update(state=State.WAITING)
        pages.append(shown(sign_in("lin"), at(message)))
    said = "mx.example.com looked at the sender: SPF fails (evil.example), DKIM holds (example.org), DMARC is open"
    assert said in pages[0]
    assert "looked at the sender" not in pages[1]
    case = make_case().case
    attaching.attach(Message.objects.get(external_id="0@example.org"), case, now=after(3))
    assert said in shown(sign_in("lin"), f"/desk/cases/{case.reference}/")
    assert "evil.example" not in shown(sign_in("ai"), f"/desk/cases/{case.reference}/")  # who sees it masked


def test_what_of_a_message_could_not_be_had_is_said(cast: Cast, sign_in: SignIn, mailbox: Account) -> None:
    raw = mail_of("", content_type="multipart/mixed")
    ((message, _mail),) = ingest.take_in(mailbox, [Arrived(raw, after(1), 90_000_000)], now=after(2))
    Message.objects.filter(pk=message.pk).update(state=State.WAITING)
    page = shown(sign_in("lin"), at(message))
    assert "It is too large (85.8\xa0MB): only its head was taken in." in page
    assert "It came damaged" in page
    lost = come(details={"why": "not-filed", "lost": ["a.jpg", HOSTILE]})
    page = shown(sign_in("lin"), at(lost))
    assert "Files that could not be fetched: a.jpg, " in page
    assert HOSTILE not in page


def test_whatever_lets_a_message_wait_is_said_in_words() -> None:
    reasons = {
        sorting.STRANGER, sorting.FORGED, sorting.TOO_MANY, sorting.INCOMPLETE, sorting.NOT_FILED, sorting.ERASED,
        sorting.SEVERAL, sorting.UNANSWERED, sorting.ASKED, arrived.UNREADABLE,
    }  # fmt: skip
    assert reasons <= WHY.keys()


def test_an_answer_goes_where_its_sender_wants_it(cast: Cast, sign_in: SignIn, mailbox: Account) -> None:
    wanted = come(address="no-reply@form.example", details={"why": "unanswered", "reply_to": "ann@example.org"})
    broken = come(details={"why": "not-filed", "reply_to": "x\nBcc: y@example.com"})
    lin, sent = sign_in("lin"), {"m-subject": "Re", "m-text": "Which kettle?", "m-language": "en"}
    page = shown(lin, at(wanted, "answer"))
    assert ("ann@example.org" in page, "no-reply@form.example" in page) == (True, False)
    for message in (wanted, broken):
        assert lin.post(at(message, "answer"), sent).status_code == 302
    delivery.deliver(mailbox, now=timezone.now() + timedelta(minutes=1))
    assert sorted(each.to for each in mail.outbox) == [["ann@example.org"], ["li@example.org"]]
