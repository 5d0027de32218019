"""Messages by which the program asks complainants to answer a survey: the way that letters take, and never twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from ombud.cases.models import Case
from ombud.correspondence import accounts, reaching, wording
from ombud.correspondence.models import Account, Message
from ombud.correspondence.reaching import Reach
from ombud.engine import State
from ombud.policy.vocabulary import COMPLAINANT
from ombud.texts import Catalogue, Text, spoken

WORDS = Catalogue("ombud.correspondence", "invitations.yaml")
_DEDUPE = "survey/"  # such messages begin with it; nothing that people write does


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """What an invitation says."""

    title: Text
    about: Text
    link: str
    until: str  # the last day, in the receiver's words
    language: str
    is_reminder: bool = False


def way_to(case: Case, state: State, *, now: datetime) -> tuple[Reach, Account] | None:
    """Return the first way to a case's complainant by which a message of ours can go; None where there is none."""
    for reach in reaching.complainant(case, state, now=now):
        account = accounts.speaking(case, reach.address)
        if account is not None:
            return reach, account
    return None


def queue(case: Case, key: bytes, way: tuple[Reach, Account], asking: Asking, *, dedupe: str, now: datetime) -> Message:
    """Queue an invitation, sealed under the complainant's key, and return its message."""
    reach, account = way
    is_mail = account.kind == accounts.MAIL
    message = Message(
        is_out=True,
        way=accounts.way_of(account.kind),
        state=Message.State.QUEUED,
        account=account,
        case=case,
        policy=case.policy,
        office_id=case.office_id,
        keeper=case.complainant,
        address=wording.blind_address(reach.address),
        language=asking.language[:16],
        said_at=now,
        had_at=now,
        to=COMPLAINANT,
        send_at=now,
        dedupe=f"{_DEDUPE}{dedupe}",
    )
    parts = {
        wording.ADDRESS: reach.address,
        wording.NAME: reach.name,
        wording.SUBJECT: spoken(asking.title, asking.language),
        wording.TEXT: _text(case, asking, is_mail=is_mail),
        wording.PASSED_OVER: list(reach.passed_over),
    }
    wording.seal(message, key, parts)
    message.save(force_insert=True)
    return message


def is_invitation(message: Message) -> bool:
    """Return whether a message asks to answer a survey: where it reaches nobody, no other way is owed."""
    return (message.dedupe or "").startswith(_DEDUPE)


def only_invitations(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Return those of the messages that ask to answer a survey."""
    return rows.filter(dedupe__startswith=_DEDUPE)


def _text(case: Case, asking: Asking, *, is_mail: bool) -> str:
    said = {"reference": case.reference, "link": asking.link, "until": asking.until, "title": asking.title}
    if not is_mail:
        return spoken(WORDS.say("sms", **said), asking.language)
    begins = spoken(WORDS.say("reminder" if asking.is_reminder else "begins", **said), asking.language)
    parts = [begins, spoken(asking.about, asking.language), spoken(WORDS.say("ends", **said), asking.language)]
    return "\n\n".join(part for part in parts if part)
