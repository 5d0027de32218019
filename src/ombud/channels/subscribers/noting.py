"""Notes which events a subscriber is to be told of: each once, from when it was entered.

What is written into the log costs nothing more for it: the log is read here. A number that is given out may be
committed a little later than the next one, so that the newest are looked at again for a while.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef

from ombud.cases import eventlog
from ombud.cases.bulk_sql import insert
from ombud.cases.models import Case, Event
from ombud.channels.models import Delivery
from ombud.channels.subscribers import kinds
from ombud.correspondence.models import Account
from ombud.engine.model import BY_OCCURRENCE

SETTLED = timedelta(minutes=2)  # older ones are all there
BATCH = 500
PLACE = "event"  # in the account's place: all up to it were looked at


def newest() -> int:
    """Return the number of the newest event of all."""
    return int(Event.objects.aggregate(newest=Max("pk"))["newest"] or 0)


def note(account: Account, *, now: datetime) -> int:
    """Write down what the subscriber is to be told of since the last look, and return how much that is."""
    place, noted, settled = int(account.place.get(PLACE, 0)), 0, int((now - SETTLED).timestamp())
    known = Delivery.objects.filter(account=account, case=OuterRef("case"), seq=OuterRef("seq"))
    # A past that was taken in is news to nobody.
    fresh = Event.objects.filter(case__policy=account.policy).exclude(schema=BY_OCCURRENCE)
    # Asked first: whatever is younger when it is looked at is looked at again. All count, also what is noted already,
    # or it would be noted and told anew once `delivering.tidy` has forgotten it.
    at_rest = fresh.filter(pk__gt=place, recorded__lt=settled).aggregate(newest=Max("pk"))["newest"] or place
    after = place
    while rows := list(fresh.filter(pk__gt=after).filter(~Exists(known)).order_by("pk")[:BATCH]):
        noted += _note(account, rows, now)
        after = rows[-1].pk
    if at_rest > place:
        Account.objects.filter(pk=account.pk).update(place={**account.place, PLACE: at_rest})
        account.place = {**account.place, PLACE: at_rest}
    return noted


def _note(account: Account, rows: Iterable[Event], now: datetime) -> int:
    wanted = set(account.options.get("kinds", ()))
    of_case: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        of_case[row.case_id].append(row.seq)
    found = []
    # Of a confidential case no other system is told: nobody knows who reads there.
    for case in Case.objects.filter(pk__in=of_case, confidants=None):
        history = eventlog.rows_of(case)
        for seq in of_case[case.pk]:
            kind = kinds.kind_of(case, history, seq)
            if kind in wanted:
                found.append(
                    Delivery(account=account, case=case, seq=seq, kind=kind, made_at=now, available_at=now)
                )  # fmt: skip
    insert(found, ignore_conflicts=True)
    return len(found)
