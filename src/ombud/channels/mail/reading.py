"""Bytes of a mail become what it says. Nothing here raises, whatever the bytes, or asks anything of the world."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from datetime import UTC, datetime
from email.utils import parsedate_tz

from ombud.channels.mail import addresses
from ombud.channels.mail.authenticity import authenticity_of
from ombud.channels.mail.automatic import kind_of
from ombud.channels.mail.bodies import read_body
from ombud.channels.mail.folding import fold
from ombud.channels.mail.headers import Headers, charset_hint
from ombud.channels.mail.model import Authenticity, Bounce, Mail, MailFile, MailKind
from ombud.channels.mail.parts import Part, take_apart
from ombud.channels.mail.reports import report_of
from ombud.policy.plain_text import plain

__all__ = ["Authenticity", "Bounce", "Mail", "MailFile", "MailKind", "read"]

log = logging.getLogger(__name__)

MOST_IDS = 200  # message ids of one header
LONGEST_SUBJECT = 2_000
_YEARS = range(1990, 2100)  # another year is a clock that was never set
_ID = re.compile(rb"<\s*+([^<>\s]{1,900}+)\s*+>")
_BARE_ID = re.compile(rb"[^<>\s,;\"()@]{1,400}+@[^<>\s,;\"()]{1,400}+")


def read(raw: bytes, *, trusted_servers: Collection[str] = (), own_addresses: Collection[str] = ()) -> Mail:
    """Return what a mail says; of one that cannot be read (`unreadable` among its defects) nothing but its bytes.

    `trusted_servers` are the names under which our own servers write what they found out about a sender (the
    authserv-id of RFC 8601); `own_addresses` are those that we send from, from which nobody else writes to us.
    """
    try:
        return _read(raw, trusted_servers, own_addresses)
    except Exception:  # a fault of ours: one mail must not keep all that come after it from being fetched
        log.exception("a mail of %d bytes cannot be read", len(raw))
        return _unread(raw)


def _read(raw: bytes, trusted_servers: Collection[str], own_addresses: Collection[str]) -> Mail:
    root, defects = take_apart(raw)
    headers = root.headers
    hint = _hint(root)
    body = read_body(root, hint)
    subject = headers.text("subject", hint)[:LONGEST_SUBJECT]
    sender, sender_name = addresses.first(headers, "from", hint)
    if not sender:
        sender, sender_name = addresses.first(headers, "sender", hint)
    said, quoted, signature = fold(body.text)
    bounce = report_of(root, sender, body.text)
    kind, why = kind_of(headers, sender, subject, bounce, own_addresses)
    return Mail(
        message_id=next(iter(message_ids(headers.raw("message-id"))), ""),
        sender=sender,
        sender_name=sender_name,
        reply_to=addresses.first(headers, "reply-to", hint)[0],
        recipients=addresses.recipients(headers),
        subject=subject,
        sent_at=sent_at(headers),
        in_reply_to=message_ids(headers.raw("in-reply-to")),
        references=message_ids(headers.raw("references")),
        text=body.text,
        html=body.html,
        said=said,
        quoted=quoted,
        signature=signature,
        files=tuple(body.files),
        kind=kind,
        why=why,
        bounce=bounce,
        authenticity=authenticity_of(headers, trusted_servers),
        defects=tuple(dict.fromkeys((*defects, *body.defects))),
    )


def _unread(raw: bytes) -> Mail:
    return Mail(
        message_id="",
        sender="",
        sender_name="",
        reply_to="",
        recipients=(),
        subject="",
        sent_at=None,
        in_reply_to=(),
        references=(),
        text="",
        html="",
        said="",
        quoted="",
        signature="",
        files=(MailFile("mail.eml", raw, "message/rfc822", ""),),
        kind=MailKind.PLAIN,
        why="",
        bounce=None,
        authenticity=Authenticity(),
        defects=("unreadable",),
    )


def message_ids(value: bytes) -> tuple[str, ...]:
    """Return the message ids of a header without their brackets; the newest of very many."""
    found = _ID.findall(value) or _BARE_ID.findall(value)
    return tuple(dict.fromkeys(plain(each.decode("ascii", "replace")) for each in found))[-MOST_IDS:]


def sent_at(headers: Headers) -> datetime | None:
    """Return the instant of the Date header, None where it is none or absurd; without a zone it counts as UTC."""
    try:
        parsed = parsedate_tz(headers.text("date")[:200])
        if parsed is None or parsed[0] not in _YEARS:
            return None
        return datetime.fromtimestamp(datetime(*parsed[:6], tzinfo=UTC).timestamp() - (parsed[9] or 0), UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _hint(root: Part) -> str:
    """Return the charset that the mail speaks elsewhere, for what names none."""
    for name in ("subject", "from", "to"):
        if charset := charset_hint(root.headers.raw(name)):
            return charset
    return next((charset for part in root.walk() if (charset := part.settings.get("charset", ""))), "")
