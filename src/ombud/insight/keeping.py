"""The measured cases follow the log: a look every tick at what is new, a whole comparison now and then, or anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from ombud.cases.bulk_sql import put, rows_of_cases
from ombud.cases.fold import folded_rows
from ombud.cases.models import Case, Event, Participation
from ombud.insight import repeats, summing
from ombud.insight.contributions import contributions, differing
from ombud.insight.eyes import keep_circles
from ombud.insight.measuring import measured
from ombud.insight.models import Kept, Measured
from ombud.policy.vocabulary import SYSTEM

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
    as_it_is = Measured.objects.filter(case=OuterRef("pk"), seq=OuterRef("seq")).exclude(days={})  # {} is of old
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


def measure(keys: Collection[int], *, is_noted: bool = True) -> None:
    """Measure these cases as their events leave them now; which days are to be summed anew is noted.

    Only the writing is a transaction: on SQLite nobody could act while so many histories are told.
    """
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
    with transaction.atomic():
        _write(rows, events, viewers, is_noted=is_noted)


def _write(
    found: Collection[Measured],
    events: Mapping[int, Sequence[Event]],
    viewers: Mapping[int, set[str]],
    *,
    is_noted: bool,
) -> None:
    """Write what was measured of the cases that nothing happened to meanwhile; of the others the next look will.

    Duties are read here: what is noted of a case is right only where they are those that its events tell of.
    """
    stored = Measured.objects.filter(pk__in=viewers).values_list("pk", "policy", "seq", "days")
    before = {pk: (policy, seq, days) for pk, policy, seq, days in stored}
    circles = keep_circles(viewers)
    for each in found:
        each.circle_id = circles[each.case_id]
    changed = repeats.mark(viewers, found)
    for row, days in contributions(found):
        row.days = days
    now = dict(Case.objects.filter(pk__in=viewers).values_list("pk", "seq"))
    rows = [each for each in found if now.get(each.case_id) == each.seq]
    for row in rows:
        changed += _changed(before.get(row.case_id), row, events[row.case_id])
    if is_noted:
        summing.note(changed)
    put(rows)


def _changed(
    before: tuple[str, int, Mapping[str, str]] | None, row: Measured, events: Iterable[Event]
) -> list[tuple[str, str]]:
    """Return policy and day of the sums that are not what they were, now that a case is measured so."""
    if before is None:
        return [(row.policy, day) for day in row.days]
    policy, seq, days = before
    if policy == row.policy and _are_of_one_act([each for each in events if each.seq > seq]):
        return [(policy, day) for day in differing(days, row.days)]
    return [*((policy, day) for day in days), *((row.policy, day) for day in row.days)]


def _are_of_one_act(events: Sequence[Event]) -> bool:
    """Return whether events were written together: between two acts a day may have been summed up as it stood then."""
    return len({each.recorded for each in events}) <= 1 and sum(each.actor != SYSTEM for each in events) <= 1
