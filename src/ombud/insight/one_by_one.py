"""What a few cases come to that are told one by one: added to the sums of days, or taken away from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from ombud.cases.models import Duty
from ombud.insight.daily import CLAUSES, LAY, STAYS, Days, sides_of, sum_cases, sum_duties, sum_stays
from ombud.insight.measuring import zone
from ombud.insight.models import Measured
from ombud.insight.registry import OF_A_DAY, Rows
from ombud.insight.topics import TOPICS, sum_topics
from ombud.policy.model.pack import Pack


def of_cases(cases: Collection[int], what: str, pack: Pack, now: datetime) -> Days:
    """Return what some cases come to on whatever day, of one thing that is summed."""
    made, mine = Days(), Measured.objects.filter(pk__in=cases)
    if what == TOPICS:
        sum_topics(made, mine, pack)
    elif what in (LAY, STAYS):
        sum_stays(made, mine.filter(closed_at__isnull=False))
    elif what in (CLAUSES, Rows.DUTIES.value):
        rows = Duty.objects.filter(case__in=cases, is_outsiders=False)
        begun = rows.order_by().values_list("pk", "opened_at")
        tz, days = zone(), defaultdict[date, list[int]](list)
        for pk, opened_at in begun:
            days[opened_at.astimezone(tz).date()].append(pk)
        sum_duties(made, {day: rows.filter(pk__in=some) for day, some in days.items()}, now)
    else:
        rows_of = next(each for each in OF_A_DAY if each.value == what)
        sum_cases(made, rows_of, mine.filter(**{f"{what}__isnull": False}), sides_of(pack), now)
    return made
