"""Whether a person wrote a mail, or a machine that must not be answered by another one."""

from __future__ import annotations

import re
from collections.abc import Collection

from ombud.channels.mail.headers import Headers
from ombud.channels.mail.model import Bounce, MailKind
from ombud.privacy.contacts import plain

MOST_HOPS = 40  # servers on the way; nobody is that far away
MOST_REPLIES = 12  # of "Re: Re: Re:" in a row, which two machines write to one another
_REPLY = re.compile(
    r"\s*(?:re|aw|sv|antw?|tr|rv|res|odp|vs|fwd?|wg|\u56de\u590d|\u56de\u8986|\u7b54\u590d|\u7b54\u8986|\u8fd4\u4fe1|"
    r"\u8f6c\u53d1|\u8f49\u5bc4|\u81ea\u52a8\u56de\u590d|\u81ea\u52d5\u56de\u8986|\u0631\u062f)"
    r"(?:[\[(]\d{1,4}[\])])?\s*[:\uff1a]",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"(?:no[._-]?reply|do[._-]?not[._-]?reply|mailer-daemon|postmaster|bounces?)(?:[+=.-].*)?", re.IGNORECASE
)
_MASS = ("list-id", "list-unsubscribe", "list-post", "feedback-id", "x-campaign-id", "x-mailchimp-id")
_ANSWERS = (
    "x-autoreply", "x-autorespond", "x-autoresponse", "x-autoreply-from", "x-mail-autoreply", "x-auto-reply-from",
)  # fmt: skip


def kind_of(
    headers: Headers, sender: str, subject: str, bounce: Bounce | None, own_addresses: Collection[str]
) -> tuple[MailKind, str]:
    """Return who or what speaks, and a code that says by what it is known; "" for a person."""
    if loop := _loop(headers, sender, subject, own_addresses):
        return MailKind.LOOP, loop
    if bounce:
        return (MailKind.BOUNCE if bounce.outcome in ("failed", "delayed") else MailKind.AUTOMATIC), bounce.outcome
    why = _automatic(headers, sender)
    return (MailKind.AUTOMATIC, why) if why else (MailKind.PLAIN, "")


def replies_before(subject: str) -> int:
    """Return how many "Re:" of any language a subject begins with."""
    count, at = 0, 0
    while found := _REPLY.match(subject, at):
        count, at = count + 1, found.end()
    return count


def _loop(headers: Headers, sender: str, subject: str, own_addresses: Collection[str]) -> str:
    if sender and plain(sender) in map(plain, own_addresses):
        return "own-address"
    if sum(name == "received" for name, _ in headers.fields) > MOST_HOPS:
        return "hops"
    return "growing-subject" if replies_before(subject) > MOST_REPLIES else ""


def _automatic(headers: Headers, sender: str) -> str:
    if (said := _word(headers, "auto-submitted")) and said != "no":
        return "auto-submitted"
    if any(headers.raw(name) for name in _ANSWERS):
        return "auto-reply"
    precedence = _word(headers, "precedence")
    if precedence in ("bulk", "junk", "list", "auto_reply"):
        return f"precedence-{precedence.replace('_', '-')}"
    if headers.raw("return-path") == b"<>":
        return "null-sender"
    if any(headers.raw(name) for name in _MASS):
        return "list"
    # It asks not to be answered by machines; Exchange writes other words for other answers, which say nothing of it.
    suppressed = _word(headers, "x-auto-response-suppress")
    if suppressed == "all" or "autoreply" in suppressed:
        return "suppress"
    return "no-reply" if _NOBODY.fullmatch(sender.partition("@")[0]) else ""


def _word(headers: Headers, name: str) -> str:
    return headers.text(name).partition(";")[0].partition("(")[0].strip().lower()
