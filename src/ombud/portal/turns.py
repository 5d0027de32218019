"""What a case waits for from its complainant, on a card: what was put to them, the answers, what silence means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ombud.cases.access.case_access import Accessed
from ombud.cases.reading.queries import DutyLine
from ombud.engine.model import AvailableAct
from ombud.notices.reading import LetterLine
from ombud.policy.complainant import told
from ombud.policy.event_names import EventName
from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Phase, Procedure
from ombud.policy.vocabulary import APPEAL, RATING
from ombud.portal.story import last_told, told_by_complainant
from ombud.texts import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One act that the case waits for, or that lapses."""

    offer: AvailableAct
    act: Act | None
    is_awaited: bool  # else a right that they need not use
    is_rating: bool
    line: DutyLine | None = None  # by when
    told: dict[str, Any] | None = None  # what staff said last
    letter: LetterLine | None = None  # in which it was put to them
    answers: tuple[tuple[str, Text], ...] = ()  # values of the choice that decides, with their words
    asks: str = ""  # the field that the answers are values of
    silence: Text | None = None  # what happens where nothing is said in time


def turns(
    found: Accessed,
    pack: Pack,
    offers: Sequence[AvailableAct],
    waiting: Sequence[DutyLine],
    letters: Sequence[LetterLine],
) -> list[Turn]:
    """Return the cards of a case, those with a time first; a rating is asked for once."""
    procedure = pack.procedures[found.case.procedure]
    here = procedure.phases[found.case.phase]
    cards = [
        turn_of(found, pack, offer, waiting, letters)
        for offer in offers
        if is_yours(offer, procedure, here) or _is_to_be_rated(found, offer)
    ]
    return sorted(cards, key=lambda card: (card.is_rating, not card.is_awaited))


def turn_of(
    found: Accessed, pack: Pack, offer: AvailableAct, waiting: Sequence[DutyLine], letters: Sequence[LetterLine]
) -> Turn:
    """Return the card of one act."""
    procedure = pack.procedures[found.case.procedure]
    act = procedure.acts.get(offer.act)
    line = next((each for each in waiting if offer.act in {EventName.of(name).head for name in each.duty.do}), None)
    is_rating = RATING in offer.needs
    choice = pack.fields.get(act.choice) if act is not None and act.choice else None
    letter = _put_to_them(pack, procedure, line, letters)
    told_last = last_told(found, pack) if letter is None and (offer.discharges or choice) else None
    return Turn(
        offer=offer,
        act=act,
        is_awaited=offer.act != APPEAL and not is_rating,
        is_rating=is_rating,
        line=line,
        told=told_last,
        letter=letter,
        answers=_answers(pack, choice.of if choice else {}, is_rating=is_rating),
        asks=RATING if is_rating else choice.id if choice else "",
        silence=_silence(procedure, line),
    )


def is_yours(offer: AvailableAct, procedure: Procedure, here: Phase) -> bool:
    """Return whether the case waits for the complainant to do this: a duty of theirs, or what decides this phase."""
    act = procedure.acts.get(offer.act)
    return bool(offer.discharges) or (act is not None and act.choice is not None and act.from_phases == (here.id,))


def is_rated(found: Accessed) -> bool:
    """Return whether the complainant has rated how the case was handled."""
    return any(shown.field == RATING for shown in told_by_complainant(found))


def _is_to_be_rated(found: Accessed, offer: AvailableAct) -> bool:
    return RATING in offer.needs and not is_rated(found)


def _answers(pack: Pack, of: Any, *, is_rating: bool) -> tuple[tuple[str, Text], ...]:
    if is_rating:
        return tuple((str(n), {"en": str(n)}) for n in range(1, 6)) if RATING in pack.fields else ()
    return tuple(of.items())


def _put_to_them(
    pack: Pack, procedure: Procedure, line: DutyLine | None, letters: Sequence[LetterLine]
) -> LetterLine | None:
    """Return the newest letter of an act that made the complainant owe an answer."""
    duty = procedure.duties.get(line.duty.duty) if line is not None else None
    if duty is None:
        return None
    for letter in letters:
        document = pack.documents.get(letter.document)
        if document is not None and letter.body and set(document.after) & set(duty.after):
            return letter
    return None


def _silence(procedure: Procedure, line: DutyLine | None) -> Text | None:
    """Return what the policy makes of a time that passes without a word, in the complainant's words."""
    duty = procedure.duties.get(line.duty.duty) if line is not None else None
    acts = [procedure.acts[rung.act] for rung in duty.breach if rung.act is not None] if duty is not None else []
    return told(acts[-1]) if acts and acts[-1].is_public else None
