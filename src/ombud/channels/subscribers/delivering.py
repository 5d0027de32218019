"""Tells subscribers: in the order of each case, again until it is taken, longer apart each time, and not for ever.

Each subscriber has a thread of its own (`carrying`), so that one that hangs holds up only itself.
"""

from __future__ import annotations

import json
import logging
import threading
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from ombud.channels import calling
from ombud.channels.models import Delivery
from ombud.channels.signing import signed
from ombud.channels.subscribers import kinds, noting, telling
from ombud.correspondence import accounts, delivery
from ombud.correspondence.carriers import AccountFailed, Refused, TryAgain
from ombud.correspondence.models import Account
from ombud.notices.alerts.asking import tell
from ombud.notices.models import Notice
from ombud.organisation.models import Person
from ombud.organisation.staff import managers
from ombud.privacy.masking import mask_text

log = logging.getLogger(__name__)

STAY, LOOK = 60, 2.0  # looks of one thread, and seconds between them
BATCH, LEASE = 10, timedelta(minutes=5)  # as many slow calls as are over before their signatures are too old
PAUSES = (30, 120, 600, 1800, 3600, 7200, 14400)  # seconds before the next attempt
ATTEMPTS = 8  # of what the other side refuses: a day and a half
OFF_AFTER = 20  # failures in a row, seven hours at least: then it is switched off, and managers are told
KEPT = timedelta(days=30)


class Subscriber:
    """What runs at a subscriber."""

    def receive(self, account: Account, stop: threading.Event) -> None:
        """Note what it is to be told of, and tell it, for two minutes. Raises AccountFailed."""
        tidy(account, now=timezone.now())
        for _ in range(STAY):
            now = timezone.now()
            account.refresh_from_db()  # somebody may have changed it, or switched it off
            if not account.is_active:
                return
            noting.note(account, now=now)
            is_resting = account.paused_until is not None and account.paused_until > now
            while not is_resting and not stop.is_set() and deliver(account, now=timezone.now()):
                pass
            if stop.wait(LOOK):
                return


def deliver(account: Account, *, now: datetime) -> int:
    """Tell what waits and return of how much; of each case the oldest first, and nothing past what is not taken.

    Raises AccountFailed where the other side is not there, or does not let us in: then all waits.
    """
    told = 0
    for row in list(_waiting(account, now).select_related("case__complainant")[:BATCH]):
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        claimed = Delivery.objects.filter(free, pk=row.pk, state=Delivery.State.QUEUED)
        if claimed.update(lease_until=now + LEASE, attempts=F("attempts") + 1):
            row.attempts += 1
            _tell(account, row, now)
            told += 1
        if not account.is_active:
            break
    return told


def check(account: Account, *, now: datetime) -> None:
    """Send a ping. Raises AccountFailed."""
    with calling.asking():
        _call(account, {"type": "ping"}, now)


def again(row: Delivery, *, now: datetime) -> None:
    """Let something be told once more, whatever became of it; what is just being told is told once."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    Delivery.objects.filter(free, pk=row.pk).update(
        state=Delivery.State.QUEUED, attempts=0, available_at=now, lease_until=None, done_at=None
    )


def tidy(account: Account, *, now: datetime) -> int:
    """Remove what was over long ago and return how much."""
    return Delivery.objects.filter(account=account, done_at__lt=now - KEPT).delete()[0]


def _waiting(account: Account, now: datetime) -> QuerySet[Delivery]:
    queued = Delivery.objects.filter(account=account, state=Delivery.State.QUEUED)
    before = queued.filter(case=OuterRef("case"), seq__lt=OuterRef("seq"))
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return queued.filter(free, ~Exists(before), available_at__lte=now).order_by("available_at", "case", "seq")


def _tell(account: Account, row: Delivery, now: datetime) -> None:
    try:
        answer = _call(account, telling.content_of(row), now)
    except AccountFailed as error:  # nobody is there: that is no fault of this event
        Delivery.objects.filter(pk=row.pk).update(
            lease_until=None, attempts=row.attempts - 1, answer=mask_text(str(error))[:300]
        )
        if not _is_switched_off(account, row, str(error), now):
            raise
    except (Refused, TryAgain) as error:
        _failed(row, str(error), now)
        if not _is_switched_off(account, row, str(error), now):
            Account.objects.filter(pk=account.pk).update(failures=account.failures)
    else:
        done = {"state": Delivery.State.SENT, "done_at": now, "lease_until": None, "answer": answer}
        Delivery.objects.filter(pk=row.pk).update(**done)
        delivery.recover(account, sent_at=now)
        account.failures = 0


def _call(account: Account, content: dict[str, object], now: datetime) -> str:
    """Return what was answered. Raises as carriers do: what is no success is the account's or this event's."""
    body = json.dumps(content, ensure_ascii=False).encode()
    secret = str(accounts.secrets_of(account).get(kinds.SECRET, ""))
    headers = {"Content-Type": "application/json; charset=utf-8", **signed(secret, body, now=now)}
    answer = calling.post_bytes(str(account.options["url"]), body, headers)
    if answer.status >= 500:
        raise AccountFailed(f"{answer.status}")
    calling.judge(answer)
    return f"{answer.status}"


def _failed(row: Delivery, words: str, now: datetime) -> None:
    """Let an event be told later; one that the other side refuses again and again is given up."""
    said = mask_text(words)[:300]
    log.warning("delivery %s: %s", row.pk, said)
    rows = Delivery.objects.filter(pk=row.pk)
    if row.attempts >= ATTEMPTS:
        rows.update(state=Delivery.State.FAILED, done_at=now, lease_until=None, answer=said)
        return
    pause = timedelta(seconds=PAUSES[min(row.attempts, len(PAUSES)) - 1])
    rows.update(available_at=now + pause, lease_until=None, answer=said)


def _is_switched_off(account: Account, row: Delivery, words: str, now: datetime) -> bool:
    """Count a failure, and return whether it was the last of those in a row: then managers are told."""
    account.failures += 1
    if account.failures < OFF_AFTER:
        return False
    account.is_active = False
    off = {"is_active": False, "failures": account.failures, "failure": mask_text(words)[:500]}
    with transaction.atomic():
        if Account.objects.filter(pk=account.pk, is_active=True).update(**off):
            tell([_notice(account, row, person, now) for person in managers()], now=now)
    log.error("subscriber %s is switched off after %s failures in a row", account.key, account.failures)
    return True


def _notice(account: Account, row: Delivery, person: Person, now: datetime) -> Notice:
    return Notice(
        person=person,
        case=row.case,
        kind=Notice.Kind.SWITCHED_OFF,
        at=now,
        dedupe=f"off/{account.pk}/{int(now.timestamp())}/{person.pk}",
    )
