"""What people do with ways: keep, take away, try out. Each is noted in the log of changes, without the address."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from ombud.notices.alerts import addresses, delivery, hours, wording
from ombud.notices.alerts.bulletin import bulletin
from ombud.notices.alerts.models import Alert, Way
from ombud.organisation.models import Change, Person
from ombud.privacy import throttle
from ombud.privacy.keys import digest
from ombud.privacy.masking import mask_text

TRIALS, WINDOW = 10, timedelta(hours=1)  # of one person: a test is a message to whatever address was typed
KIND = "way"  # in the log of changes


class TooManyTrials(Exception):
    """As many tests as anybody needs were sent within the hour."""


def keep(way: Way, *, by: Person, now: datetime) -> None:
    """Store a way, new or changed; what waits there waits for its new times."""
    with transaction.atomic():
        # What another process notes of its answers meanwhile is not written over.
        fresh = way._state.adding
        way.save() if fresh else way.save(update_fields=_ENTERED)
        waiting = Alert.objects.filter(way=way, state=Alert.State.QUEUED, is_urgent=False)
        waiting.update(available_at=hours.when(way, now))
        _note(way, _content(way), by, now)


_ENTERED = [
    *("policy", "role", "department", "office", "kind", "name", "sealed", "topics", "language", "tz"),
    *("rhythm", "at", "weekday", "quiet_from", "quiet_until", "is_on"),
]


def is_chosen(topic: str) -> bool:
    """Return whether a way that is in use tells of a topic."""
    return any(topic in topics for topics in Way.objects.filter(is_on=True).values_list("topics", flat=True))


def remove(way: Way, *, by: Person, now: datetime) -> None:
    """Take a way away, and with it what waits there."""
    with transaction.atomic():
        _note(way, None, by, now)
        way.delete()


def try_out(way: Way, *, by: Person, now: datetime) -> tuple[bool, str]:
    """Send a test at once; return whether it was taken, and what the provider said. Raises TooManyTrials."""
    if not throttle.attempt(f"way-test:{by.pk}", limit=TRIALS, window=WINDOW, now=now):
        raise TooManyTrials(TooManyTrials.__doc__)
    test = bulletin(way, wording.trial(way), key=f"test.{way.pk.hex}.{int(now.timestamp())}", alerts=(), now=now)
    try:
        words, is_taken = delivery.deliver(test), True
    except Exception as error:  # whatever a provider or mail server says is what the person asked to know
        words, is_taken = mask_text(delivery.words_of(error)), False
    words = addresses.without(way, words)[:300]
    healed = {"failures": 0, "rests_until": None} if is_taken else {}
    Way.objects.filter(pk=way.pk).update(answer=words, answered_at=now, **healed)
    return is_taken, words


def _content(way: Way) -> dict[str, object]:
    return {
        "person": way.person_id,
        "of": [way.policy, way.role, way.department_id, way.office_id],
        "kind": way.kind,
        "address": digest("way", addresses.of(way)[0])[:16],  # that it changed, not what it is
        "topics": way.topics,
        "is_on": way.is_on,
    }


def _note(way: Way, content: dict[str, object] | None, by: Person, now: datetime) -> None:
    Change.objects.create(kind=KIND, key=str(way.pk), content=content, by=by, at=now)
