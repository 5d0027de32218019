"""The measured cases follow the log: a look every tick at what is new, a whole comparison now and then, or anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from ombud.cases.bulk_sql import put, rows_of_cases
from ombud.cases.fold import folded_rows
from ombud.cases.models import Case, Event, Participation
from ombud.insight import repeats, summing
from ombud.insight.eyes import keep_circles
from ombud.insight.measuring import measured
from ombud.insight.models import Kept, Measured

BATCH = 500  # cases that one transaction takes
# An event may become visible after one with a higher number: for so long what lies below is looked at again. What a
# longer transaction leaves behind is found by the whole comparison.
SETTLED = timedelta(minutes=2)
WHOLE = timedelta(hours=6)
_MARGIN = 1000  # events below the newest that are looked at again at the very beginning


def keep(*, now: datetime) -> int:
    """Measure the cases that something happened to since the last look, a batch of them; return how many."""
    newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
    kept = Kept.objects.first() or Kept(event=newest, event_at=now, settled=max(0, newest - _MARGIN))
    if kept.whole_at is None or now - kept.whole_at >= WHOLE:
        return _compare(kept, now)
    if newest == kept.settled:
        return 0
    behind = _behind(Case.objects.filter(pk__in=Event.objects.filter(pk__gt=kept.settled).values("case")))
    measure(behind)
    if now - kept.event_at >= SETTLED and len(behind) < BATCH:
        kept.settled, kept.event, kept.event_at = kept.event, newest, now
        kept.save()
    return len(behind)


def _compare(kept: Kept, now: datetime) -> int:
    """Go on comparing every case, in the order of their keys."""
    behind = _behind(Case.objects.filter(pk__gt=kept.compared))
    measure(behind)
    if len(behind) == BATCH:
        kept.compared = behind[-1]
    else:
        kept.compared, kept.whole_at = 0, now
    kept.save()
    return len(behind)


def _behind(cases: QuerySet[Case]) -> list[int]:
    """Return the keys of those that have gone on since they were measured, or never were."""
    as_it_is = Measured.objects.filter(case=OuterRef("pk"), seq=OuterRef("seq")).exclude(days=[])  # [] is of old
    return list(cases.filter(~Exists(as_it_is)).order_by("pk").values_list("pk", flat=True)[:BATCH])


def rebuild(told: Callable[[int, int], None] = lambda _done, _of: None, *, now: datetime | None = None) -> int:
    """Measure every case anew, sum up every day, and return how many cases there are.

    `told` hears how many are measured, of how many.
    """
    keys = list(Case.objects.order_by("pk").values_list("pk", flat=True))
    for begin in range(0, len(keys), BATCH):
        measure(keys[begin : begin + BATCH], is_noted=False)
        told(min(begin + BATCH, len(keys)), len(keys))
    summing.rebuild(now=now or timezone.now())
    return len(keys)


@transaction.atomic
def measure(keys: Collection[int], *, is_noted: bool = True) -> None:
    """Measure these cases as their events leave them now; that their days are to be summed anew is noted."""
    if not keys:
        return
    cases = rows_of_cases(Case, list(keys), order="id")
    events: dict[int, list[Event]] = defaultdict(list)
    for row in rows_of_cases(Event, list(keys), order="case_id, seq"):
        events[row.case_id].append(row)
    rows = [measured(case, folded_rows(case, events[case.pk], None), events[case.pk]) for case in cases]
    viewers: dict[int, set[str]] = {case.pk: set() for case in cases}
    for case_id, viewer in Participation.objects.filter(case__in=keys).values_list("case", "viewer"):
        viewers[case_id].add(viewer)
    circles = keep_circles(viewers)
    for each in rows:
        each.circle_id = circles[each.case_id]
    before = list(Measured.objects.filter(pk__in=keys).values_list("policy", "days"))
    others = repeats.mark(keys, rows)
    if is_noted:
        changed = [*before, *others, *((each.policy, each.days) for each in rows)]
        summing.note((policy, day) for policy, some in changed for day in some)
    put(rows)
