"""The clock looks at every policy's series: whole once a day, and in between as often as that is cheap."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ombud.insight.alarms import forecast, raising
from ombud.insight.alarms.counting import Counted, Series, counted
from ombud.insight.alarms.models import Alarm, Look, Mute
from ombud.insight.alarms.rising_words import counted_words
from ombud.insight.watching import judging
from ombud.insight.watching.judging import Verdict
from ombud.insight.watching.multiplicity import SHARE, standing
from ombud.organisation import library, publishing
from ombud.organisation.models import PolicyVersion
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import CHANNEL

SHARE_BETWEEN = SHARE / 10  # of looks between the daily ones: there are many of them
OFTEN = timedelta(hours=1)
DEAR = 1800  # a look that took a second is not repeated within half an hour
GOES_ON = 0.05  # an alarm ends when its series was likelier than that
ENDS_AFTER = timedelta(days=7)
SILENT = ("", CHANNEL)  # dimensions of which a silence is told
RISE, FALL = Alarm.Direction.RISE, Alarm.Direction.FALL


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One series, looked at in one direction."""

    series: Series
    direction: str
    verdict: Verdict
    counted: Counted

    @property
    def key(self) -> tuple[str, str, str]:
        return self.series.dimension, self.series.value, self.direction


def run(*, now: datetime) -> int:
    """Look at the series of one policy where that is due, and return how many alarms it gave."""
    looks = {row.policy: row for row in Look.objects.all()}
    for version in publishing.policies_in_force(now=now):
        last = looks.get(version.policy)
        if last is None or _is_due(last, now):
            return _look(version, last, now) if _is_mine(version.policy, last, now) else 0
    return 0


def _is_due(last: Look, now: datetime) -> bool:
    if now - last.at < OFTEN:  # also where that look failed
        return False
    if timezone.localdate(last.whole_at) != timezone.localdate(now):
        return True
    return now - last.at >= timedelta(seconds=DEAR * last.seconds)


def _is_mine(policy: str, last: Look | None, now: datetime) -> bool:
    """Return whether no other clock looks just now."""
    if last is None:
        never = now - timedelta(days=1)
        return Look.objects.get_or_create(policy=policy, defaults={"at": now, "whole_at": never})[1]
    return Look.objects.filter(policy=policy, at=last.at).update(at=now) == 1


def _look(version: PolicyVersion, last: Look | None, now: datetime) -> int:
    is_whole = last is None or timezone.localdate(last.whole_at) != timezone.localdate(now)
    pack = library.pack(version.hash)
    begun = time.monotonic()
    found = list(_judged(counted(pack, now=now)))
    # Words are many, and read from sealed texts: once a day, and apart, so that they hide nothing else.
    words = list(_judged(counted_words(pack, now=now))) if is_whole else []
    with transaction.atomic():
        fresh = _kept(version, pack, [found, words], share=SHARE if is_whole else SHARE_BETWEEN, now=now)
        row = Look.objects.get(policy=version.policy)
        row.whole_at = now if is_whole else row.whole_at
        row.load = forecast.load(version.policy, now=now)
        row.seconds, row.series = time.monotonic() - begun, len(found) + len(words)
        row.save()
    return len(fresh)


def _judged(series: Mapping[Series, Counted]) -> Iterable[Found]:
    for each, mine in series.items():
        # What has hardly been complained of lately has not risen, whatever its past.
        if sum(mine.days[-judging.LONGEST :]) >= judging.RISE_LEAST and (verdict := judging.rise(mine.days)):
            yield Found(series=each, direction=RISE, verdict=verdict, counted=mine)
        if each.dimension in SILENT and (verdict := judging.fall(mine.days)):
            yield Found(series=each, direction=FALL, verdict=verdict, counted=mine)


def _kept(
    version: PolicyVersion, pack: Pack, families: Sequence[list[Found]], *, share: float, now: datetime
) -> list[Alarm]:
    """Bring the alarms up to date and return those that are new; each family is judged by itself."""
    seen = {each.key: each for family in families for each in family}
    open_ones = {(row.dimension, row.value, row.direction): row for row in _going_on(version.policy)}
    for key, alarm in open_ones.items():
        _go_on(alarm, seen.get(key), now)
    muted = set(
        Mute.objects.filter(policy=version.policy, until__gte=timezone.localdate(now)).values_list(
            "dimension", "value", "direction"
        )
    )
    stand = [
        family[index] for family in families for index in sorted(standing([f.verdict.chance for f in family], share))
    ]
    new = [each for each in stand if each.key not in open_ones.keys() | muted]
    alarms = [_alarm(version.policy, pack, each, now) for each in new]
    Alarm.objects.bulk_create(alarms)
    if alarms:
        raising.tell(version, pack, alarms, now=now)
    return alarms


def _going_on(policy: str) -> Iterable[Alarm]:
    return Alarm.objects.filter(policy=policy, ended_at=None)


def _go_on(alarm: Alarm, found: Found | None, now: datetime) -> None:
    """Note that a rise or silence goes on, or has ended: it was nothing unusual for as long as a week is."""
    if found is not None and found.verdict.chance <= GOES_ON:
        alarm.seen_at, alarm.weeks = now, judging.history(found.counted.days)
    elif now - alarm.seen_at >= ENDS_AFTER:
        alarm.ended_at = now
    # No other field: somebody may be writing down just now what was done.
    alarm.save(update_fields=["seen_at", "weeks", "ended_at"])


def _alarm(policy: str, pack: Pack, found: Found, now: datetime) -> Alarm:
    verdict = found.verdict
    return Alarm(
        policy=policy,
        dimension=found.series.dimension,
        value=found.series.value,
        direction=found.direction,
        since=now - timedelta(days=verdict.days),
        found_at=now,
        seen_at=now,
        span=verdict.span,
        days=verdict.days,
        observed=verdict.observed,
        expected=round(verdict.expected, 2),
        limit=verdict.limit,
        chance=verdict.chance,
        method=verdict.method,
        weeks=judging.history(found.counted.days),
        examples=found.counted.examples(verdict.days) if found.direction == RISE else [],
        clauses=list(pack.watch.cite),
    )
