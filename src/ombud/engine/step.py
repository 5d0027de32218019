"""The entrances: begin, fold, step, advance, recalendar, migrate, repair_clock, record_beside and allot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ombud.engine.admission import Admission
from ombud.engine.allotting import said_of, taken
from ombud.engine.apply import apply, instance_of
from ombud.engine.due_moves import dues_of
from ombud.engine.ladder import OPENING, TimedEvent, next_timed_event
from ombud.engine.late_entries import late_refusals, late_reports
from ombud.engine.migration import check_migration, switch
from ombud.engine.model import (
    BY_OCCURRENCE,
    LATE_ANCHOR,
    Actor,
    Event,
    Link,
    Matter,
    Notification,
    Outcome,
    Record,
    Refusal,
    Spread,
    Staff,
    Submission,
)
from ombud.engine.notifications import act_notifications, moved_notifications, refusal_notifications, rung_notifications
from ombud.engine.pauses import earliest
from ombud.engine.program import Library, Program
from ombud.engine.roles import TO_HANDLER
from ombud.engine.side_effects import language_report, link_of, matter_of, record_of, spread_of
from ombud.engine.state import OPEN as OWED
from ombud.engine.state import State
from ombud.policy.event_names import ALLOT, CLOCK_REPAIR, MIGRATE, OPENED, RECALENDAR, RUNG
from ombud.policy.model.acts import Act
from ombud.policy.vocabulary import BEHALF, CLOCK, SYSTEM, TAKE

ENFORCE, OBSERVE = "enforce", "observe"


def begin(program: Program, *, office: str | None = None) -> State:
    """Return an empty case, before its first event."""
    return State(program, office=office)


def fold(
    program: Program, events: Iterable[Event], library: Library | None = None, *, office: str | None = None
) -> State:
    """Return the case that recorded events lead to. Nothing is admitted anew, nothing fires."""
    state = State(program, office=office)
    for event in events:
        apply(state, event, library)
    return state


def step(
    state: State,
    submission: Submission,
    *,
    mode: str = ENFORCE,
    staff: Staff | None = None,
    is_history: bool | None = None,
) -> Outcome:
    """Perform one act, with the rungs before it and the automatic acts after it; `state` is then advanced.

    In `enforce` a refused act leaves `state` as it was and the outcome holds every failed condition;
    in `observe` these are deviations and the act is performed all the same. What a past that is taken in changes was
    found when it happened (`is_history`, by default what is observed); all else when it is written down.
    """
    happening = _Happening(state, staff, is_history=mode == OBSERVE if is_history is None else is_history)
    # Imported history is judged by when things happened, live acts by when they are written down.
    now = submission.occurred if mode == OBSERVE else submission.recorded
    backup = None
    if (first := next_timed_event(state)) is not None and first.at < now:
        backup = state.copy()
        happening.pass_time(now)
    admission = Admission(state, submission, staff, in_order=mode != OBSERVE)
    if mode != OBSERVE and not admission.refusals:
        admission.refusals += late_refusals(state, admission)
    if admission.plan is None or (admission.refusals and mode != OBSERVE):
        if backup is not None:
            state.become(backup)
        return Outcome(refused=tuple(admission.refusals))
    reports = late_reports(state, admission)
    happening.act(submission, admission.said, admission.clauses)
    reports += _language_report(state, admission)
    happening.automatic(submission.occurred, submission.recorded)
    return happening.outcome(deviations=tuple(admission.refusals), reports=reports)


def observe(state: State, submission: Submission, *, staff: Staff | None = None) -> Outcome:
    """Perform an act of the past, recording what the policy would have refused."""
    return step(state, submission, mode=OBSERVE, staff=staff)


def advance(state: State, now: int, *, mode: str = ENFORCE, staff: Staff | None = None) -> Outcome:
    """Let time pass: every rung and scheduled opening strictly before `now`, each with all its effects."""
    happening = _Happening(state, staff, is_history=mode == OBSERVE)
    happening.pass_time(now)
    return happening.outcome()


def recalendar(state: State, program: Program, *, at: int) -> Outcome:
    """Go on under another calendar edition: open due times are counted again, their bearers told where they moved."""
    return _switch(state, program, RECALENDAR, {"edition": program.edition}, at)


def migrate(state: State, program: Program, *, at: int) -> Outcome:
    """Go on under another version of the policy: open duties are looked at again, closed ones stay.

    Raises MigrationError, with the state left as it was, where the version has no place for the case.
    """
    check_migration(state, program)
    pack = program.pack
    data = {"pack": pack.hash, "version": pack.version, "edition": program.edition}
    return _switch(state, program, MIGRATE, data, at)


def repair_clock(state: State, *, actor: Actor, at: int, data: Mapping[str, Any]) -> Outcome:
    """Go on from `at` with a case whose last entries lie ahead of it: what lay ahead counts as of then from here on.

    The one event whose `recorded` lies before that of the event in front of it.
    """
    assert at < state.recorded, "nothing lies ahead"
    before = dues_of(state)
    event = Event(state.seq + 1, CLOCK_REPAIR, at, at, actor.person, actor.role, actor.department, actor.office, data)
    apply(state, event)
    return Outcome(events=(event,), notifications=tuple(_told_of_moves(state, before, at)))


def record_beside(state: State, act: str, *, actor: Actor, at: int, data: Mapping[str, Any]) -> Outcome:
    """Note what changes nothing of the case (one of BESIDE); `at` is not before what is recorded already."""
    event = Event(
        seq=state.seq + 1,
        act=act,
        occurred=at,
        recorded=max(at, state.recorded),
        actor=actor.person,
        role=actor.role,
        department=actor.department,
        office=actor.office,
        data=said_by(actor, data),
    )
    apply(state, event)
    return Outcome(events=(event,))


def allot(
    state: State, to: Actor, *, by: Actor, at: int, data: Mapping[str, Any], staff: Staff | None = None
) -> Outcome:
    """Give the case to somebody, as if they had taken it; refused wherever the policy would not let them take it."""
    admission = Admission(state, Submission(act=TAKE, actor=to, occurred=at, recorded=at), staff)
    if admission.refusals:
        return Outcome(refused=tuple(admission.refusals))
    happening = _Happening(state, staff, is_history=False)
    happening.allot(to, by, at, data, admission.clauses)
    happening.automatic(at, at)
    return happening.outcome()


def said_by(actor: Actor, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an event keeps: a deputy's says for whom they acted."""
    return data if actor.behalf is None else {**data, BEHALF: actor.behalf}


