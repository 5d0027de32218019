"""Hands queued messages over to their carriers, each under a lease; says what became of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from ombud.correspondence import parcels, rerouting, wording
from ombud.correspondence.carriers import (
    AccountFailed,
    Refused,
    Session,
    TemplateRefused,
    TryAgain,
    WindowClosed,
    carrier_of,
)
from ombud.correspondence.models import Account, Message
from ombud.privacy import throttle
from ombud.privacy.keys import key_of
from ombud.privacy.masking import mask_text

log = logging.getLogger(__name__)

BATCH, LEASE = 200, timedelta(minutes=2)
LONGEST = timedelta(hours=24)  # that a message waits for its account: limits of policies go on meanwhile
AT_A_STRETCH = 60.0  # seconds: leases run from `now`, and none may end while its message is on its way
ATTEMPTS = 8  # over two hours
ACKNOWLEDGED = timedelta(hours=1)  # within which an address is sent one acknowledgement
WINDOW_CLOSED = "window-closed"  # why a message failed: its platform lets nobody be answered so late
PAUSES = (30, 60, 120, 300, 600, 1800)  # seconds that an account rests after so many failures in a row


def waiting(account: Account, now: datetime) -> QuerySet[Message]:
    """Return what an account is to send by now, oldest first."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    rows = Message.objects.filter(
        free, account=account, state=Message.State.QUEUED, send_at__lte=now, awaits_enclosures=False
    )
    return rows.order_by("send_at", "seq", "id")


def deliver(account: Account, *, now: datetime, until: Callable[[], bool] = lambda: False) -> int:
    """Hand over what waits at an account and return how much was settled; call again while it is a full batch.

    `until` says that the process is to end: then nothing more is begun.
    """
    if account.paused_until is not None and account.paused_until > now:
        return 0
    done, began = _give_up(account, now), monotonic()
    found = list(waiting(account, now).values_list("pk", flat=True)[:BATCH])
    if not found:
        return done
    try:
        with carrier_of(account.kind).session(account) as session:
            for pk in found:
                if until() or monotonic() - began > AT_A_STRETCH:
                    break
                done += _hand_over(pk, session, now)
    except AccountFailed as error:
        rest(account, error, now)
    else:
        recover(account, sent_at=now)
    return done


def _hand_over(pk: Any, session: Session, now: datetime) -> bool:
    """Hand one message over, if nobody else is at it."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    claimed = Message.objects.filter(free, pk=pk, state=Message.State.QUEUED)
    if not claimed.update(lease_until=now + LEASE, attempts=F("attempts") + 1):
        return False
    message = Message.objects.select_related("keeper", "case", "letter", "account", "answers").get(pk=pk)
    if key_of(message.keeper) is None:
        settle(message, Message.State.WITHDRAWN, now=now)
        return True
    try:
        return _carry(message, session, now)
    except AccountFailed:
        raise
    except Exception as error:  # a fault of ours: it holds up no other message, and is tried again by itself
        log.exception("message %s cannot be handed over", pk)
        return _try_again(message, TryAgain(type(error).__name__), now)


def _carry(message: Message, session: Session, now: datetime) -> bool:
    """Hand over a message that this process holds, and return whether it is settled. Raises AccountFailed."""
    parcel = parcels.packed(message, now=now)
    first = _acknowledged(parcel.address) if _is_acknowledgement(message) else ""
    if first and throttle.tried(first, window=ACKNOWLEDGED, now=now):
        wait = throttle.wait(first, window=ACKNOWLEDGED, now=now)
        _later(message, now + wait, attempts=message.attempts - 1)
        return False
    try:
        taken = session.send(parcel)
    except WindowClosed as error:
        if rerouting.elsewhere(message, now=now):
            return False
        fail(message, str(error) if isinstance(error, TemplateRefused) else WINDOW_CLOSED, now=now)
    except Refused as error:
        fail(message, str(error), now=now)
    except AccountFailed:
        _later(message, now, attempts=message.attempts - 1)
        raise
    except TryAgain as error:
        return _try_again(message, error, now)
    else:
        with transaction.atomic():
            if first:
                throttle.attempt(first, limit=1, window=ACKNOWLEDGED, now=now)
            known = {"sent_at": now, "external_id": taken.id[:250]}
            if taken.template and (key := key_of(message.keeper)) is not None:
                wording.seal(message, key, {wording.TEMPLATE: taken.template})
                known["sealed"] = message.sealed
            settle(message, Message.State.HANDED_OVER, now=now, **known)
            if message.letter is not None:
                type(message.letter).objects.filter(pk=message.letter.pk, sent_at=None).update(sent_at=now)
    return True


def settle(message: Message, state: Message.State, *, now: datetime, **more: Any) -> None:
    """Write down what became of a message; a tracking code in it is kept no longer."""
    if wording.CODE in message.sealed:
        more["sealed"] = wording.without_code(message)
    Message.objects.filter(pk=message.pk).update(
        state=state, lease_until=None, settled_at=None if state == Message.State.HANDED_OVER else now, **more
    )
    message.state = state


def fail(message: Message, words: str, *, now: datetime) -> None:
    """Write down that a message reached nobody, with the provider's words; its case is told by `failing`."""
    key = key_of(message.keeper)
    if key is not None:
        wording.seal(message, key, {wording.FAILURE: words[:1000]})
    settle(message, Message.State.FAILED, now=now, sealed=message.sealed)


def rest(account: Account, error: Exception, now: datetime) -> None:
    """Let an account rest after a failure, longer each time, so that it holds up nobody but itself."""
    words = mask_text(str(error) or repr(error))[:500]
    log.warning("account %s: %s", account.key, words)
    pause = timedelta(seconds=PAUSES[min(account.failures, len(PAUSES) - 1)])
    Account.objects.filter(pk=account.pk).update(failures=F("failures") + 1, failure=words, paused_until=now + pause)


def recover(account: Account, **more: Any) -> None:
    """Write down that an account is well."""
    Account.objects.filter(pk=account.pk).update(failures=0, failure="", paused_until=None, **more)


def _give_up(account: Account, now: datetime) -> int:
    """Let what waited too long for its account fail, and return how much."""
    stale = waiting(account, now).filter(had_at__lt=now - LONGEST, attempts=0).select_related("keeper")[:BATCH]
    for message in stale:
        fail(message, account.failure or "No answer from the server.", now=now)
    return len(stale)


def _try_again(message: Message, error: TryAgain, now: datetime) -> bool:
    if message.attempts >= ATTEMPTS:
        fail(message, str(error), now=now)
        return True
    key = key_of(message.keeper)
    if key is not None:
        wording.seal(message, key, {wording.FAILURE: str(error)[:1000]})
    wait = timedelta(seconds=30 * 2 ** min(message.attempts, 10))
    _later(message, now + wait, attempts=message.attempts, sealed=message.sealed)
    return False


def _later(message: Message, at: datetime, **more: Any) -> None:
    Message.objects.filter(pk=message.pk).update(send_at=at, lease_until=None, **more)


def _is_acknowledgement(message: Message) -> bool:
    """Return whether it is the first letter that the complainant of a case gets.

    An address is sent one of them within the hour: anybody can type anybody's.
    """
    letter = message.letter
    if letter is None or not letter.is_to_complainant:
        return False
    return not type(letter).objects.filter(case=letter.case_id, is_to_complainant=True, pk__lt=letter.pk).exists()


def _acknowledged(address: str) -> str:
    return "acknowledged:" + wording.blind_address(address)[:32]
