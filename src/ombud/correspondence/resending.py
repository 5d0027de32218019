"""What somebody decides about what has not gone out: to try it again, or to give it up for a reason; each is noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from ombud.cases.models import Outbox
from ombud.correspondence import delivery, lacking, wording
from ombud.correspondence.models import Message
from ombud.correspondence.unsettled import ALERTS, MESSAGES, TASKS
from ombud.notices.alerts.models import Alert, Way
from ombud.organisation.models import Change, Person
from ombud.policy.plain_text import plain

KIND = "outbox"  # in the log of changes


class NoReason(ValueError):
    """Giving something up needs a reason."""


def again(source: str, key: str, *, by: Person, now: datetime) -> bool:
    """Have it tried at once, as if for the first time; return False where it has gone out or is not there any more."""
    return _do(source, key, _AGAIN[source], {"did": "again"}, by, now)


def give_up(source: str, key: str, *, reason: str, by: Person, now: datetime) -> bool:
    """Have it tried no more; return False where it has gone out or is not there any more. Raises NoReason."""
    reason = plain(reason)[:300]
    if not reason:
        raise NoReason(NoReason.__doc__)

    def end(row: Any, now: datetime) -> bool:
        return _GIVE_UP[source](row, reason, now)

    return _do(source, key, end, {"did": "gave up", "reason": reason}, by, now)


def _do(
    source: str, key: str, change: Callable[[Any, datetime], bool], said: Mapping[str, str], by: Person, now: datetime
) -> bool:
    model: type[models.Model] = _MODELS[source]
    with transaction.atomic():
        try:
            row = model._default_manager.select_for_update().filter(pk=key).first()
        except (ValueError, ValidationError):  # no key of ours
            return False
        if row is None or not change(row, now):
            return False
        Change.objects.create(kind=KIND, key=f"{source}/{key}", content=dict(said), by=by, at=now)
        return True


def _message_again(row: Message, now: datetime) -> bool:
    if lacking.went_without(row):
        return lacking.send_again(row, now=now)
    if row.state not in (Message.State.FAILED, Message.State.QUEUED) or row.account_id is None:
        return False
    if wording.has_lost_code(row):  # a new one is issued instead
        return False
    # Not as if never tried: what is old and was never tried is given up at once. Another failure is told of anew.
    changed = {"state": Message.State.QUEUED, "attempts": 1, "send_at": now, "settled_at": None, "failed_seq": None}
    return bool(Message.objects.filter(pk=row.pk).update(**changed, lease_until=None))


def _message_end(row: Message, reason: str, now: datetime) -> bool:
    if lacking.went_without(row):
        return bool(Message.objects.filter(pk=row.pk).update(lacks=False))
    if row.state not in (Message.State.FAILED, Message.State.QUEUED):
        return False
    delivery.fail(row, reason, now=now)
    return True


def _alert_again(row: Alert, now: datetime) -> bool:
    if row.state not in (Alert.State.FAILED, Alert.State.QUEUED):
        return False
    Way.objects.filter(pk=row.way_id).update(rests_until=None)
    return bool(
        Alert.objects.filter(pk=row.pk).update(
            state=Alert.State.QUEUED, attempts=0, available_at=now, done_at=None, is_urgent=True
        )
    )


def _alert_end(row: Alert, reason: str, now: datetime) -> bool:
    if row.state not in (Alert.State.FAILED, Alert.State.QUEUED):
        return False
    return bool(Alert.objects.filter(pk=row.pk).update(state=Alert.State.DROPPED, done_at=now, answer=reason))


def _task_again(row: Outbox, now: datetime) -> bool:
    rows = Outbox.objects.filter(pk=row.pk, done_at=None)
    return bool(rows.update(attempts=0, available_at=now, lease_until=None))


def _task_end(row: Outbox, reason: str, now: datetime) -> bool:
    rows = Outbox.objects.filter(pk=row.pk, done_at=None)
    return bool(rows.update(done_at=now, lease_until=None, error=reason))


_MODELS: Mapping[str, type[models.Model]] = {MESSAGES: Message, ALERTS: Alert, TASKS: Outbox}
_AGAIN: Mapping[str, Callable[[Any, datetime], bool]] = {
    MESSAGES: _message_again,
    ALERTS: _alert_again,
    TASKS: _task_again,
}
_GIVE_UP: Mapping[str, Callable[[Any, str, datetime], bool]] = {
    MESSAGES: _message_end,
    ALERTS: _alert_end,
    TASKS: _task_end,
}
