"""Checks of totals against their stages: deadline-conflict and no-slack, from every half hour of a year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from ombud.checks.findings import Finding, finding
from ombud.checks.known import limit_names
from ombud.checks.messages import joined, phrase
from ombud.checks.road import Answers, Road
from ombud.checks.situations import Facts, is_closed, situations
from ombud.checks.space import Space
from ombud.checks.stages import Layout, Passage, layout, passage
from ombud.checks.wording import act_title, both, column_title, title_of, value_title
from ombud.engine import compile_program
from ombud.engine.limits import LimitPlan
from ombud.engine.program import Program
from ombud.policy.limitwords import limit_text
from ombud.policy.model import Duty, Limit, Pack, Procedure, Text
from ombud.worktime import Mode

HALF_HOUR = 1800
BY_DAY = frozenset({Mode.NEXT_DAY_CLOSE, Mode.NATURAL})  # a limit that ends at the same time whatever the hour it began


@dataclass(frozen=True, kw_only=True, slots=True)
class Squeeze:
    """How a total fares when its stages are laid out from every half hour of a year."""

    layout: Layout
    facts: Facts
    worst: int  # seconds left at the worst start; below 0 the stages overrun
    at: int  # the worst start, the earliest of several
    first: int | None  # the first start at which they overrun
    bad: int  # how many of the starts overrun
    starts: int


def check_deadlines(pack: Pack) -> Iterator[Finding]:
    """Yield the duties whose limit is shorter than, or just as long as, the stages on the way to it."""
    for procedure in pack.procedures.values():
        space = Space(pack, procedure)
        program = compile_program(pack, procedure=procedure.id)
        kinds = Kinds(space, program)
        for duty in procedure.duties.values():
            if duty.is_recurring or duty.anchor_is_field:
                continue
            found = list(_squeezes(pack, program, kinds, duty))
            if found:
                worst = min(found, key=lambda each: (each.worst >= 0, each.worst))
                if worst.worst <= 0:
                    yield _finding(pack, procedure, worst)


class Kinds:
    """The kinds of cases of a procedure with the ways that each can take, each found once."""

    def __init__(self, space: Space, program: Program) -> None:
        self.space = space
        reads = [plan.limit.reads for plan in program.duties.values() if plan.limit]
        self.places = frozenset({"office", "department"}) & frozenset[str]().union(*reads)
        self.passages: dict[Any, Passage] = {}
        self.answers: Answers = {}
        self.roads: dict[str, Road] = {}
        self.found: dict[frozenset[str], list[Facts]] = {}

    def of(self, names: frozenset[str]) -> Iterator[Road]:
        """Yield the ways of every kind of case that these facts tell apart."""
        if names not in self.found:
            self.found[names] = situations(self.space.pack, names)
        for facts in self.found[names]:
            key = repr(facts)
            if key not in self.roads:
                self.roads[key] = Road(self.space, facts, self.answers)
            yield self.roads[key]

    def passage(self, road: Road, duty: Duty, trigger: str) -> Passage:
        """Return what lies between a trigger of a duty and its doing."""
        key = (road.shape, duty.id, trigger)
        if key not in self.passages:
            self.passages[key] = passage(road, duty, trigger)
        return self.passages[key]


def _squeezes(pack: Pack, program: Program, kinds: Kinds, duty: Duty) -> Iterator[Squeeze]:
    seen: set[Any] = set()
    for road in kinds.of(frozenset(_names(pack, kinds.space.procedure, duty))):
        if not road.may_hold(duty.where, {}):
            continue
        for trigger, place in product(duty.after, _places(pack, kinds.places)):
            if duty.anchor not in (None, "trigger", trigger):
                continue
            facts = {**road.facts, **place}
            found = layout(program, road, kinds.passage(road, duty, trigger), duty, trigger, facts)
            key = found and (trigger, found.order, tuple(map(id, found.limits)), found.free)
            if found is not None and key not in seen:
                seen.add(key)
                yield squeeze(pack, found, facts)


def _names(pack: Pack, procedure: Procedure, duty: Duty) -> set[str]:
    """Return the facts of which the kinds of cases are made: what the duties here ask about."""
    names = facts_of(duty)
    for other in procedure.duties.values():
        reads = facts_of(other)
        if other.id != duty.id and _shares(pack, names, reads):
            names |= reads
    for chain in procedure.chains.values():
        reads = {name for stage in chain.stages if stage.where for name in stage.where.names}
        if _shares(pack, names, reads):
            names |= reads
    return {name for name in names if is_closed(pack, name)}


def facts_of(duty: Duty) -> set[str]:
    """Return the facts that a duty's limit and condition ask about."""
    return set(limit_names(duty.limit)) | set(duty.where.names if duty.where else ())


