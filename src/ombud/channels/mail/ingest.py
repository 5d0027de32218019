"""Takes a mail in, and says whose it is: the mail read by `reading`, kept by `taking_in`, sorted by `sorting`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from ombud.channels import arrived, sorting
from ombud.channels.filing import Sent
from ombud.channels.mail import reading, threading
from ombud.channels.mail.reading import Mail, MailKind
from ombud.channels.sorting import Clues
from ombud.correspondence import taking_in
from ombud.correspondence.models import Account, Message
from ombud.correspondence.taking_in import Incoming

BATCH = arrived.BATCH
#: By what a mail is known that asks not to be answered by a machine, and may be a complaint all the same.
UNANSWERED = frozenset({"list", "no-reply", "suppress", "precedence-list", "precedence-bulk", "precedence-junk"})


class Arrived(NamedTuple):
    """A mail as its server hands it out."""

    raw: bytes
    arrived_at: datetime  # by the server's record
    size: int = 0  # more than `raw` holds where it was too large to be taken in


class KeptMail(NamedTuple):
    """A mail that is kept, with what was read in it."""

    message: Message
    mail: Mail


def take_in(
    account: Account, handed: Sequence[Arrived], *, now: datetime, along: Callable[[], None] = lambda: None
) -> list[KeptMail]:
    """Keep mails as they came, all or none, and return those that are new: to be sorted within two minutes.

    `along` is called in the transaction that keeps them. Whoever is killed before they are sorted leaves that to
    `sort_arrived`.
    """
    ready = [_ready(account, each, now) for each in handed]
    kept = {each.pk for each in taking_in.keep([message for message, _ in ready], along=along)}
    return [each for each in ready if each.message.pk in kept]


def _ready(account: Account, handed: Arrived, now: datetime) -> KeptMail:
    mail = read(account, handed.raw)
    return KeptMail(taking_in.ready(account, _incoming(handed, mail), now=now, lease_until=now + arrived.LEASE), mail)


def _incoming(handed: Arrived, mail: Mail) -> Incoming:
    raw, size = handed.raw, handed.size
    files = [{"name": file.name, "size": len(file.content), "type": file.claimed_type} for file in mail.files]
    return Incoming(
        way=Message.Way.MAIL,
        external_id=mail.message_id,
        arrived_at=handed.arrived_at,
        address=mail.sender,
        name=mail.sender_name,
        subject=mail.subject,
        text=mail.said or mail.text,
        html=mail.html,
        files=files,
        details=_details(mail, size if size > len(raw) else 0),
        original=raw,
    )


def read(account: Account, raw: bytes) -> Mail:
    """Return a mail as it is read for an account, whose own server's word on its sender is believed."""
    trusted = account.options.get("trusted_servers") or ()
    return reading.read(raw, trusted_servers=trusted, own_addresses=[account.address])


def sort(account: Account, taken: Sequence[KeptMail], *, now: datetime) -> None:
    """Say of mails that were just taken in whose they are."""
    for message, mail in taken:
        arrived.sort_one(message, account, partial(_decide, mail=mail, now=now), now=now)


def sort_arrived(account: Account, *, now: datetime) -> int:
    """Say of each mail that nobody sorted whose it is, and return how many; call again while it is a full batch."""
    return arrived.sort(account, partial(_decide, mail=None, now=now), now=now)


def _decide(message: Message, account: Account, *, mail: Mail | None, now: datetime) -> None:
    """Sort a message, whose original is read once more where nobody has just read it."""
    sorting.sort(message, clues_of(mail or read(account, taking_in.original_of(message))), now=now)


def clues_of(mail: Mail) -> Clues:
    """Return what a mail tells of whose it is."""
    bounce = mail.bounce
    named = (threading.reference_of(text) for text in (*mail.recipients, mail.subject))
    return Clues(
        reference=next((each for each in named if each), ""),
        answers=tuple(dict.fromkeys([*mail.in_reply_to, *reversed(mail.references)])),
        about=bounce.message_ids if bounce is not None else (),
        outcome=bounce.outcome if bounce is not None else "",
        failure=f"{bounce.status} {bounce.diagnostic}".strip() if bounce is not None else "",
        is_automatic=mail.kind != MailKind.PLAIN and mail.why not in UNANSWERED,
        is_unanswered=mail.kind != MailKind.PLAIN,
        is_forged=mail.authenticity.dmarc == "fail",
        files=tuple(Sent(file.name, file.content) for file in mail.files),
    )


def _details(mail: Mail, too_large: int) -> dict[str, Any]:
    """Return what is shown beside a mail's words."""
    known = {
        "to": list(mail.recipients),
        "reply_to": mail.reply_to,
        "date": mail.sent_at.isoformat() if mail.sent_at else "",
        "quoted": mail.quoted,
        "signature": mail.signature,
        "kind": mail.kind.value,
        "defects": list(mail.defects),
        "authenticity": {name: value for name, value in asdict(mail.authenticity).items() if value},
        "too_large": too_large,
    }
    return {name: value for name, value in known.items() if value}
