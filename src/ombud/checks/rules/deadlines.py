"""Checks of totals against their stages: deadline-conflict and no-slack, from every half hour of a year."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from ombud.checks.findings import Finding, finding
from ombud.checks.messages import joined, phrase
from ombud.checks.model.abstract_state import Space
from ombud.checks.rules.known import limit_names
from ombud.checks.timing.fact_classes import Facts, fact_classes, is_closed
from ombud.checks.timing.must_precede import Answers, MustPrecede
from ombud.checks.timing.stages import LAST, Bound, Layout, Passage, ends, layouts, passage
from ombud.checks.timing.year import Squeeze, squeeze, year_of
from ombud.checks.wording import act_title, column_title, title_of, value_title
from ombud.engine import compile_program
from ombud.engine.program import Program
from ombud.policy.event_names import EventName
from ombud.policy.limitwords import limit_text
from ombud.policy.model.duties import Duty
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.vocabulary import DEPARTMENT, OFFICE, TRIGGER
from ombud.texts import Text, same
from ombud.worktime.ending import ending


def check_deadlines(pack: Pack) -> Iterator[Finding]:
    """Yield the duties whose limit is shorter than, or just as long as, the stages on the way to it."""
    for procedure in pack.procedures.values():
        yield from squeezed_totals(Kinds(Space(pack, procedure), compile_program(pack, procedure=procedure.id)))


def squeezed_totals(kinds: Kinds) -> Iterator[Finding]:
    """Yield the totals of one procedure that their stages overrun or use up."""
    pack, procedure = kinds.space.pack, kinds.space.procedure
    for duty in procedure.duties.values():
        if duty.is_recurring or duty.anchor_is_field:
            continue
        found = list(_squeezes(pack, kinds.program, kinds, duty))
        if found:
            worst = min(found, key=lambda each: (each.worst >= 0, each.worst))
            if worst.worst <= 0:
                yield _finding(pack, procedure, worst)


class Kinds:
    """The kinds of cases of a procedure with the ways that each can take, each found once."""

    def __init__(self, space: Space, program: Program) -> None:
        self.space, self.program = space, program
        reads = [plan.limit.reads for plan in program.duties.values() if plan.limit]
        self.places = frozenset({OFFICE, DEPARTMENT}) & frozenset[str]().union(*reads)
        self.passages: dict[Any, Passage] = {}
        self.year = year_of(space.pack)
        self.answers: Answers = {}
        self.roads: dict[str, MustPrecede] = {}
        self.found: dict[frozenset[str], list[Facts]] = {}

    def of(self, names: frozenset[str]) -> Iterator[MustPrecede]:
        """Yield the ways of every kind of case that these facts tell apart."""
        if names not in self.found:
            self.found[names] = fact_classes(self.space.pack, names)
        for facts in self.found[names]:
            key = repr(facts)
            if key not in self.roads:
                self.roads[key] = MustPrecede(self.space, facts, self.answers)
            yield self.roads[key]

    def passage(self, road: MustPrecede, duty: Duty, trigger: str) -> Passage:
        """Return what lies between a trigger of a duty and its doing."""
        key = (road.shape, duty.id, duty.do, trigger)
        if key not in self.passages:
            self.passages[key] = passage(road, duty, trigger)
        return self.passages[key]


def _squeezes(pack: Pack, program: Program, kinds: Kinds, duty: Duty) -> Iterator[Squeeze]:
    seen: set[Any] = set()
    for road in kinds.of(frozenset(_names(pack, kinds.space.procedure, duty))):
        if not road.may_hold(duty.where, {}):
            continue
        for goal, trigger, place in product(_goals(road, duty), duty.after, places(pack, kinds.places)):
            if duty.anchor not in (None, TRIGGER, trigger):
                continue
            facts = {**road.facts, **place}
            for found in layouts(program, road, kinds.passage(road, goal, trigger), goal, trigger, facts):
                if found.key in seen:
                    continue
                seen.add(found.key)
                squeezed = squeeze(kinds.year, found, facts)
                # That the last stage ends when the total does is as it should be; and what only one of several ways to
                # do the duty takes may use the time up, for there are others.
                if squeezed.worst < 0 or (LAST not in found.bounds and goal is duty):
                    yield squeezed


def _goals(road: MustPrecede, duty: Duty) -> list[Duty]:
    """Return the duty, and for each act that is the only way left to discharge it once it is taken, the duty with that.

    An act that may come before another one and is no other way (a first word before the answer) is no choice: whoever
    is short of time does it.
    """
    others = {goal: [each for each in duty.do if each != goal] for goal in duty.do}
    ways = [goal for goal in duty.do if others[goal] and not any(road.leads_to(each, [goal]) for each in others[goal])]
    return [duty, *(replace(duty, do=(goal,)) for goal in ways)]


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


def places(pack: Pack, read: frozenset[str]) -> list[Facts]:
    """Return the offices and departments whose calendars make a difference; none in particular, if none do."""
    offices = {id: each.calendar for id, each in pack.offices.items()} if OFFICE in read else {}
    departments = {id: each.calendar for id, each in pack.departments.items()} if DEPARTMENT in read else {}
    pairs = product(_one_of_each(offices), _one_of_each(departments))
    return [{key: value for key, value in zip((OFFICE, DEPARTMENT), pair, strict=True) if value} for pair in pairs]


def _one_of_each(calendars: Mapping[str, str | None]) -> list[str | None]:
    """Return one holder for every calendar."""
    found: dict[str | None, str | None] = {calendar: id for id, calendar in reversed(list(calendars.items()))}
    return list(found.values()) or [None]


# -- words


def _finding(pack: Pack, procedure: Procedure, found: Squeeze) -> Finding:
    laid, duty, start = found.layout, found.layout.duty, found.witness
    used = found.critical()
    zone = ZoneInfo(laid.total.calendar.spec.tz)
    values = {
        "duty": title_of(duty.title, duty.id),
        "limit": limit_text(laid.total.limit, pack),
        "stages": _stages(pack, procedure, used),
        "case": _case(pack, procedure, found),
        "trigger": act_title(pack, procedure, laid.trigger),
        "start": moment(start, zone),
        "end": end_moment(max(ends(found.steps, laid.trigger, start).values()), zone),
        "due": end_moment(laid.total.due(start, {}).at, zone),
        "bad": found.bad,
        "starts": found.starts,
        "worst": moment(found.at, zone),
        "over": _span(-found.worst),
        "rest": _rest(pack, procedure, laid, used),
    }
    clauses = [*duty.cite, *(clause for bound in used for clause in _clauses(procedure, bound))]
    code = "no-slack" if found.worst == 0 else "deadline-conflict"
    return finding(code, place=duty.at, clauses=clauses, values=values)


def _case(pack: Pack, procedure: Procedure, found: Squeeze) -> Text:
    """Return what kind of case it is, as far as the limits of the total and its stages ask."""
    duties = [found.layout.duty, *(d for d in procedure.duties.values() if _is_stage(found.layout, d.id))]
    return kind_of_case(pack, found.facts, {name for duty in duties for name in facts_of(duty)})


def kind_of_case(pack: Pack, facts: Facts, asked: Collection[str]) -> Text:
    """Return what kind of case it is, as far as limits ask; nothing where they ask for nothing."""
    parts = []
    for name, value in facts.items():
        if name in (OFFICE, DEPARTMENT):
            holder = pack.offices.get(value) or pack.departments.get(value)
            parts.append(title_of(holder.title if holder else {}, str(value)))
        elif name in asked and value is not None:
            source = pack.fields.get(name) or pack.tables[name]
            parts.append(phrase("is", title=column_title(source), values=[value_title(source, value)]))
    return phrase("in-case", case=joined(parts, "comma")) if parts else same("")


def _is_stage(laid: Layout, name: str) -> bool:
    return any(bound.name == name for bounds in laid.bounds.values() for bound in bounds)


def _clauses(procedure: Procedure, bound: Bound) -> tuple[str, ...]:
    duty = procedure.duties.get(bound.name)
    return duty.cite if duty else procedure.chains[EventName.of(bound.name).head].cite


def _stages(pack: Pack, procedure: Procedure, used: list[Bound]) -> Text:
    parts = []
    for bound in used:
        entry = procedure.duties.get(bound.name) or procedure.chains[EventName.of(bound.name).head]
        title = title_of(entry.title, bound.name)
        parts.append(phrase("stage", title=title, limit=limit_text(bound.limit.limit, pack)))
    return joined(parts, "comma")


def _rest(pack: Pack, procedure: Procedure, laid: Layout, used: list[Bound]) -> list[Text]:
    """Return what is still to be done after the last of the stages."""
    events = [event for event, _ in laid.order]
    after = events[events.index(used[-1].event) + 1 :] if used else events
    return [act_title(pack, procedure, event) for event in after if event in procedure.acts] + [
        act_title(pack, procedure, event) for event in laid.duty.do
    ]


def moment(at: int, zone: ZoneInfo) -> Text:
    """Return an instant with its day of the week, on the clock of a zone."""
    when = datetime.fromtimestamp(at, zone)
    return phrase("moment", day=phrase(f"day-{when.weekday()}"), at=when.strftime("%Y-%m-%d %H:%M"))


def end_moment(at: int, zone: ZoneInfo) -> Text:
    """Return the moment at which a limit ends: midnight belongs to the day that ends."""
    day, time = ending(datetime.fromtimestamp(at, zone))
    return phrase("moment", day=phrase(f"day-{day.weekday()}"), at=f"{day} {time}")


def _span(seconds: int) -> Text:
    length = timedelta(seconds=seconds)
    if length.days:
        return phrase("days-over", days=length.days, hours=length.seconds // 3600)
    return same(f"{seconds // 3600}:{seconds % 3600 // 60:02}")