def _shares(pack: Pack, names: set[str], reads: set[str]) -> bool:
    return not names or bool(names & reads)


def _places(pack: Pack, read: frozenset[str]) -> list[Facts]:
    """Return the offices and departments whose calendars make a difference; none in particular, if none do."""
    offices = {id: each.calendar for id, each in pack.offices.items()} if "office" in read else {}
    departments = {id: each.calendar for id, each in pack.departments.items()} if "department" in read else {}
    pairs = product(_one_of_each(offices), _one_of_each(departments))
    return [{key: value for key, value in zip(("office", "department"), pair, strict=True) if value} for pair in pairs]


def _one_of_each(calendars: Mapping[str, str | None]) -> list[str | None]:
    """Return one holder for every calendar."""
    found: dict[str | None, str | None] = {calendar: id for id, calendar in reversed(list(calendars.items()))}
    return list(found.values()) or [None]


def squeeze(pack: Pack, laid: Layout, facts: Facts) -> Squeeze:
    """Lay the stages out from every half hour of the policy's first year."""
    year, zone = int(pack.effective[:4]), pack.calendars[pack.counting_calendar].tz
    starts = half_hours(year, zone)
    chosen = starts[:1] if all(plan.seconds is not None for plan in laid.limits) else starts
    counted = [(plan, _counts_from_start(laid, plan)) for plan in laid.limits]
    if all(plan.mode in BY_DAY for plan, is_first in counted if is_first):
        # The hour makes no difference, so one start for each day on each of the calendars will do.
        zones = sorted({plan.calendar.spec.tz for plan, is_first in counted if is_first})
        days = zip(*(local_days(year, zone, each) for each in zones), strict=True)
        chosen = tuple(dict(reversed(list(zip(days, starts, strict=True)))).values())
    weight = len(starts) // len(chosen)
    worst = at = first = None
    bad = 0
    for start in sorted(chosen):
        left = laid.total.due(start, {}).at - laid.ends(start)
        if worst is None or left < worst:
            worst, at = left, start
        if left < 0:
            bad += 1
            first = start if first is None else first
    assert worst is not None, "a year has half hours"
    assert at is not None, "a year has half hours"
    return Squeeze(
        layout=laid, facts=facts, worst=worst, at=at, first=first, bad=bad * weight, starts=len(chosen) * weight
    )


def _counts_from_start(laid: Layout, plan: LimitPlan) -> bool:
    if plan is laid.total:
        return True
    bounds = (each for bounds in laid.bounds.values() for each in bounds)
    return any(each.limit is plan and laid.trigger in each.anchors for each in bounds)


@lru_cache(maxsize=8)
def half_hours(year: int, tz: str) -> tuple[int, ...]:
    """Return every half hour of a year, in epoch seconds."""
    zone = ZoneInfo(tz)
    first = int(datetime(year, 1, 1, tzinfo=zone).timestamp())
    last = int(datetime(year + 1, 1, 1, tzinfo=zone).timestamp())
    return tuple(range(first, last, HALF_HOUR))


@lru_cache(maxsize=32)
def local_days(year: int, tz: str, other: str) -> tuple[int, ...]:
    """Return for every half hour of a year in one zone the day that it is in another."""
    zone = ZoneInfo(other)
    return tuple(datetime.fromtimestamp(at, zone).toordinal() for at in half_hours(year, tz))


# -- words


