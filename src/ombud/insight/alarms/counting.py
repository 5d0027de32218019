"""What is counted by day for the early warning: complaints and those of each watched value, missed duties, bad press.

A day is the 24 hours before a multiple of 24 hours ago, so that the last one is whole at any instant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Min

from ombud.cases.models import WAS_LATE, Duty
from ombud.insight.models import Measured
from ombud.insight.opinion.models import Mention
from ombud.insight.watching import farrington
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.vocabulary import CHANNEL, DEPARTMENT, OFFICE

LONGEST = 7 * (farrington.MOST + 1)  # days; what lies further back is no past any more
LATELY = 21  # days of which the cases are kept as examples
EXAMPLES = 5
# Instead of a dimension, for duties that became overdue and negative mentions in public: no fact is called so.
LATE, MENTIONS = "@late", "@mentions"
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Series:
    """What is counted: all complaints (no dimension), or those with a value."""

    dimension: str = ""
    value: str = ""


@dataclass(kw_only=True, slots=True)
class Counted:
    """A series day by day, oldest first, and which cases the last days hold."""

    days: list[int]
    lately: list[tuple[timedelta, int]] = field(default_factory=list)  # (how long ago, Case.pk)

    def examples(self, days: int) -> list[int]:
        """Return the newest cases of the last so many days."""
        found = [pk for ago, pk in sorted(self.lately) if ago < timedelta(days=days)]
        return list(dict.fromkeys(found))[:EXAMPLES]


def counted(pack: Pack, *, now: datetime) -> Mapping[Series, Counted]:
    """Return every series of a policy that ever had a complaint, from its first complaint on."""
    rows = Measured.objects.filter(policy=pack.id, procedure=MAIN, received_at__lte=now)
    first = rows.aggregate(first=Min("received_at"))["first"]
    if first is None:
        return {}
    length = min(LONGEST, _ago(first, now) + 1)
    found: dict[Series, Counted] = defaultdict(lambda: Counted(days=[0] * length))
    for pk, received_at, channel, office, department, choices in (
        rows.filter(received_at__gt=now - timedelta(days=length))
        .values_list("pk", "received_at", "channel", "office__key", "department__key", "choices")
        .iterator(chunk_size=_BATCH)
    ):
        facts = {**choices, CHANNEL: channel, OFFICE: office, DEPARTMENT: department}
        ago = _ago(received_at, now)
        for series in _of(facts, pack):
            mine = found[series]
            mine.days[-1 - ago] += 1
            if ago < LATELY:
                mine.lately.append((now - received_at, pk))
    _add_late(found, pack, length, now)
    _add_mentions(found, pack, length, now)
    return found


def _add_late(found: dict[Series, Counted], pack: Pack, length: int, now: datetime) -> None:
    """Count the duties of ours that became overdue; what was met after all is none of them."""
    begin = now - timedelta(days=length)
    missed = Duty.objects.filter(WAS_LATE, policy=pack.id, is_outsiders=False, breached_at__gt=begin)
    rows = missed.filter(breached_at__lte=now).values_list("case", "breached_at")
    for case, breached_at in rows.iterator(chunk_size=_BATCH):
        assert breached_at is not None, "asked for"
        mine, ago = found[Series(LATE)], _ago(breached_at, now)
        mine.days[-1 - ago] += 1
        if ago < LATELY:
            mine.lately.append((now - breached_at, case))


def _add_mentions(found: dict[Series, Counted], pack: Pack, length: int, now: datetime) -> None:
    """Count the negative mentions by when they were published."""
    begin, negative = now - timedelta(days=length), Mention.Tone.NEGATIVE
    rows = Mention.objects.filter(policy=pack.id, tone=negative, published_at__gt=begin, published_at__lte=now)
    for published_at in rows.values_list("published_at", flat=True):
        found[Series(MENTIONS)].days[-1 - _ago(published_at, now)] += 1


def _of(facts: Mapping[str, str], pack: Pack) -> Iterator[Series]:
    yield Series()
    for dimension in pack.watch.dimensions:
        if facts.get(dimension):
            yield Series(dimension, facts[dimension])


def _ago(instant: datetime, now: datetime) -> int:
    return (now - instant) // timedelta(days=1)
