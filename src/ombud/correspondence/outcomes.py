"""What providers report of messages of ours: delivered, read, failed; also before we know what they call a message."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from ombud.correspondence import delivery, rerouting, wording
from ombud.correspondence.models import Account, EarlyReport, Message

State = Message.State
FAILED, DELIVERED, READ = "failed", "delivered", "read"
_OUTCOMES = {DELIVERED: State.DELIVERED, READ: State.READ}
_STANDING = (State.HANDED_OVER, State.DELIVERED)  # what may still turn out otherwise
KEPT = timedelta(hours=1)  # for a message whose id there we have not been told yet
MOST = 500  # characters of a provider's words


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


def hear(account: Account, there: str, outcome: str, failure: str, *, is_late: bool, now: datetime) -> None:
    """Take a report in: at once where we know the message, else as soon as it is handed over.

    It is written before the message is looked for, as the message is before reports are (`catch_up_all`): whichever
    comes first, the other sees it.
    """
    if not there:
        return
    EarlyReport.objects.filter(at__lt=now - KEPT).delete()
    EarlyReport.objects.create(
        account=account, external_id=there, outcome=outcome[:20], words=failure[:MOST], is_late=is_late, at=now
    )
    _catch_up(account, there, now=now)


def catch_up_all(account: Account, *, now: datetime) -> None:
    """Apply what was reported of messages while they were being handed over: their ids are known by now."""
    for there in set(EarlyReport.objects.filter(account=account).values_list("external_id", flat=True)):
        _catch_up(account, there, now=now)


def _catch_up(account: Account, there: str, *, now: datetime) -> None:
    """Apply what was reported of a message, in the order in which it came; each report once."""
    with transaction.atomic():
        sent = Message.objects.filter(is_out=True, account=account, external_id=there).select_for_update(of=("self",))
        message = sent.select_related("keeper", "case__complainant", "account").first()
        if message is None:
            return
        for report in EarlyReport.objects.filter(account=account, external_id=there).order_by("id"):
            apply(message, report.outcome, report.words, now=now, is_late=report.is_late)
            message.refresh_from_db(fields=["state"])
        EarlyReport.objects.filter(account=account, external_id=there).delete()