def _switch(state: State, program: Program, kind: str, data: Mapping[str, Any], at: int) -> Outcome:
    before = dues_of(state)
    event = Event(state.seq + 1, kind, at, max(at, state.recorded), data=data)
    state.seq = event.seq
    state.recorded = state.found = event.recorded
    state.is_history, state.schema = False, event.schema
    switch(state, program, at)
    return Outcome(events=(event,), notifications=tuple(_told_of_moves(state, before, at)))


def _told_of_moves(state: State, before: Mapping[int, int | None], at: int) -> Iterable[Notification]:
    moved = [each for each in state.all_owed() if before.get(id(each), each.due) != each.due]
    return moved_notifications(state, moved, at)


class _Happening:
    """What one submission, or the passing of time, makes happen to a state."""

    def __init__(self, state: State, staff: Staff | None, *, is_history: bool) -> None:
        self.state, self.staff = state, staff
        self.schema = BY_OCCURRENCE if is_history else LATE_ANCHOR
        self.events: list[Event] = []
        self.notifications: list[Notification] = []
        self.openings: list[Matter] = []
        self.links: list[Link] = []
        self.spreads: list[Spread] = []
        self.records: list[Record] = []

    def outcome(self, *, deviations: tuple[Refusal, ...] = (), reports: tuple[Refusal, ...] = ()) -> Outcome:
        return Outcome(
            events=tuple(self.events),
            notifications=tuple(self.notifications),
            deviations=deviations,
            reports=reports,
            openings=tuple(self.openings),
            links=tuple(self.links),
            spreads=tuple(self.spreads),
            records=tuple(self.records),
        )

    def record(
        self, act: str, occurred: int, recorded: int, data: Mapping[str, Any], actor: Actor | None = None
    ) -> Event:
        state = self.state
        who = actor or Actor(person=SYSTEM, role=SYSTEM)
        event = Event(
            state.seq + 1,
            act,
            occurred,
            max(recorded, state.recorded),  # the log is in the order of recording
            who.person,
            who.role,
            who.department,
            who.office,
            said_by(who, data),
            self.schema,
        )
        apply(state, event)
        self.events.append(event)
        return event

    def act(self, submission: Submission, data: Mapping[str, Any], clauses: tuple[str, ...]) -> None:
        event = self.record(submission.act, submission.occurred, submission.recorded, data, submission.actor)
        self.notifications += act_notifications(self.state, event, clauses, self.staff)
        act = self.state.program.acts[event.act].act
        if act is not None:
            self._side_effects(act, event)

    def allot(self, to: Actor, by: Actor, at: int, data: Mapping[str, Any], clauses: tuple[str, ...]) -> None:
        event = self.record(ALLOT, at, at, {**data, **said_of(to)}, by)
        self.notifications += act_notifications(self.state, taken(event), clauses, self.staff)
        self.notifications.append(
            Notification(to=TO_HANDLER, department=None, why="act", at=at, act=ALLOT, clauses=clauses)
        )

    def _side_effects(self, act: Act, event: Event) -> None:
        """Note what the act means for other cases and for ledgers, as the case stands now."""
        state = self.state
        if (matter := matter_of(state, act, event)) is not None:
            self.openings.append(matter)
        if (link := link_of(act, event)) is not None:
            self.links.append(link)
        if (spread := spread_of(state, act, event)) is not None:
            self.spreads.append(spread)
        if (record := record_of(state, act, event)) is not None:
            self.records.append(record)

    def pass_time(self, now: int) -> None:
        while (passing := next_timed_event(self.state)) is not None and passing.at < now:
            if passing.rung == OPENING:
                data = {"duty": passing.duty, "instance": passing.instance, "occurrence": passing.revision}
                self.record(OPENED, passing.at, passing.at, data)
            else:
                self.rung(passing)

    def rung(self, passing: TimedEvent) -> None:
        """Let one rung pass: it tells, and its act goes through admission like any other."""
        state, at = self.state, passing.at
        instance = instance_of(state, passing.duty, passing.instance)
        rung = instance.plan.rungs[passing.rung]
        data: dict[str, Any] = {
            "duty": passing.duty,
            "instance": passing.instance,
            "revision": passing.revision,
            "rung": passing.rung,
        }
        if passing.repeat:
            data["repeat"] = passing.repeat
        recorded = max(at, state.recorded)
        admission, submission = None, None
        if rung.act is not None:
            actor = Actor(person=SYSTEM, role=CLOCK)
            submission = Submission(act=rung.act, actor=actor, occurred=at, recorded=recorded)
            admission = Admission(state, submission, self.staff)
            data["act"] = rung.act
            if admission.refusals:
                data["refused"] = [{"code": each.code, "clauses": list(each.clauses)} for each in admission.refusals]
        self.record(RUNG, at, recorded, data)
        self.notifications += rung_notifications(state, instance, rung, at, self.staff)
        if admission is not None and admission.refusals:
            self.notifications += refusal_notifications(state, instance, rung, admission.refusals, at)
        elif admission is not None and submission is not None:
            self.act(submission, admission.data, admission.clauses)
        self.automatic(at, recorded)

    def automatic(self, occurred: int, recorded: int) -> None:
        """Perform what happens by itself now: from the top again after each act, each at most once."""
        done: set[str] = set()
        while self._next_by_itself(done, occurred, recorded):
            pass

    def _next_by_itself(self, done: set[str], occurred: int, recorded: int) -> bool:
        state = self.state
        for act, role, earliest_at in self._candidates():
            if act in done or state.phase not in state.program.acts[act].from_phases:
                continue
            plan = state.program.acts[act]
            # What a late entry makes possible cannot have happened before the case came here, and nobody outside was
            # spoken to before it was written down.
            began = earliest(state, plan.from_phases)
            is_said = plan.act is not None and plan.act.contacts is not None and self.schema != BY_OCCURRENCE
            moment = max(recorded if is_said else occurred, earliest_at, occurred if began is None else began)
            actor = Actor(person=SYSTEM, role=role)
            submission = Submission(act=act, actor=actor, occurred=moment, recorded=max(recorded, moment))
            admission = Admission(state, submission, self.staff)
            if not admission.refusals:
                done.add(act)
                self.act(submission, admission.data, admission.clauses)
                return True
        return False

    def _candidates(self) -> Iterator[tuple[str, str, int]]:
        """Yield the automatic acts, and the acts of rungs that were refused, each with the earliest instant for it."""
        state = self.state
        for act in state.program.automatic:
            yield act.id, SYSTEM, 0
        for id, awaited in list(state.refused.items()):
            instance = instance_of(state, awaited.duty, awaited.instance)
            is_due = instance.status == OWED and instance.revision == awaited.revision and instance.due is not None
            if is_due and id in state.program.acts:
                yield id, CLOCK, instance.due or 0


def _language_report(state: State, admission: Admission) -> tuple[Refusal, ...]:
    """Return the warning that a message was in a language that was not agreed on."""
    act = admission.plan.act if admission.plan else None
    warning = language_report(state, act, admission.data) if act is not None else None
    return () if warning is None else (warning,)
