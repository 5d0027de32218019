"""Takes in what comes in: kept whole and sealed before anybody judges it, once, however often a server hands it out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ombud.cases.bulk_sql import insert
from ombud.correspondence import originals, ways_back, wording
from ombud.correspondence.models import Account, Message
from ombud.privacy.keys import key_of

LONGEST_ID = 250
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """What came in at an account, read but not judged."""

    way: Message.Way
    external_id: str  # there; empty: that of its content is taken
    arrived_at: datetime  # at the account, by its own record
    address: str
    name: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    language: str = ""
    files: Sequence[Mapping[str, Any]] = ()  # {"name", "size", "type"} of each in the original, in order
    details: Mapping[str, Any] = field(default_factory=dict)  # what its way knows besides
    original: bytes = b""


def take_in(account: Account, incoming: Incoming, *, now: datetime) -> Message | None:
    """Return the message, kept and not sorted yet; None where it was taken in before."""
    return next(iter(keep([ready(account, incoming, now=now)])), None)


def ready(account: Account, incoming: Incoming, *, now: datetime, lease_until: datetime | None = None) -> Message:
    """Return a message that is sealed and not kept yet; until `lease_until` its sorting is the caller's."""
    message = Message(
        is_out=False,
        way=incoming.way,
        state=Message.State.ARRIVED,
        account=account,
        external_id=_id(incoming),
        policy=account.policy,
        office=account.office,
        address=wording.blind_address(incoming.address),
        language=_language(incoming.language),
        said_at=min(incoming.arrived_at, now),
        had_at=now,
        lease_until=lease_until,
        attempts=int(lease_until is not None),
    )
    key = wording.new_keeper(message)
    wording.seal(message, key, _parts(incoming))
    if incoming.original:
        originals.store(message, key, incoming.original)
    return message


def keep(messages: Sequence[Message], *, along: Callable[[], None] = lambda: None) -> list[Message]:
    """Keep messages of one account and return those that are new; `along` is called in the transaction that does."""
    fresh: list[Message] = []
    try:
        with transaction.atomic():
            fresh = _unknown(messages)
            insert([each.keeper for each in fresh])
            insert(fresh)
            along()
    except BaseException as error:
        # Another process may have taken one of them in at the same moment: now it is known.
        if isinstance(error, IntegrityError) and len(_unknown(messages)) < len(fresh):
            return keep(messages, along=along)
        _forget(messages)
        raise
    _forget([each for each in messages if each not in fresh])
    for each in fresh:
        each._state.adding = each.keeper._state.adding = False
    return fresh


def _unknown(messages: Sequence[Message]) -> list[Message]:
    """Return the first of each id that is not here yet."""
    first = {each.external_id: each for each in reversed(messages)}
    known = Message.objects.filter(account__in={each.account for each in messages}, is_out=False)
    for there in known.filter(external_id__in=list(first)).values_list("external_id", flat=True):
        del first[there]
    return [each for each in messages if first.get(each.external_id) is each]


def _forget(messages: Sequence[Message]) -> None:
    for each in messages:
        originals.remove(each.stored_as)


def original_of(message: Message) -> bytes:
    """Return a message as it came. Raises FileNotFoundError where nothing was kept or it was erased."""
    key = key_of(message.keeper)
    if key is None:
        raise FileNotFoundError(message.pk)
    return originals.content(message, key)


def _id(incoming: Incoming) -> str:
    """Return what tells the message from all others at its account."""
    there = incoming.external_id.strip()
    if there and len(there) <= LONGEST_ID:
        return there
    content = incoming.original or repr((incoming.address, incoming.subject, incoming.text)).encode()
    return "sha256:" + hashlib.sha256(there.encode() or content).hexdigest()


def _language(said: str) -> str:
    """Return a language tag that pages and papers can go by; empty where what was said is none, or too long."""
    tag = said.strip().replace("_", "-")
    return tag if len(tag) <= 16 and _TAG.fullmatch(tag) else ""


def _parts(incoming: Incoming) -> dict[str, Any]:
    return {
        wording.ADDRESS: incoming.address,
        wording.NAME: incoming.name,
        wording.SUBJECT: incoming.subject,
        wording.TEXT: ways_back.without_token(incoming.text),
        wording.HTML: ways_back.without_token(incoming.html),
        wording.FILES: list(incoming.files),
        wording.DETAILS: dict(incoming.details),
    }
