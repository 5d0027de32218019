"""What came of putting a cause right: how often complaints of that cause came in before it, and since."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from django.db.models import Count, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, TruncDay
from django.utils import timezone

from ombud.cases.access.permissions import Permissions, scoped
from ombud.cases.models import Case
from ombud.cases.reading.paging import PAGE, Page, by_instant, instant_cursor
from ombud.insight.causes import below
from ombud.insight.rate_ratios import RateRatio, rate_ratio
from ombud.insight.registry import Rows
from ombud.insight.scopes import Scope, measured
from ombud.insight.spans import Span
from ombud.policy.model.pack import Pack

YEAR = timedelta(days=365)
LEAST_DAYS = 28  # that a stretch lasts before anything is said of it: four whole weeks
LEAST_CASES = 10  # of the cause, in both stretches together
LEAST_STATED = 0.5  # share of complaints whose cause is known, on either side


class Verdict(StrEnum):
    """What can be said of a rectification."""

    UNDER_WAY = "under_way"  # it is not in effect yet
    TOO_EARLY = "too_early"  # not enough data yet
    FEWER = "fewer"
    MORE = "more"
    SAME = "same"  # the interval holds 1: chance alone may have made the difference


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Whole days of the register: from a day until before another."""

    begin: date
    end: date
    number: int  # complaints of the cause that were received in it
    stated: int  # of any stated cause
    received: int

    @property
    def days(self) -> int:
        return max(0, (self.end - self.begin).days)

    @property
    def exposure(self) -> float:
        """The days, of these only the share whose complaints have a cause: the others may have been of this one too."""
        return self.days * self.stated / self.received if self.received else 0.0

    @property
    def a_month(self) -> float | None:
        """How many came in thirty days."""
        return 30 * self.number / self.exposure if self.exposure else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """A matter that puts a cause right, and what came of it."""

    case: Case
    cause: str
    in_effect_at: datetime | None
    verdict: Verdict
    before: Stretch | None = None
    after: Stretch | None = None
    ratio: RateRatio | None = None


def effects(pack: Pack, scope: Scope, reader: Permissions, now: datetime, cursor: str | None) -> Page[Effect]:
    """Return the matters that name a cause, those opened last first, with two queries however many. Raises NotOurs.

    Complaints are counted in the scope, whatever its span.
    """
    causes = pack.causes
    if causes.field is None or not causes.rectifications:
        return Page(rows=(), after=None)
    named = Coalesce(KeyTextTransform(causes.field, "measured__choices"), Value("", output_field=TextField()))
    matters = scoped(reader, is_leading=False).filter(policy=pack.id, procedure__in=causes.rectifications)
    matters = matters.annotate(cause=named).filter(cause__in=list(causes.tree))
    if (last := by_instant(cursor)) is not None:
        at, key = last
        matters = matters.filter(received_at__lte=at).exclude(received_at=at, pk__gte=key)
    found = list(matters.order_by("-received_at", "-pk")[: PAGE + 1])
    more, shown = len(found) > PAGE, found[:PAGE]
    days = _days(causes.field, shown, scope, now)
    return Page(
        rows=tuple(_effect(pack, each, days, now) for each in shown),
        after=instant_cursor(shown[-1].received_at, shown[-1].pk) if more else None,
    )


Days = dict[date, dict[str, int]]  # how many complaints of each cause came in; "": of none that is known


def _days(field: str, matters: Collection[Case], scope: Scope, now: datetime) -> Days:
    """Return the days that the stretches of these matters may hold."""
    if not matters:
        return {}
    first = min(each.received_at for each in matters) - YEAR
    wide = scope.within(Span(begin=first, end=now.astimezone(UTC)))
    cause = Coalesce(KeyTextTransform(field, "choices"), Value("", output_field=TextField()))
    rows = measured(wide, Rows.RECEIVED, now).order_by()
    rows = rows.annotate(day=TruncDay("received_at", tzinfo=timezone.get_default_timezone()), of=cause)
    found: Days = {}
    for at, of, number in rows.values_list("day", "of").annotate(Count("pk")):
        found.setdefault(at.date(), {})[of] = number
    return found


def _effect(pack: Pack, case: Case, days: Days, now: datetime) -> Effect:
    cause = str(getattr(case, "cause"))  # noqa: B009  # annotated
    is_done = case.closed_at is not None and case.phase == pack.causes.rectifications[case.procedure]
    if not is_done:
        return Effect(case=case, cause=cause, in_effect_at=None, verdict=Verdict.UNDER_WAY)
    assert case.closed_at is not None, "it is done"
    group = below(cause, pack.causes)
    begun, done, today = _day(case.received_at), _day(case.closed_at), _day(now)
    known = [each for each in days if each < begun]
    first = max(begun - YEAR, min(known, default=begun))  # before the register's first complaint nothing was counted
    before = _stretch(days, first, begun, group)
    after = _stretch(days, done + timedelta(days=1), min(today, done + YEAR), group)
    if not _is_enough(before, after):
        return Effect(case=case, cause=cause, in_effect_at=case.closed_at, verdict=Verdict.TOO_EARLY,
                      before=before, after=after)  # fmt: skip
    ratio = rate_ratio(before.number, before.exposure, after.number, after.exposure)
    verdict = Verdict.FEWER if ratio.is_fewer else Verdict.MORE if ratio.is_more else Verdict.SAME
    return Effect(case=case, cause=cause, in_effect_at=case.closed_at, verdict=verdict, before=before, after=after,
                  ratio=ratio)  # fmt: skip


def _is_enough(before: Stretch, after: Stretch) -> bool:
    both = (before, after)
    return (
        all(each.days >= LEAST_DAYS for each in both)
        and all(each.received and each.stated / each.received >= LEAST_STATED for each in both)
        and before.number + after.number >= LEAST_CASES
    )


def _stretch(days: Days, begin: date, end: date, group: Iterable[str]) -> Stretch:
    within = [counts for day, counts in days.items() if begin <= day < end]
    return Stretch(
        begin=begin,
        end=max(begin, end),
        number=sum(counts.get(cause, 0) for counts in within for cause in group),
        stated=sum(number for counts in within for cause, number in counts.items() if cause),
        received=sum(sum(counts.values()) for counts in within),
    )


def _day(at: datetime) -> date:
    return timezone.localdate(at, timezone.get_default_timezone())
