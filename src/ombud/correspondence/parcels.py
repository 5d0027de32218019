"""What a carrier gets of a message: its words, to whom, and the thread that it belongs to."""

from __future__ import annotations

from datetime import datetime

from ombud.cases.models import Event
from ombud.correspondence import invitations, survey_links, ways_back, wording
from ombud.correspondence.carriers import Parcel
from ombud.correspondence.enclosures import enclosed
from ombud.correspondence.models import Message
from ombud.organisation.sender import sender
from ombud.policy.vocabulary import COMPLAINANT, SYSTEM
from ombud.privacy.keys import key_of

LONGEST_THREAD = 10  # ids of what was said before


def packed(message: Message, *, now: datetime) -> Parcel:
    """Return a message as its carrier takes it, opened with its keeper's key."""
    key = key_of(message.keeper)
    assert key is not None, "what was erased is withdrawn"
    vault = wording.vault_of(message, key)
    subject, text = wording.said(message, vault)
    if code := wording.part(message, wording.CODE, vault):
        text = f"{text}\n\n{code}"
    reference = message.case.reference if message.case is not None else ""
    link = ways_back.link_of(message, now=now)
    text = ways_back.with_link(text, reference, link) if reference else text
    if invitations.is_invitation(message):
        text = survey_links.signed(text)
        link = survey_links.link_in(text) or link  # what templates of gateways are filled with
    return Parcel(
        id=str(message.id),
        address=str(wording.part(message, wording.ADDRESS, vault)),
        name=str(wording.part(message, wording.NAME, vault)),
        subject=" ".join(subject.split()),  # a fact in it may hold what ends a header
        text=text,
        language=message.language,
        reference=reference,
        link=link,
        is_letter=message.letter is not None,
        answers=message.answers.external_id if message.answers is not None else "",
        thread=_thread(message),
        enclosures=enclosed(message, key, wording.part(message, wording.FILES, vault) or ()),
        signature=sender(with_pictures=False).lines(message.language),
        is_automatic=_is_automatic(message),
    )


def _is_automatic(message: Message) -> bool:
    """Return whether the program wrote it by itself: somebody wrote to us, or time passed, and it answers."""
    if message.by_id is not None:
        return False
    if message.case_id is None or message.seq is None:
        return True
    act = Event.objects.filter(case=message.case_id, seq=message.seq).values_list("actor", flat=True).first()
    return act in (SYSTEM, COMPLAINANT)


def _thread(message: Message) -> tuple[str, ...]:
    """Return the ids of what was said before with the same address on the case, oldest first."""
    if message.case is None or not message.address:
        return (message.answers.external_id,) if message.answers is not None and message.answers.external_id else ()
    before = Message.objects.filter(
        case=message.case, address__in=wording.known_by(message), had_at__lte=message.had_at
    )
    before = before.exclude(external_id="").exclude(pk=message.pk).order_by("-had_at", "-id")
    return tuple(reversed(before.values_list("external_id", flat=True)[:LONGEST_THREAD]))
