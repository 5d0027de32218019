"""What the log of a case leaves to the rules: what a passed rung was and whom it told, what a change moved.

An event of the machine holds only what it did not find in the policy, so that nothing is said twice. Here the log is
folded once more, and at each such event the state of that moment is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ombud.engine.apply import apply, instance_of
from ombud.engine.due_moves import DueMove, dues_of, moved_between
from ombud.engine.limits import RungPlan
from ombud.engine.messages import say
from ombud.engine.model import Event
from ombud.engine.program import Library, Program
from ombud.engine.roles import department_of, recipient
from ombud.engine.state import Instance, State
from ombud.policy.event_names import CLOCK_REPAIR, MIGRATE, RECALENDAR, RUNG
from ombud.policy.limitwords import limit_text
from ombud.policy.model.duties import Bearer
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.policy.vocabulary import ACTOR, DEPARTMENT, HANDLER, NOBODY
from ombud.texts import Text

PERSON = "person"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Whom a rung told, as the case stood then."""

    kind: str  # role, person, department
    key: str
    department: str | None = None  # of a role that is one of a department


@dataclass(frozen=True, kw_only=True, slots=True)
class PassedRung:
    """One rung that passed."""

    duty: str
    title: Text
    due_at: int | None  # of the duty, at that moment
    is_breach: bool  # at or after the due time
    is_nobodys: bool  # a time in which nobody owes anything: it is over, not overdue
    offset: Text  # how long before or after the due time; no words for one that passes just then
    told: tuple[Told, ...]
    act: str | None  # what the rung was to do
    is_refused: bool  # ... and could not


@dataclass(frozen=True, kw_only=True, slots=True)
class Hindsight:
    """What was found, by the number of the event."""

    rungs: dict[int, PassedRung] = field(default_factory=dict)
    moves: dict[int, tuple[DueMove, ...]] = field(default_factory=dict)


def look_back(program: Program, events: Iterable[Event], library: Library | None = None) -> Hindsight:
    """Return what each rung of a log was, and what each change of edition, version or clock moved."""
    state, found = State(program), Hindsight()
    for event in events:
        is_switch = event.act in (RECALENDAR, MIGRATE, CLOCK_REPAIR)
        before = dues_of(state) if is_switch else {}
        apply(state, event, library)
        if is_switch:
            found.moves[event.seq] = moved_between(before, state)
        elif event.act == RUNG:
            found.rungs[event.seq] = _passed_rung(state, event)
    return found


def _passed_rung(state: State, event: Event) -> PassedRung:
    data = event.data
    instance = instance_of(state, data["duty"], data["instance"])
    rungs, number = instance.plan.rungs, data["rung"]
    rung = rungs[number] if number < len(rungs) else None  # a later version may have a shorter ladder
    bearer = instance.bearer or instance.plan.bearer
    return PassedRung(
        duty=instance.plan.id,
        title=instance.title or instance.plan.title,
        due_at=instance.due,
        is_breach=rung is not None and rung.breaks,
        is_nobodys=bearer.kind == NOBODY,
        offset=_offset(rung, state.program.pack) if rung else {},
        told=_told(state, instance, rung.tell if rung else ()),
        act=data.get("act"),
        is_refused="refused" in data,
    )


def _offset(rung: RungPlan, pack: Pack) -> Text:
    """Return how far a rung lies from the due time, by which a reader tells two rungs of one ladder apart."""
    if rung.every is not None:
        return say("rung-every", length=limit_text(rung.every.limit, pack))
    if rung.offset is None or not rung.offset.length:
        return {}
    return say("rung-before" if rung.is_before else "rung-after", length=limit_text(rung.offset.limit, pack))


def _told(state: State, instance: Instance, names: Iterable[str]) -> tuple[Told, ...]:
    bearer = instance.bearer or instance.plan.bearer
    # Whether somebody held the role then is not in the log: a word to an empty one went to its boss.
    found = (recipient(state, name, bearer, None) for name in names)
    told = (_named(state, to) for to in found if to is not None and to.kind != NOBODY)
    return tuple(dict.fromkeys(each for each in told if each is not None))


def _named(state: State, to: Bearer) -> Told | None:
    if to.kind == "role":
        return Told(kind="role", key=to.name, department=department_of(state, to.name))
    if to.kind == DEPARTMENT:
        return Told(kind=DEPARTMENT, key=to.name)
    kind, key = PERSON, to.name
    if to.kind == ACTOR:
        key = state.last_actor(to.name) or ""
    elif to.kind == HANDLER:
        key = state.handler or ""
    elif to.kind == "field":
        value, known = state.facts.get(to.name), state.program.pack.fields.get(to.name)
        key = value if isinstance(value, str) else ""
        kind = DEPARTMENT if known is not None and known.type is FieldType.DEPARTMENT else PERSON
    if not key and state.department:
        return Told(kind=DEPARTMENT, key=state.department)
    return Told(kind=kind, key=key) if key else None
