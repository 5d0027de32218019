"""What is read of a mail: plain values, for whoever files, threads or shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MailKind(StrEnum):
    """Who or what speaks; only what is PLAIN is answered by itself."""

    PLAIN = "plain"  # a person, or a system that writes on behalf of one
    AUTOMATIC = "automatic"  # an answer or notice that nobody typed, a list, a mailing, a receipt
    BOUNCE = "bounce"  # what we sent did not arrive, or not yet
    LOOP = "loop"  # our own mail, come back


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file that came along, as it was sent: what it really is, and whether it may come in, is the register's."""

    name: str  # without folders; "" where none was given
    content: bytes
    claimed_type: str
    content_id: str  # without <>, by which the HTML shows it; "" where none


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report on a mail that was sent before: not only of failures, see `outcome`."""

    outcome: str  # failed, delayed, delivered, relayed, expanded, read
    message_ids: tuple[str, ...]  # of the mail that it is about, as far as the report returns it
    recipients: tuple[str, ...]  # whom it did not reach, lower-case
    status: str  # such as 5.1.1 (RFC 3463), "" where none is given
    diagnostic: str  # the other server's own words
    is_final: bool  # nobody tries again


@dataclass(frozen=True, slots=True)
class Authenticity:
    """What our own server found out about the sender; "" where it says nothing."""

    server: str = ""
    spf: str = ""  # pass, fail, softfail, none ... (RFC 8601)
    spf_domain: str = ""
    dkim: str = ""  # pass if any signature holds
    dkim_domains: tuple[str, ...] = ()  # of the signatures that hold
    dmarc: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, read."""

    message_id: str  # without <>, "" where none
    sender: str  # of From, the first that is an address; "" where none
    sender_name: str
    reply_to: str
    recipients: tuple[str, ...]  # To, Cc, Delivered-To, X-Original-To: lower-case, in order, once each
    subject: str
    sent_at: datetime | None  # aware; None where missing or absurd
    in_reply_to: tuple[str, ...]  # message ids without <>
    references: tuple[str, ...]
    text: str  # what is to be read: the plain text, or made from the HTML
    html: str  # sanitised; images from elsewhere stand as data-remote-src, enclosed ones as cid:
    said: str  # `text` taken apart: what was written now,
    quoted: str  # the history that it quotes,
    signature: str  # the signature; every line of `text` stands in one of the three
    files: tuple[MailFile, ...]
    kind: MailKind
    why: str  # a code for `kind`, "" where PLAIN
    bounce: Bounce | None
    authenticity: Authenticity
    defects: tuple[str, ...]  # codes of what was broken, and read all the same
