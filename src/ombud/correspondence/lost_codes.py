"""A new tracking code for whoever has none: asked for on the page, made by the clock, sent to the address on file.

The page only writes down what was asked; whether the reference is there and the contact its complainant's is looked at
afterwards. So the page answers the same, and as fast, whoever asks.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from ombud.cases import commands, outbox
from ombud.cases.eventlog import rows_of
from ombud.cases.fold import folded_rows
from ombud.cases.models import Case, Outbox
from ombud.cases.references import normal_reference
from ombud.correspondence import accounts, going_out, reaching, wording
from ombud.correspondence.models import Account, Message
from ombud.engine import State
from ombud.engine.model import COMPLAINANT_ACTOR, Actor
from ombud.notices import addressing, carrying
from ombud.notices.writing import page_of
from ombud.organisation.offices import region_of
from ombud.policy.event_names import REISSUE
from ombud.policy.vocabulary import COMPLAINANT, COUNTRY, EMAIL, NAME, PHONE
from ombud.privacy import contacts, throttle
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import HouseVault, Vault, is_sealed
from ombud.texts import Catalogue, code_of, spoken

log = logging.getLogger(__name__)

WORDS = Catalogue("ombud.correspondence", "lost_codes.yaml")
ASKED, ISSUED = ("text", "sms"), ("issued", "issued_sms")  # on the page, or by our staff: words by mail and elsewhere
A_DAY = 3  # new codes of one case: each makes the one before worthless
DAY = timedelta(days=1)


def can_send() -> bool:
    """Return whether any account of ours sends mail, or SMS."""
    mailboxes = Account.objects.filter(kind=accounts.MAIL, is_active=True, sends=True)
    return accounts.installations() is not None or mailboxes.exists() or sends_sms()


def sends_sms() -> bool:
    """Return whether any account of ours sends SMS."""
    return Account.objects.filter(kind__in=accounts.SMS, is_active=True, sends=True).exists()


def ask(reference: str, contact: str, *, now: datetime) -> None:
    """Write down that somebody asks for a new code of a case, by an address or number that they gave."""
    key = uuid.uuid4().hex
    sealed = _vault(key).seal(0, "asked", {"reference": reference, "contact": contact})
    Outbox.objects.create(
        kind=outbox.CODE, payload={"key": key, "asked": sealed}, dedupe=f"{outbox.CODE}/{key}", available_at=now
    )


def answer_waiting(*, now: datetime) -> int:
    """Look at what was asked for, queue a message where it is right, and return how much was looked at."""
    done = 0
    for pk in list(carrying.waiting(now, outbox.CODE).values_list("pk", flat=True)[: carrying.BATCH]):
        try:
            with transaction.atomic():
                rows = carrying.waiting(now, outbox.CODE).select_for_update(skip_locked=True, of=("self",))
                row = rows.filter(pk=pk).first()
                if row is None:  # another clock has it
                    continue
                _answer(row, now)
                Outbox.objects.filter(pk=pk).update(done_at=now, payload={}, error="")
                done += 1
        except Exception as error:  # one that cannot be answered must not hold up the others
            log.exception("outbox row %s", pk)
            carrying.postpone(Outbox.objects.get(pk=pk), error, now)
    return done


def _answer(row: Outbox, now: datetime) -> None:
    asked: Any = _vault(row.payload["key"]).open(0, "asked", row.payload["asked"])
    known = normal_reference(asked["reference"])
    case = Case.objects.select_related("complainant", "office").filter(reference=known).first() if known else None
    key = key_of(case.complainant) if case is not None else None
    if case is None or key is None or not case.secret:
        return
    state = folded_rows(case, rows_of(case), Vault(key, case.reference))
    ways = _ways(case, state, by_number="@" not in asked["contact"])
    if not ways or not is_theirs(state, asked["contact"]):
        return
    if not throttle.attempt(f"code:{case.reference}", limit=A_DAY, window=DAY, now=now):
        return
    with translation.override(code_of(case.language)):
        reason = _("Asked for on the complaint page, with an address or number that is on file")
    secret = commands.reissue(case, actor=COMPLAINANT_ACTOR, reason=reason, now=now)
    _queue(case, state, key, ways[0], ASKED, secret=secret, now=now, dedupe=row.dedupe)


class NowhereToSend(Exception):
    """No address of the complainant is on file, or no account sends there."""


def can_reach(case: Case, state: State, *, now: datetime) -> bool:
    """Return whether a new code could be sent to the complainant of a case."""
    return bool(_spoken(case, state, now=now) or _ways(case, state))


def send(case: Case, state: State, *, actor: Actor, reason: str, now: datetime) -> None:
    """Issue a new code and send it where the complainant speaks with us, else to the address on file.

    Nobody here reads it. Raises NowhereToSend, ReasonMissing.
    """
    ways, key = _spoken(case, state, now=now) or _ways(case, state), key_of(case.complainant)
    if not ways or key is None:
        raise NowhereToSend
    with transaction.atomic():
        secret = commands.reissue(case, actor=actor, reason=reason, now=now)
        _queue(case, state, key, ways[0], ISSUED, secret=secret, now=now, dedupe=_once())


def issue(case: Case, state: State, *, actor: Actor, reason: str, now: datetime) -> str:
    """Issue a new code, write to the address on file that it was, and return it to be told by word of mouth.

    Whoever got it by saying who they are not is found out by the one whose code opens nothing any more.
    Raises ReasonMissing.
    """
    with transaction.atomic():
        secret = commands.reissue(case, actor=actor, reason=reason, now=now)
        ways, key = _spoken(case, state, now=now) or _ways(case, state), key_of(case.complainant)
        if ways and key is not None:
            _queue(case, state, key, ways[0], ISSUED, secret="", now=now, dedupe=_once())
    return secret


def _once() -> str:
    return f"{outbox.CODE}/{uuid.uuid4().hex}"


def is_theirs(state: State, contact: str) -> bool:
    """Return whether an address or number, however it is written, is the complainant's as the case has it now."""
    facts: Mapping[str, Any] = {name: state.facts.get(name) for name in (EMAIL, PHONE)}
    country = state.facts.get(COUNTRY)
    region = region_of(state.program.pack, state.office, None if is_sealed(country) else country)
    given = contacts.keys_of({EMAIL: contact, PHONE: contact}, region)
    whole = (contacts.EMAIL, contacts.PHONE)  # a number without its country is somebody else's elsewhere
    mine = set(contacts.keys_of(facts, region))
    return any(each in mine for each in given if each[0] in whole)


