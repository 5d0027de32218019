"""Keeps what a telephone system says: one message for each call, from its beginning to its recording."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from ombud.cases.errors import AttachmentRefused
from ombud.cases.file_kinds import SNIFFED, file_name, sniff
from ombud.channels.telephone.events import CallEvent, Kind
from ombud.correspondence import originals, taking_in, wording
from ombud.correspondence.models import Account, Message
from ombud.correspondence.taking_in import Incoming
from ombud.organisation import library, publishing
from ombud.organisation.offices import region_of
from ombud.privacy import contacts
from ombud.privacy.keys import key_of
from ombud.texts import Catalogue, spoken

WORDS = Catalogue("ombud.channels.telephone", "words.yaml")
CALL = "call"  # among the details of a message
_ORDER = list(Kind)
_LASTS = timedelta(hours=4)  # of which nobody said that it ended
_RECORDED = timedelta(minutes=2)  # until then a voicemail's recording is on its way


class NoRecording(Exception):
    """What was sent is no sound that is kept; the words say why."""


def note(account: Account, event: CallEvent, *, now: datetime) -> Message:
    """Return the message of a call, with this event noted; the same event once more changes nothing."""
    known = Message.objects.filter(account=account, is_out=False, external_id=event.call)
    if not known.exists():
        made = taking_in.take_in(account, _incoming(account, event, now), now=now)
        if made is not None:
            return made
    return _add(known.get().pk, account, event)


def is_known(account: Account, call: str) -> bool:
    """Return whether the call was told of before."""
    is_id = "\0" not in call  # which PostgreSQL would not even be asked for
    return is_id and Message.objects.filter(account=account, is_out=False, external_id=call).exists()


def keep_recording(account: Account, call: str, content: bytes) -> Message:
    """Keep what was recorded of a call. Raises Message.DoesNotExist, NoRecording."""
    try:
        media_type = sniff(content[:SNIFFED])
    except AttachmentRefused as error:
        raise NoRecording("No sound of a kind that is kept: WAV, MP3, Ogg, M4A, AAC, AMR.") from error
    if not media_type.startswith("audio/"):
        raise NoRecording(f"This is {media_type}, no sound.")
    with transaction.atomic():
        message = _locked(Message.objects.get(account=account, is_out=False, external_id=call).pk)
        key = key_of(message.keeper)
        if key is None:  # erased meanwhile: nothing of it is kept any more
            raise Message.DoesNotExist
        before = message.stored_as
        originals.store(message, key, content)
        name = file_name(str(wording.part(message, wording.SUBJECT)) or call, media_type)
        wording.seal(message, key, {wording.FILES: [{"name": name, "size": len(content), "type": media_type}]})
        Message.objects.filter(pk=message.pk).update(sealed=message.sealed, stored_as=message.stored_as)
        transaction.on_commit(partial(originals.remove, before))
    return message


def details_of(message: Message) -> dict[str, Any]:
    """Return {"kind", "to", "by", "seconds", "answered"} of a call, as far as they are known."""
    found: dict[str, Any] = dict((wording.part(message, wording.DETAILS) or {}).get(CALL) or {})
    return found


def is_over(message: Message, *, now: datetime) -> bool:
    """Return whether a call, and what comes along with it, is over so that somebody can decide about it."""
    kind, age = details_of(message).get("kind"), now - message.had_at
    if kind == Kind.VOICEMAIL:
        return bool(message.stored_as) or age > _RECORDED
    return kind == Kind.ENDED or age > _LASTS


def _incoming(account: Account, event: CallEvent, now: datetime) -> Incoming:
    language = str(account.options.get("language") or "zh")
    return Incoming(
        way=Message.Way.CALL,
        external_id=event.call,
        arrived_at=event.at,
        address=_dialled(account, event.caller, now),
        subject=_subject(event.kind, event.answered, language),
        text=event.text,
        language=language,
        details=_details(account, event, {}),
    )


def _dialled(account: Account, number: str, now: datetime) -> str:
    """Return a number as it is dialled from anywhere, so that cases know it again; as it came where it is none."""
    version = publishing.in_force(account.policy, now=now) if account.policy else None
    office = account.office.key if account.office is not None else None
    region = region_of(library.pack(version.hash), office) if version is not None else None
    return next((each for kind, each in contacts.phones(number, region) if kind == contacts.PHONE), number)


def _add(pk: Any, account: Account, event: CallEvent) -> Message:
    with transaction.atomic():
        message = _locked(pk)
        key, known = key_of(message.keeper), details_of(message)
        if key is None:
            return message
        details = {**(wording.part(message, wording.DETAILS) or {}), **_details(account, event, known)}
        merged = details[CALL]
        subject = _subject(Kind(merged["kind"]), merged.get("answered"), message.language)
        parts = {wording.DETAILS: details, wording.SUBJECT: subject, wording.TEXT: event.text}
        wording.seal(message, key, parts)
        if merged["kind"] == Kind.VOICEMAIL != known.get("kind") and message.state == Message.State.WAITING:
            message.state = Message.State.ARRIVED  # it is a voicemail after all, to be sorted as one
        Message.objects.filter(pk=pk).update(sealed=message.sealed, state=message.state)
    return message


def _details(account: Account, event: CallEvent, known: dict[str, Any]) -> dict[str, Any]:
    kind = max(event.kind, Kind(known.get("kind", Kind.STARTED)), key=_ORDER.index)
    said = {"to": event.called, "by": event.by, "seconds": event.seconds, "answered": event.answered}
    call = {**known, **{name: value for name, value in said.items() if value not in ("", None)}, "kind": kind.value}
    channel = account.options.get("voicemail") if kind == Kind.VOICEMAIL else account.channel
    return {CALL: call, wording.CHANNEL: channel or account.channel}


def _subject(kind: Kind, answered: bool | None, language: str) -> str:
    missed = kind == Kind.ENDED and answered is False
    return spoken(WORDS.say("missed" if missed else "voicemail" if kind == Kind.VOICEMAIL else "call"), language)


def _locked(pk: Any) -> Message:
    return Message.objects.select_for_update(of=("self",)).select_related("keeper").get(pk=pk)
