"""Who is there for what falls due: the hours that the rotas of a policy have people for, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from django.db.models import Q

from ombud.organisation.rotas import Rota
from ombud.organisation.shift_plan import DAY, Plan, active

HOUR = timedelta(hours=1)
Stretch = tuple[datetime, datetime]


def hours_ahead(policy: str, office: int | None, days: Sequence[date], *, now: datetime, zone: tzinfo) -> list[float]:
    """Return for each day in a zone how many hours people are on, from now; empty where the policy has no rota.

    Of one office are counted its own rotas and those of none. Whoever is on two shifts at once is there once.
    """
    rotas: Sequence[Rota] = list(
        active().filter(Q(office=office) | Q(office=None) if office is not None else Q(), policy=policy)
    )
    if not rotas or not days:
        return []
    # A shift of an office on the other side of the earth begins on the day before, or the one after.
    slots = Plan(rotas, days[0] - DAY, days[-1] + DAY).slots()
    on = defaultdict[int, list[Stretch]](list)
    for slot in slots:
        for person in slot.there:
            on[person.pk].append((slot.starts_at, slot.ends_at))
    spans = [(datetime.combine(day, time.min, zone), datetime.combine(day + DAY, time.min, zone)) for day in days]
    stretches = [each for mine in on.values() for each in _joined(mine)]
    return [
        sum((_shared(each, (max(now, begin), end)) for each in stretches), timedelta()) / HOUR for begin, end in spans
    ]


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return the stretches without what two of them share."""
    found: list[Stretch] = []
    for begin, end in sorted(stretches):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def _shared(one: Stretch, other: Stretch) -> timedelta:
    return max(timedelta(), min(one[1], other[1]) - max(one[0], other[0]))
