"""A layout of stages tried from every half hour of a year, on the real calendars."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from operator import ge
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from ombud.checks.timing.fact_classes import Facts
from ombud.checks.timing.stages import Bound, Layout, LimitStep, ends
from ombud.engine.limits import LimitPlan
from ombud.policy.model.limits import EARLIEST
from ombud.policy.model.pack import Pack
from ombud.worktime import Calendar, Mode
from ombud.worktime.zones import FIRST_YEAR, LAST_YEAR

HALF_HOUR = 1800
YEARS = 3  # for so long the days are told apart on which stages may end
BY_DAY = frozenset({Mode.NEXT_DAY_CLOSE, Mode.NATURAL})  # a limit that ends at the same time whatever the hour it began
Dues = Sequence[int]  # when a limit ends, from each half hour of the year
Counted = tuple[object, ...]  # what makes limits end alike


@dataclass(frozen=True, kw_only=True, slots=True)
class Squeeze:
    """How a total fares when its stages are laid out from every half hour of a year."""

    layout: Layout
    facts: Facts
    steps: tuple[LimitStep, ...]  # those that can make a difference
    worst: int  # seconds left at the worst start; below 0 the stages overrun
    at: int  # the worst start, the earliest of several
    first: int | None  # the first start at which they overrun
    bad: int  # from how many of the half hours they overrun
    starts: int

    @property
    def witness(self) -> int:
        """The start to show: the first at which the stages overrun, or else use the total up."""
        return self.at if self.first is None else self.first

    def critical(self) -> list[Bound]:
        """Return the limits that together make the stages end when they do, in order, from the witness."""
        times = ends(self.steps, self.layout.trigger, self.witness)
        steps = {step.event: step for step in self.steps}
        last = max(times.values())
        event = next(each for each in reversed(times) if times[each] == last)
        found: list[Bound] = []
        while event in steps:
            step = steps[event]
            bound = min(step.bounds, key=lambda each: each.ends(times), default=None)
            if bound is not None and bound.ends(times) == times[event]:
                found.append(bound)
                event = (max if bound.is_latest else min)(bound.anchors, key=times.__getitem__)
            else:
                event = max(step.before, key=times.__getitem__, default=self.layout.trigger)
        return found[::-1]


def is_by_day_alone(limit: LimitPlan) -> bool:
    """Return whether a limit ends at the same time from whatever hour of a day it begins: not where a cut-off tells."""
    return limit.mode in BY_DAY and limit.cutoff is None and not limit.parts


def counting_of(limit: LimitPlan) -> Counted:
    """Return what limits that end alike have in common: duties may say the same, each in its own place."""
    inner = tuple(map(counting_of, limit.parts))
    return limit.calendar, limit.length, limit.unit, limit.mode, limit.roll, limit.cutoff, limit.order, inner


LIMITS = 128  # of which the ends are kept for a whole year, 140 kB each
AXES = 32  # ways to put half hours together that are kept
KEPT = 1024  # layouts, of which one large policy has some fifty
Squeezed = tuple[tuple[tuple[str, tuple[str, ...]], ...], dict[str, Any]]  # steps that can make a difference, figures
_squeezed: OrderedDict[object, Squeezed] = OrderedDict()  # an edit leaves most layouts of a policy as they are
_lock = Lock()


class Year:
    """Every half hour of a year, and when limits end that begin then."""

    def __init__(self, year: int, tz: str) -> None:
        self.year, self.tz = year, tz
        self._dues: dict[Counted, Dues] = {}
        self._known: dict[Counted, dict[int, int]] = {}
        self._groups: dict[frozenset[object], list[list[int]]] = {}
        self._begins: dict[str, Sequence[int]] = {}
        self._hours: dict[Calendar, list[int]] = {}
        self._days: dict[tuple[str, int], Sequence[int]] = {}

    @cached_property
    def starts(self) -> Dues:
        """Every half hour, in epoch seconds."""
        zone = ZoneInfo(self.tz)
        first, last = (int(datetime(year, 1, 1, tzinfo=zone).timestamp()) for year in (self.year, self.year + 1))
        return tuple(range(first, last, HALF_HOUR))

    def dues(self, limit: LimitPlan) -> Dues:
        """Return when a limit ends that begins at each half hour."""
        key = counting_of(limit)
        found = self._dues.get(key)
        if found is None:
            if len(self._dues) >= LIMITS:
                self._dues.clear()
            found = self._dues[key] = array("q", self.after(limit, self.starts))
        return found

    def after(self, limit: LimitPlan, starts: Sequence[int]) -> list[int]:
        """Return when a limit ends that begins at each of these instants."""
        if limit.seconds is not None:
            return [start + limit.seconds for start in starts]
        if limit.parts:
            return list(
                map(min if limit.order == EARLIEST else max, *(self.after(each, starts) for each in limit.parts))
            )
        midnights = self._midnights(limit.calendar.spec.tz)
        is_by_day = is_by_day_alone(limit) and max(starts) < midnights[-1]
        if not is_by_day:
            return [limit.due(start, {}).at for start in starts]
        keys = self._keys(limit, starts)
        known = self._known.setdefault(counting_of(limit), {})
        for key, start in zip(keys, starts, strict=True):
            if key not in known:
                known[key] = limit.due(start, {}).at
        return [known[key] for key in keys]

    def _keys(self, limit: LimitPlan, starts: Sequence[int]) -> Sequence[int]:
        tz = limit.calendar.spec.tz
        if starts is self.starts:
            return self.days(tz)
        midnights = self._midnights(tz)
        return [bisect_right(midnights, start) for start in starts]

    def open_hours(self, calendar: Calendar) -> list[int]:
        """Return the open hours between nine and six in the first two weeks: when matters mostly begin."""
        if calendar not in self._hours:
            zone = ZoneInfo(calendar.spec.tz)
            hours = self.starts[: 14 * 48 : 2]
            self._hours[calendar] = [
                at for at in hours if 9 <= datetime.fromtimestamp(at, zone).hour < 18 and calendar.is_open(at)
            ]
        return self._hours[calendar]

    def days(self, tz: str, later: int = 0) -> Sequence[int]:
        """Return for every half hour the day that it is in a zone so many seconds later, numbered on."""
        if (tz, later) not in self._days:
            midnights = self._midnights(tz)
            self._days[tz, later] = [bisect_right(midnights, start + later) for start in self.starts]
        return self._days[tz, later]

    def groups(self, axes: Mapping[object, Sequence[int]]) -> list[list[int]]:
        """Return the half hours that have the same value on every axis, together; axes go by their keys."""
        known = frozenset(axes)
        if known not in self._groups:
            found: dict[tuple[int, ...], list[int]] = {}
            for start, key in zip(self.starts, zip(*axes.values(), strict=True), strict=True):
                found.setdefault(key, []).append(start)
            if len(self._groups) >= AXES:
                self._groups.clear()
            self._groups[known] = list(found.values())
        return self._groups[known]

    def _midnights(self, tz: str) -> Sequence[int]:
        """Return when each day begins in a zone, for so long as stages may take."""
        if tz not in self._begins:
            zone = ZoneInfo(tz)
            first, last = date(self.year - 1, 12, 30), date(self.year + YEARS, 1, 1)
            days = (first + timedelta(days=number) for number in range((last - first).days))
            midnights = [datetime(day.year, day.month, day.day, tzinfo=zone) for day in days]
            self._begins[tz] = [int(midnight.timestamp()) for midnight in midnights]
        return self._begins[tz]


def year_of(pack: Pack) -> Year:
    """Return the year in which a policy comes into force (or the nearest with known zones), on its default calendar."""
    year = min(max(int(pack.effective[:4]), FIRST_YEAR + 1), LAST_YEAR - YEARS)
    return _year(year, pack.calendars[pack.counting_calendar].tz)


@lru_cache(maxsize=4)
def _year(year: int, tz: str) -> Year:
    """Return a year, the same for all editions of a policy that begin in it."""
    return Year(year, tz)


def squeeze(year: Year, laid: Layout, facts: Facts) -> Squeeze:
    """Lay the stages out from every half hour of the year."""
    key = year.year, year.tz, laid.trigger, counting_of(laid.total), tuple(map(_shape, laid.steps))
    with _lock:
        known = _squeezed.get(key)
    if known is None:
        known = _squeeze(year, laid)
        with _lock:
            _squeezed[key] = known
            while len(_squeezed) > KEPT:
                _squeezed.popitem(last=False)
    orders, numbers = known
    steps = {step.event: step for step in laid.steps}
    kept = tuple(steps[event]._replace(before=before) for event, before in orders)
    return Squeeze(layout=laid, facts=facts, steps=kept, **numbers)


def _shape(step: LimitStep) -> tuple[object, ...]:
    """Return what of a step decides when it comes, in whichever edition of a policy it stands."""
    bounds = tuple((bound.anchors, bound.is_latest, counting_of(bound.limit)) for bound in step.bounds)
    return step.event, step.before, bounds


def _squeeze(year: Year, laid: Layout) -> Squeezed:
    steps = _that_matter(year, laid)
    groups = _alike(year, laid, steps)
    # The latest of them stands for all: what is left is the same, unless the stages end before it.
    last = [starts[-1] for starts in groups]
    ends = lay_out(year, steps, laid.trigger, last)
    left = [due - end for due, end in zip(year.after(laid.total, last), ends, strict=True)]
    worst = min(left)
    overrun = [starts for starts, each in zip(groups, left, strict=True) if each < 0]
    numbers = {
        "worst": worst,
        "at": _shown(year, laid, [starts for starts, each in zip(groups, left, strict=True) if each == worst]),
        "first": _shown(year, laid, overrun) if overrun else None,
        "bad": sum(map(len, overrun)),
        "starts": len(year.starts),
    }
    return tuple((step.event, step.before) for step in steps), numbers


def _alike(year: Year, laid: Layout, steps: Sequence[LimitStep]) -> list[list[int]]:
    """Return the half hours in groups from which all that begins with the trigger ends alike."""
    axes: dict[object, Sequence[int]] = {}
    counted = [(step, bound.limit) for step in steps for bound in step.bounds if bound.anchors == (laid.trigger,)]
    for step, limit in [(None, laid.total), *counted]:
        tz = limit.calendar.spec.tz
        if is_by_day_alone(limit):
            axes[tz] = year.days(tz)
        elif step is not None and limit.seconds and (zones := _only_days_after(step, steps)):
            axes |= {(zone, limit.seconds): year.days(zone, limit.seconds) for zone in zones}
        else:
            axes[counting_of(limit)] = year.dues(limit)
    return year.groups(axes)


def _only_days_after(step: LimitStep, steps: Sequence[LimitStep]) -> set[str]:
    """Return the zones of the limits that count from a step, if only the day on which it comes matters to them."""
    bounds = [bound for each in steps for bound in each.bounds if step.event in bound.anchors]
    is_waited_for = any(step.event in each.before for each in steps)
    if is_waited_for or len(step.bounds) != 1 or not all(is_by_day_alone(bound.limit) for bound in bounds):
        return set()
    return {bound.limit.calendar.spec.tz for bound in bounds if bound.anchors == (step.event,)}


def _shown(year: Year, laid: Layout, groups: Sequence[Sequence[int]]) -> int:
    """Return the first of the starts that is in the year where the total is counted, too."""
    zone = ZoneInfo(laid.total.calendar.spec.tz)
    starts = sorted(starts[0] for starts in groups) + sorted(starts[-1] for starts in groups)
    inside = (start for start in starts if datetime.fromtimestamp(start, zone).year == year.year)
    return next(inside, starts[0])


def lay_out(year: Year, steps: Sequence[LimitStep], trigger: str, starts: Sequence[int]) -> list[int]:
    """Return for each start when the last of the stages ends, each used to the full."""
    times: dict[str, Sequence[int]] = {trigger: starts}
    last: Sequence[int] = starts
    for event, before, bounds in steps:
        limits = [year.after(bound.limit, _together(bound, times)) for bound in bounds]
        at: list[Sequence[int]] = [list(map(min, *limits)) if len(limits) > 1 else limits[0]] if limits else []
        at += [times[each] for each in before]
        times[event] = list(map(max, *at)) if len(at) > 1 else (at[0] if at else starts)
        last = list(map(max, last, times[event]))
    return list(last)


def _together(bound: Bound, times: dict[str, Sequence[int]]) -> Sequence[int]:
    """Return when a limit begins, for each start."""
    anchors = [times[each] for each in bound.anchors]
    return anchors[0] if len(anchors) == 1 else list(map(max if bound.is_latest else min, *anchors))


def _that_matter(year: Year, laid: Layout) -> tuple[LimitStep, ...]:
    """Return the steps without those that never make anything later: all that follows them ends later anyway."""
    # What counts from an event cannot end before it, so that it need not be waited for as well.
    steps = [
        step._replace(before=tuple(each for each in step.before if not _all_count_from(step, each)))
        for step in laid.steps
    ]
    anchors = {each for step in steps for bound in step.bounds for each in bound.anchors}
    for step in laid.steps:
        early = _dues_of(year, laid, step)
        if early is None or step.event in anchors or step.before:
            continue
        late = [_dues_of(year, laid, other) for other in steps if step.event in other.before]
        if late and all(dues is not None and all(map(ge, dues, early)) for dues in late):
            steps = [
                each._replace(before=tuple(event for event in each.before if event != step.event))
                for each in steps
                if each.event != step.event
            ]
    return tuple(steps)


def _all_count_from(step: LimitStep, event: str) -> bool:
    return bool(step.bounds) and all(bound.anchors == (event,) for bound in step.bounds)


def _dues_of(year: Year, laid: Layout, step: LimitStep) -> Dues | None:
    """Return when a step ends, by each start, where it is counted from the trigger alone."""
    if len(step.bounds) != 1 or step.bounds[0].anchors != (laid.trigger,):
        return None
    return year.dues(step.bounds[0].limit)
