"""What people do with an alarm: say what was done, or mute its series until a day."""

from __future__ import annotations

from datetime import date, datetime

from ombud.insight.alarms.models import Alarm, Mute
from ombud.organisation.models import Person


def mute(alarm: Alarm, *, until: date, reason: str, by: Person, now: datetime) -> Mute:
    """Give no further alarm of this series and direction until the end of a day; the row stays as a record."""
    return Mute.objects.create(
        policy=alarm.policy,
        dimension=alarm.dimension,
        value=alarm.value,
        direction=alarm.direction,
        until=until,
        reason=reason,
        by=by,
        at=now,
    )


def note_done(alarm: Alarm, words: str, *, by: Person, now: datetime) -> bool:
    """Write down what was done where the policy opens no matter, and return whether nobody had before."""
    open_one = Alarm.objects.filter(pk=alarm.pk, done_at=None, matter=None)
    return open_one.update(done=words, done_by=by, done_at=now) == 1
