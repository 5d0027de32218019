"""Has each message that arrived sorted, once, whichever process comes first; what cannot be sorted waits for people."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F, Q

from ombud.channels import sorting
from ombud.correspondence.models import Account, Message

log = logging.getLogger(__name__)

BATCH, LEASE = 200, timedelta(minutes=2)
ATTEMPTS = 3  # then people look at it
UNREADABLE = "unreadable"

Decide = Callable[[Message, Account], object]


def sort(
    account: Account, decide: Decide, *, now: datetime, is_whole: Callable[[Message], bool] = lambda message: True
) -> int:
    """Have each message that arrived at an account decided about, unless more of it is to come; return how many."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    arrived = Message.objects.filter(free, account=account, state=Message.State.ARRIVED).order_by("had_at", "id")
    done = 0
    for pk in [each.pk for each in arrived.select_related("keeper")[:BATCH] if is_whole(each)]:
        claimed = Message.objects.filter(free, pk=pk, state=Message.State.ARRIVED)
        if claimed.update(lease_until=now + LEASE, attempts=F("attempts") + 1):
            message = Message.objects.select_related("account__office", "keeper", "office").get(pk=pk)
            done += sort_one(message, account, decide, now=now)
    return done


def sort_one(message: Message, account: Account, decide: Decide, *, now: datetime) -> bool:
    """Decide about a message that this process holds; False where that failed and is tried again."""
    try:
        decide(message, account)
    except Exception:
        log.exception("message %s cannot be sorted", message.pk)
        if message.attempts < ATTEMPTS:
            return False
        sorting.leave(message, Message.State.WAITING, UNREADABLE, now=now)
    return True
