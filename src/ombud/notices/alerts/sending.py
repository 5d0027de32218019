"""Sends alerts: each way on its own, in a thread that holds nothing of the database, so that who hangs holds up nobody.

A way is leased while something goes out by it, by one process at a time, and what waits goes in one message. A way
that fails rests, longer each time. What a process sent and could not note any more is sent again by another one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q

from ombud.notices.alerts import addresses, delivery
from ombud.notices.alerts.bulletin import Bulletin, bulletin_of
from ombud.notices.alerts.models import Alert, Way
from ombud.privacy.masking import mask_text

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)  # longer than any call lasts
ATTEMPTS = 8  # over two hours
REST, LONGEST_REST = timedelta(seconds=30), timedelta(hours=1)
FLIGHTS, TO_ONE_HOST = 16, 4  # at a time, of this process
SOON = 0.5  # seconds that a tick waits for answers; those that come later are noted by the next one
KEPT = timedelta(days=30)


@dataclass(kw_only=True, slots=True)
class Flight:
    """A message on its way, and what came of it."""

    bulletin: Bulletin
    is_over: threading.Event = field(default_factory=threading.Event)
    answer: str = ""
    error: Exception | None = None

    def run(self) -> None:
        try:
            self.answer = delivery.deliver(self.bulletin)
        except Exception as error:  # whatever a provider says, or does not
            self.error = error
        finally:
            connection.close()  # a token may have been renewed
            self.is_over.set()


_flights: dict[UUID, Flight] = {}


def send(*, now: datetime) -> int:
    """Send what waits, as far as no way and no host has too much on its way; return how many answers were noted."""
    done = _note_answers(now)
    launched = [flight for pk in _waiting_ways(now) if (flight := _launch(pk, now)) is not None]
    end = time.monotonic() + SOON
    for flight in launched:
        flight.is_over.wait(max(0.0, end - time.monotonic()))
    return done + _note_answers(now)


def tidy(*, now: datetime) -> int:
    """Remove what was over long ago and return how much."""
    return Alert.objects.filter(done_at__lt=now - KEPT).delete()[0]


def _waiting_ways(now: datetime) -> list[UUID]:
    """Return the ways by which something is to go out, whoever waits longest first; none that rests or is busy."""
    free = Q(way__lease_until=None) | Q(way__lease_until__lt=now)
    awake = Q(way__rests_until=None) | Q(way__rests_until__lte=now)
    rows = Alert.objects.filter(free, awake, state=Alert.State.QUEUED, available_at__lte=now, way__is_on=True)
    found = rows.order_by("available_at").values_list("way", flat=True)[: 50 * FLIGHTS]
    return [pk for pk in dict.fromkeys(found) if pk not in _flights]


def _launch(pk: UUID, now: datetime) -> Flight | None:
    """Claim a way and send what waits by it; None where it cannot be now, or nothing that waits is needed any more."""
    if len(_flights) >= FLIGHTS:
        return None
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    if not Way.objects.filter(free, pk=pk, is_on=True).update(lease_until=now + LEASE):
        return None
    way = Way.objects.select_related("person").get(pk=pk)
    try:
        bulletin = bulletin_of(way, now=now)
    except Exception:  # one way that cannot be read must not hold up the others
        log.exception("alerts of way %s", pk)
        _rest(way, "", now)
        return None
    crowded = Counter(flight.bulletin.host for flight in _flights.values())
    if bulletin is None or crowded[bulletin.host] >= TO_ONE_HOST:
        Way.objects.filter(pk=pk).update(lease_until=None)
        return None
    flight = _flights[pk] = Flight(bulletin=bulletin)
    threading.Thread(target=flight.run, name=f"alert {pk}", daemon=True).start()
    return flight


def _note_answers(now: datetime) -> int:
    over = [(pk, flight) for pk, flight in _flights.items() if flight.is_over.is_set()]
    for pk, flight in over:
        del _flights[pk]
        way = Way.objects.filter(pk=pk).first()
        if way is None:  # taken away meanwhile
            continue
        with transaction.atomic():
            if flight.error is None:
                _note_sent(way, flight, now)
            else:
                _note_failed(way, flight.bulletin.alerts, _reason(way, flight.error), now)
    return len(over)


def _note_sent(way: Way, flight: Flight, now: datetime) -> None:
    words = addresses.without(way, flight.answer)[:300]
    Alert.objects.filter(pk__in=flight.bulletin.alerts).update(
        state=Alert.State.SENT, done_at=now, attempts=F("attempts") + 1, answer=words
    )
    Way.objects.filter(pk=way.pk).update(lease_until=None, failures=0, rests_until=None, answer=words, answered_at=now)


def _note_failed(way: Way, alerts: Iterable[int], reason: str, now: datetime) -> None:
    log.warning("alerts by way %s (%s): %s", way.pk, way.kind, reason)
    rows = Alert.objects.filter(pk__in=alerts)
    rows.update(attempts=F("attempts") + 1, answer=reason)
    rows.filter(attempts__gte=ATTEMPTS).update(state=Alert.State.FAILED, done_at=now)
    _rest(way, reason, now)


def _rest(way: Way, reason: str, now: datetime) -> None:
    wait = min(LONGEST_REST, REST * 2 ** min(way.failures, 10))
    Way.objects.filter(pk=way.pk).update(
        lease_until=None, failures=way.failures + 1, rests_until=now + wait, answer=reason, answered_at=now
    )


def _reason(way: Way, error: Exception) -> str:
    """Return why nothing was taken, without the address that mail servers and providers repeat."""
    return mask_text(addresses.without(way, delivery.words_of(error)))[:300]
