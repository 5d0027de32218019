"""Why a duty is due when it is: what opened it, what it is counted from and how, pauses, clauses."""

from __future__ import annotations

from ombud.engine.apply import instance_of
from ombud.engine.due import extension
from ombud.engine.limits import LimitPlan, Span
from ombud.engine.local_time import end_moment, moment
from ombud.engine.messages import joined, say
from ombud.engine.pauses import pauses_of
from ombud.engine.state import PAUSED, Instance, State
from ombud.policy.event_names import EventName
from ombud.policy.model.values import Value
from ombud.policy.vocabulary import DEPARTMENT, OFFICE, TRIGGER
from ombud.texts import Text, same
from ombud.worktime import Mode
from ombud.worktime import explain as explain_limit


def explain_duty(state: State, duty: str, instance: int) -> list[Text]:
    """Return why an instance of a duty is due when it is, one text for each line."""
    return explain_instance(state, instance_of(state, duty, instance))


def explain_instance(state: State, instance: Instance) -> list[Text]:
    """Return the lines for one instance."""
    lines = [_opening(state, instance), *_choice(state, instance), *_count(state, instance)]
    if instance.plan.clauses:
        lines.append(say("clauses", clauses=joined([same(ref) for ref in instance.plan.clauses])))
    return lines


def _opening(state: State, instance: Instance) -> Text:
    plan, at = instance.plan, moment(state, instance.answerable_from, instance.limit)
    if plan.stage is not None:
        return say("reached", at=at)
    if instance.times > 1:
        return say("opened-by-time", at=at)
    # The events kept are the latest of each kind; an older instance is explained by its time alone.
    causes = {*state.program.after.get(plan.id, ()), *(plan.do if plan.recurs == "last" else ())}
    for name in causes:
        entry = state.log.get(name)
        if entry is not None and entry.occurred == instance.answerable_from:
            return say("opened-by", act=title_of_event(state, name), at=at)
    return say("opened-at", at=at)


def title_of_event(state: State, name: str) -> Text:
    """Return the words for an act, or for an outcome such as answer.accepted."""
    act, value = EventName.of(name)
    program = state.program
    if not value or name in program.acts:
        return program.title_of(name)
    if act in program.chains:
        return say(f"outcome-{value}", chain=program.chains[act].chain.title)
    plan = program.acts[act]
    field = program.pack.fields.get(plan.choice or "")
    word = field.of.get(value) if field else None
    return say("outcome", act=program.title_of(act), value=word or {"zh": value, "en": value})


def _choice(state: State, instance: Instance) -> list[Text]:
    """Return which grade chose the limit, and the parameter that it came from."""
    lines: list[Text] = []
    plan: LimitPlan | None = instance.plan.limit
    while plan is not None and plan is not instance.limit and plan.by is not None:
        lines.append(say("graded", field=_title(state, plan.by), value=_words(state, plan.by)))
        plan = plan.choose(state.facts)
    limit = instance.limit
    if limit is not None and limit.limit.parameter:
        parameter = state.program.pack.parameters[limit.limit.parameter]
        lines.append(say("parameter", parameter=parameter.title))
    return lines


def _count(state: State, instance: Instance) -> list[Text]:
    limit, plan, extended = instance.limit, instance.plan, instance.extended
    is_extended = extended is not None and instance.due == extension(state, instance, extended[1]).at
    if extended is not None and is_extended and instance.due is not None:
        at = end_moment(state, instance.due, limit)
        longer = say("extended", field=_title(state, extended[0]), at=at)
        if limit is None:
            return [longer]
    if limit is None:
        if plan.follows and instance.due is not None:
            return [say("limit-follows"), say("due", at=end_moment(state, instance.due))]
        return [say("limit-none")]
    spans, running = pauses_of(state, plan.pause, instance.anchor) if plan.pause else ([], None)
    lines = _counted(state, instance, limit, spans)
    if instance.status == PAUSED and running is not None:
        lines.append(say("paused", start=moment(state, running, limit)))
    elif is_extended:
        lines.append(longer)
    elif instance.due is not None and limit.due(instance.anchor, state.facts, spans, instance.times).at < instance.due:
        lines.append(say("floored", at=end_moment(state, instance.due, limit)))
    elif (limit.parts or limit.field is not None) and instance.due is not None:
        lines.append(say("due", at=end_moment(state, instance.due, limit)))
    return [line for line in lines if line]


def _counted(state: State, instance: Instance, limit: LimitPlan, spans: list[Span]) -> list[Text]:
    """Return how one limit is counted: the date that others set, or the days, one after the other."""
    if limit.parts:
        inner = [line for part in limit.parts for line in _counted(state, instance, part, spans)]
        return [*inner, say(str(limit.order))]
    if limit.field is not None:
        return [say("limit-set", field=_title(state, limit.field), value=_words(state, limit.field)), _whose(limit)]
    assert limit.unit is not None, "a length has a unit"
    assert limit.mode is not None, "a length has a mode"
    length = limit.length * instance.times
    found = explain_limit(
        limit.calendar, instance.anchor, length, limit.unit, limit.mode, limit.roll, spans, limit.cutoff
    )
    return [_anchored(state, instance), _whose(limit), *(line.why for line in found)]


def _anchored(state: State, instance: Instance) -> Text:
    anchor = instance.plan.anchor
    if anchor is None or anchor == TRIGGER:
        return {}
    if instance.plan.anchor_is_field:
        return say("anchored-field", field=_title(state, anchor))
    return say("anchored", act=title_of_event(state, anchor))


def _whose(limit: LimitPlan) -> Text:
    """Return on whose calendar the limit counts, where that is another for each case."""
    if limit.whose is None or (limit.mode is Mode.CLOCK and limit.cutoff is None):
        return {}
    return say("calendar-of", whose=limit.owner.title) if limit.owner else say("calendar-default")


def _title(state: State, name: str) -> Text:
    pack = state.program.pack
    if name in pack.fields:
        return pack.fields[name].title
    if name in (OFFICE, DEPARTMENT):
        return say(f"fact-{name}")
    return pack.tables[name].title if name in pack.tables else {"zh": name, "en": name}


def _words(state: State, name: str) -> Text:
    """Return a fact's value as the pack titles it."""
    value: Value = state.facts.get(name)
    pack = state.program.pack
    place = pack.offices.get(str(value)) if name == OFFICE else None
    if place is not None or (name == DEPARTMENT and value in pack.departments):
        return (place or pack.departments[value]).title
    of = pack.fields[name].of if name in pack.fields else pack.tables[name].of if name in pack.tables else {}
    if str(value) in of:
        return of[str(value)]
    word = "-" if value is None else str(value)
    return {"zh": word, "en": word}