def _spoken(case: Case, state: State, *, now: datetime) -> list[tuple[str, Account]]:
    """Return the account of messaging by which the complainant speaks with us and may be answered now."""
    found = (each.address for each in reaching.complainant(case, state, now=now) if ":" in each.address)
    return [(each, account) for each in found if (account := accounts.speaking(case, each)) is not None]


def _ways(case: Case, state: State, *, by_number: bool = False) -> list[tuple[str, Account]]:
    """Return the addresses on file to which an account of ours sends, the one to take first: a code goes nowhere else,
    whatever was typed. By mail where there is one, unless it is asked for by the telephone number."""
    given = [*(address for _name, address in addressing.complainant(state)), reaching.number_of(case, state)]
    found = [(each, account) for each in given if (account := accounts.speaking(case, each)) is not None]
    return sorted(found, key=lambda way: ("@" in way[0]) == by_number)


def _queue(
    case: Case,
    state: State,
    key: bytes,
    way: tuple[str, Account],
    why: tuple[str, str],
    *,
    secret: str,
    now: datetime,
    dedupe: str,
) -> None:
    """Queue the message; what it says of the code, if it brings it, is apart from its text, and gone once handed over.

    `why` names its words by mail and elsewhere.
    """
    (address, account), name = way, state.facts.get(NAME)
    is_mail = account.kind == accounts.MAIL
    message = going_out.of_case(case, Message.State.QUEUED, to=COMPLAINANT, act=REISSUE, seq=None, now=now)
    message.way, message.account = accounts.way_of(account.kind), account
    message.address, message.language = wording.blind_address(address), case.language
    message.send_at, message.dedupe = now, dedupe
    parts = {
        wording.ADDRESS: address,
        wording.NAME: name if isinstance(name, str) and not is_sealed(name) else "",
        wording.SUBJECT: spoken(WORDS.say("subject"), case.language) if is_mail else "",
        wording.TEXT: spoken(WORDS.say(why[not is_mail], reference=case.reference), case.language),
        wording.CODE: _of_code(case, secret) if secret else "",
    }
    wording.seal(message, key, parts)
    message.save(force_insert=True)


def _of_code(case: Case, secret: str) -> str:
    return spoken(WORDS.say("code", secret=secret, link=f"{page_of(case.reference)}{secret}/"), case.language)


def _vault(key: str) -> HouseVault:
    return HouseVault("codes", f"code {key}")
