"""What providers report of messages of ours: delivered, read, failed; also before we know what they call a message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction

from ombud.correspondence import delivery, rerouting, wording
from ombud.correspondence.models import Account, EarlyReport, Message

State = Message.State
FAILED, DELIVERED, READ = "failed", "delivered", "read"
_OUTCOMES = {DELIVERED: State.DELIVERED, READ: State.READ}
_STANDING = (State.HANDED_OVER, State.DELIVERED)  # what may still turn out otherwise
KEPT = timedelta(hours=1)  # for a message whose id there we have not been told yet
MOST = 500  # characters of a provider's words


class Reported(Protocol):
    """What a provider says of one message."""

    @property
    def id(self) -> str: ...  # there
    @property
    def outcome(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def is_late(self) -> bool: ...


def apply(message: Message, outcome: str, failure: str, *, now: datetime, is_late: bool = False) -> None:
    """Write down what became of a message; one too late for its platform goes the next way, if there is one."""
    if message.state not in _STANDING:
        return
    if outcome == FAILED and is_late:
        if wording.has_lost_code(message) or not rerouting.elsewhere(message, now=now):
            delivery.fail(message, delivery.WINDOW_CLOSED, now=now)
    elif outcome == FAILED:
        delivery.fail(message, failure, now=now)
    elif outcome in _OUTCOMES:
        delivery.settle(message, _OUTCOMES[outcome], now=now)


def hear(account: Account, reports: Sequence[Reported], *, now: datetime) -> None:
    """Take reports in: at once of the messages that we know, else as soon as they are handed over.

    They are written before the messages are looked for, as a message is before reports are (`catch_up`): whichever
    comes first, the other sees it.
    """
    EarlyReport.objects.filter(at__lt=now - KEPT).delete()
    rows = [
        EarlyReport(
            account=account,
            external_id=each.id,
            outcome=each.outcome[:20],
            words=each.words[:MOST],
            is_late=each.is_late,
            at=now,
        )
        for each in reports
        if each.id
    ]
    EarlyReport.objects.bulk_create(rows)
    if rows:
        catch_up(account, now=now)


def catch_up(account: Account, *, now: datetime) -> None:
    """Apply what was reported of messages that are known by now, in the order in which it came; each report once."""
    waiting = EarlyReport.objects.filter(account=account)
    with transaction.atomic():
        sent = Message.objects.filter(is_out=True, account=account, external_id__in=waiting.values("external_id"))
        found = sent.select_for_update(of=("self",)).select_related("keeper", "case__complainant", "account")
        # Locked in one order, or two processes would wait for each other.
        messages = {each.external_id: each for each in found.order_by("id")}
        if not messages:
            return
        applied = list(waiting.filter(external_id__in=list(messages)).order_by("id"))
        for report in applied:
            apply(messages[report.external_id], report.outcome, report.words, now=now, is_late=report.is_late)
        EarlyReport.objects.filter(pk__in=[each.pk for each in applied]).delete()