def _finding(pack: Pack, procedure: Procedure, found: Squeeze) -> Finding:
    laid, duty = found.layout, found.layout.duty
    start = found.at if found.worst == 0 else found.first
    assert start is not None, "stages that overrun do so from some start"
    values = {
        "duty": title_of(duty.title, duty.id),
        "limit": limit_text(_written(laid.total), pack),
        "stages": _stages(pack, procedure, laid),
        "case": _case(pack, procedure, found),
        "trigger": act_title(pack, procedure, laid.trigger),
        "start": _moment(pack, start),
        "end": _moment(pack, laid.ends(start)),
        "due": _moment(pack, laid.total.due(start, {}).at),
        "bad": found.bad,
        "starts": found.starts,
        "worst": _moment(pack, found.at),
        "over": _span(-found.worst),
        "rest": _rest(pack, procedure, laid),
    }
    clauses = [*duty.cite, *(clause for each in _used(procedure, laid) for clause in each)]
    return finding(
        "no-slack" if found.worst == 0 else "deadline-conflict", place=duty.at, clauses=clauses, values=values
    )


def _case(pack: Pack, procedure: Procedure, found: Squeeze) -> Text:
    """Return what kind of case it is, as far as the limits ask; nothing where they ask for nothing."""
    duties = [found.layout.duty, *(d for d in procedure.duties.values() if _is_stage(found.layout, d.id))]
    asked = {name for duty in duties for name in limit_names(duty.limit)}
    asked |= {name for duty in duties if duty.where for name in duty.where.names}
    parts = []
    for name, value in found.facts.items():
        if name in ("office", "department"):
            holder = pack.offices.get(value) or pack.departments.get(value)
            parts.append(title_of(holder.title if holder else {}, str(value)))
        elif name in asked and value is not None:
            source = pack.fields.get(name) or pack.tables[name]
            parts.append(phrase("is", title=column_title(source), values=[value_title(source, value)]))
    return phrase("in-case", case=joined(parts, "comma")) if parts else both("")


def _is_stage(laid: Layout, name: str) -> bool:
    return any(bound.name == name for bounds in laid.bounds.values() for bound in bounds)


def _written(plan: LimitPlan) -> Limit:
    return plan.limit


def _used(procedure: Procedure, laid: Layout) -> Iterator[tuple[str, ...]]:
    for bounds in laid.bounds.values():
        for bound in bounds:
            duty = procedure.duties.get(bound.name)
            yield duty.cite if duty else procedure.chains[bound.name.partition(".")[0]].cite


def _stages(pack: Pack, procedure: Procedure, laid: Layout) -> Text:
    parts = []
    for event, _ in laid.order:
        for bound in laid.bounds.get(event, ()):
            duty = procedure.duties.get(bound.name)
            chain = procedure.chains.get(bound.name.partition(".")[0])
            title = title_of(duty.title, duty.id) if duty else title_of(chain.title if chain else {}, bound.name)
            parts.append(phrase("stage", title=title, limit=limit_text(_written(bound.limit), pack)))
    return joined(parts, "comma")


def _rest(pack: Pack, procedure: Procedure, laid: Layout) -> list[Text]:
    """Return what is still to be done after the last stage with a limit."""
    last = max(index for index, (event, _) in enumerate(laid.order) if event in laid.bounds)
    events = [event for event, _ in laid.order[last + 1 :] if event in procedure.acts] + list(laid.duty.do)
    return [act_title(pack, procedure, event) for event in events]


def _moment(pack: Pack, at: int) -> Text:
    zone = ZoneInfo(pack.calendars[pack.counting_calendar].tz)
    when = datetime.fromtimestamp(at, zone)
    day = phrase(f"day-{when.weekday()}")
    return phrase("moment", day=day, at=when.strftime("%Y-%m-%d %H:%M"))


def _span(seconds: int) -> Text:
    length = timedelta(seconds=seconds)
    if length.days:
        return phrase("days-over", days=length.days, hours=length.seconds // 3600)
    return both(f"{seconds // 3600}:{seconds % 3600 // 60:02}")
