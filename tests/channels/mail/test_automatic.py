"""Who speaks: a person, a program, a list, our own mail come back; and what reports say of what we sent."""

import pytest

from mails import mail, multipart, part
from ombud.channels.mail.automatic import replies_before
from ombud.channels.mail.reading import Bounce, MailKind, read


@pytest.mark.parametrize(
    ("headers", "kind", "why"),
    [
        ({}, MailKind.PLAIN, ""),
        ({"auto_submitted": "no"}, MailKind.PLAIN, ""),
        ({"auto_submitted": "auto-replied (vacation)"}, MailKind.AUTOMATIC, "auto-submitted"),
        ({"auto_submitted": "auto-generated; x=y"}, MailKind.AUTOMATIC, "auto-submitted"),
        ({"x_autoreply": "yes"}, MailKind.AUTOMATIC, "auto-reply"),
        ({"precedence": "bulk"}, MailKind.AUTOMATIC, "precedence-bulk"),
        ({"precedence": "auto_reply"}, MailKind.AUTOMATIC, "precedence-auto-reply"),
        ({"precedence": "first-class"}, MailKind.PLAIN, ""),
        ({"x_auto_response_suppress": "All"}, MailKind.AUTOMATIC, "suppress"),
        ({"x_auto_response_suppress": "DR, OOF, AutoReply"}, MailKind.AUTOMATIC, "suppress"),
        ({"x_auto_response_suppress": "DR, RN, NRN"}, MailKind.PLAIN, ""),
        ({"list_id": "<news.example.org>"}, MailKind.AUTOMATIC, "list"),
        ({"return_path": "<>"}, MailKind.AUTOMATIC, "null-sender"),
        ({"from": "No Reply <no-reply@example.org>"}, MailKind.AUTOMATIC, "no-reply"),
        ({"from": "donotreply+7@example.org"}, MailKind.AUTOMATIC, "no-reply"),
        ({"from": "Norah <norah@example.org>"}, MailKind.PLAIN, ""),
        ({"from": "Shop <Complaints@example.com>"}, MailKind.LOOP, "own-address"),
        ({"subject": "Re: " * 20 + "x"}, MailKind.LOOP, "growing-subject"),
        ({"subject": "答复: 回复：Re[4]: AW: Fwd: x"}, MailKind.PLAIN, ""),
    ],
)
def test_who_speaks(headers: dict[str, str], kind: MailKind, why: str) -> None:
    found = read(mail(**headers), own_addresses=["complaints@example.com"])
    assert (found.kind, found.why) == (kind, why)


def test_a_mail_that_went_in_circles_is_known_by_the_way_that_it_came() -> None:
    found = read(b"Received: from a by b\r\n" * 60 + mail())
    assert (found.kind, found.why) == (MailKind.LOOP, "hops")


def test_replies_are_counted_in_any_language() -> None:
    assert replies_before("Re: AW: 答复：回复: SV: رد: Re[2]: Re(3): x Re: y") == 8


REPORT = (
    "Reporting-MTA: dns; mx.example.com\r\n\r\n"
    "Original-Recipient: rfc822;Ann@Example.org\r\nFinal-Recipient: RFC822; ann@example.org\r\n"
    "Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {words}\r\n"
)


def report(action: str, status: str, words: str, returned: str = "text/rfc822-headers") -> bytes:
    said = REPORT.format(action=action, status=status, words=words)
    return multipart(
        part("text/plain", "I am sorry."),
        part("message/delivery-status", said, "Content-Transfer-Encoding: 7bit"),
        part(returned, mail(message_id="<ours@example.com>"), "Content-Transfer-Encoding: 7bit"),
        kind="report; report-type=delivery-status",
        **{"from": "MAILER-DAEMON@example.com", "return_path": "<>", "auto_submitted": "auto-replied"},
    )


@pytest.mark.parametrize(
    ("action", "status", "kind", "is_final"),
    [
        ("failed", "5.1.1", MailKind.BOUNCE, True),
        ("delayed", "4.4.7", MailKind.BOUNCE, False),
        ("delivered", "2.0.0", MailKind.AUTOMATIC, False),
        ("relayed", "2.0.0", MailKind.AUTOMATIC, False),
    ],
)
@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_delivery_reports(action: str, status: str, kind: MailKind, is_final: bool, returned: str) -> None:
    found = read(report(action, status, "550 5.1.1 no such user", returned))
    assert (found.kind, found.why) == (kind, action)
    assert found.bounce == Bounce(
        outcome=action,
        message_ids=("ours@example.com",),
        recipients=("ann@example.org",),
        status=status,
        diagnostic="550 5.1.1 no such user",
        is_final=is_final,
    )


def test_of_several_recipients_those_whom_it_did_not_reach_count() -> None:
    said = (
        "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@x.org\nAction: delivered\nStatus: 2.0.0\n\n"
        "Final-Recipient: rfc822; b@x.org\nAction: failed\nStatus: 5.2.2 (mailbox full)\n"
    )
    found = read(multipart(part("message/delivery-status", said), kind="report"))
    assert found.bounce
    assert (found.bounce.outcome, found.bounce.recipients, found.bounce.status) == ("failed", ("b@x.org",), "5.2.2")


def test_a_receipt_of_reading() -> None:
    said = (
        "Final-Recipient: rfc822;ann@example.org\nOriginal-Message-ID: <ours@example.com>\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n"
    )
    found = read(multipart(part("message/disposition-notification", said), kind="report"))
    assert (found.kind, found.why) == (MailKind.AUTOMATIC, "read")
    assert found.bounce
    assert (found.bounce.message_ids, found.bounce.recipients) == (("ours@example.com",), ("ann@example.org",))


QMAIL = """Hi. This is the qmail-send program at example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.

<ann@example.org>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 unknown user

--- Below this line is a copy of the message.

Return-Path: <complaints@example.com>
Message-ID: <ours@example.com>
Subject: Your complaint
"""
FULL = QMAIL.replace("550 5.1.1", "450 4.2.2")


@pytest.mark.parametrize(
    ("raw", "status", "is_final"),
    [
        (mail(QMAIL, subject="failure notice", return_path="<>", **{"from": "MAILER-DAEMON@x.org"}), "5.1.1", True),
        (mail(QMAIL, subject="系统退信", **{"from": "PostMaster@qq.com"}), "5.1.1", True),
        (mail(FULL, subject="Undeliverable", **{"from": "postmaster@x.org"}), "4.2.2", False),
        (mail(QMAIL, x_failed_recipients="ann@example.org"), "5.1.1", True),
    ],
)  # fmt: skip
def test_reports_in_plain_words(raw: bytes, status: str, is_final: bool) -> None:
    found = read(raw)
    assert found.kind == MailKind.BOUNCE
    assert found.bounce
    assert (found.bounce.message_ids, found.bounce.recipients) == (("ours@example.com",), ("ann@example.org",))
    assert (found.bounce.status, found.bounce.is_final) == (status, is_final)


def test_a_person_who_writes_of_a_returned_mail_is_a_person() -> None:
    found = read(mail("My letter to you came back: undeliverable, 550 5.1.1!", subject="Returned mail"))
    assert (found.kind, found.bounce) == (MailKind.PLAIN, None)
