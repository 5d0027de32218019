"""Makes a complaint of a message that came in: its fields filled from what was said, its files taken along."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from ombud.cases import attachments
from ombud.cases.commands import Received
from ombud.cases.errors import AttachmentRefused, NoPolicy
from ombud.channels import confirming, intake
from ombud.correspondence import attaching, talks, wording
from ombud.correspondence.models import Message
from ombud.engine.model import COMPLAINANT_ACTOR, Actor
from ombud.organisation import library, publishing
from ombud.organisation.models import Person
from ombud.policy.model.pack import Pack
from ombud.policy.values import LONG, SHORT
from ombud.policy.vocabulary import COUNTRY, EMAIL, EVIDENCE, NAME, NARRATIVE, PHONE, RECEIVE, SUBJECT

WHATSAPP = "whatsapp:"  # whose ids are numbers
UNNAMED = "\u2014"  # the subject of a message without one
SUBJECT_LENGTH = SOURCE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """A file of a message."""

    name: str
    content: bytes


def filled(message: Message, pack: Pack) -> dict[str, Any]:
    """Return what a message says for the fields that the policy's first act asks for."""
    vault = wording.vault_of(message)
    text = _text(talks.together(message))
    subject = str(wording.part(message, wording.SUBJECT, vault)).strip()
    address = wording.part(message, wording.ADDRESS, vault)
    said = {
        SUBJECT: (subject or next(iter(text.strip().split("\n")), "") or UNNAMED)[:SUBJECT_LENGTH],
        NARRATIVE: _fitted(text.strip(), LONG),  # the message itself stands whole beside the complaint
        NAME: _fitted(str(wording.part(message, wording.NAME, vault)), SHORT),
        EMAIL: address if message.way == Message.Way.MAIL else "",
        PHONE: address if message.way == Message.Way.CALL else _number(message),
        COUNTRY: _country(message, pack),
    }
    act = pack.main.acts[RECEIVE]
    return {name: value for name, value in said.items() if value and name in {*act.needs, *act.may}}


def file(
    message: Message,
    files: Sequence[Sent],
    *,
    now: datetime,
    policy: str = "",
    channel: str = "",
    data: Mapping[str, Any] | None = None,
    actor: Actor = COMPLAINANT_ACTOR,
    by: Person | None = None,
) -> Received:
    """File the complaint that a message is, counted from when it arrived, and attach the message to its case.

    Of messaging it is all that its sender said and nobody settled, counted from the first word.
    Without `data` the fields are those that the message itself fills. Raises NoPolicy, Refused; nothing was written.
    """
    policy = policy or message.policy
    version = publishing.in_force(policy, now=now)
    if version is None:
        raise NoPolicy
    pack = library.pack(version.hash)
    owner = f"message:{message.pk}"
    given = dict(filled(message, pack) if data is None else data)
    if EVIDENCE in {*pack.main.acts[RECEIVE].needs, *pack.main.acts[RECEIVE].may}:
        taken = [str(row) for row in _evidence(files, owner, now)]
        if taken:
            given[EVIDENCE] = [*given.get(EVIDENCE, ()), *taken]

    talk = talks.together(message)

    def along(received: Received) -> None:
        seq = received.events[0].seq if received.events else None
        for each in talk:
            attaching.attach(each, received.case, now=now, state=Message.State.FILED, seq=seq, by=by, is_telling=False)

    return intake.receive(
        policy,
        channel=channel or channel_of(message),
        language=message.language or "zh",
        data=given,
        actor=actor,
        at=talk[0].said_at,
        now=now,
        office=message.office.key if message.office is not None else None,
        source=source_of(talk[0]),
        is_history=False,
        is_carried=True,
        owner=owner,
        along=along,
        version=version,
        # Nobody has answered it yet, so its key seals nothing else: it becomes that of the case.
        complainant=message.keeper if message.state == Message.State.ARRIVED else None,
    )


def _fitted(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}\u2026"


def channel_of(message: Message) -> str:
    """Return the channel that a message came in by: its own, where its account has several, else its account's."""
    details = wording.part(message, wording.DETAILS) or {}
    return str(details.get(wording.CHANNEL) or (message.account.channel if message.account is not None else ""))


def source_of(message: Message) -> str:
    """Return what tells the complaint of a message from all others: its account and its id there."""
    there = f"{message.account.key if message.account else message.way}/{message.external_id or message.pk}"
    return there if len(there) <= SOURCE_LENGTH else f"sha256:{hashlib.sha256(there.encode()).hexdigest()}"


def _evidence(files: Sequence[Sent], owner: str, now: datetime) -> list[Any]:
    """Store the files that the register takes, and return their ids; the others stay with the message."""
    kept = []
    for each in files:
        try:
            row = attachments.store(BytesIO(each.content), name=each.name, uploaded_by=owner, now=now)
        except AttachmentRefused:
            continue
        kept.append(row.pk)
    return kept


def _text(talk: Sequence[Message]) -> str:
    """Return what was said, without the yes that it is a complaint."""
    said = [str(wording.part(each, wording.TEXT)) for each in talk]
    return "\n".join(each for each in said if len(said) == 1 or not confirming.is_yes(each))


def _number(message: Message) -> str:
    """Return the number that a message came from, where its way has numbers."""
    address = str(wording.part(message, wording.ADDRESS)) if talks.is_talk(message) else ""
    number = address.replace(WHATSAPP, "+", 1)
    return number if number.startswith("+") else ""


def _country(message: Message, pack: Pack) -> str:
    """Return the country of the office at whose account it came in, where it has one only."""
    office = pack.offices.get(message.office.key) if message.office is not None else None
    countries = office.countries if office is not None else ()
    return next(iter(countries)) if len(countries) == 1 else ""
