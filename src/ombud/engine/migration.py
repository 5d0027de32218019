"""Going on under another calendar edition or another version: open duties follow, closed ones stay."""

from __future__ import annotations

from ombud.engine.chains import renew_runs
from ombud.engine.due import follow
from ombud.engine.duties import anchor_of, end, recount, regrade, settle_schedule
from ombud.engine.errors import EventError, MigrationError
from ombud.engine.four_eyes import take_over_hands
from ombud.engine.merging import decide
from ombud.engine.model import Event
from ombud.engine.pauses import previous_phase
from ombud.engine.program import DutyPlan, Library, Program
from ombud.engine.state import Instance, Schedule, State
from ombud.policy.procedure import BACK, destinations


def apply_switch(state: State, event: Event, library: Library | None) -> None:
    """Do what a `recalendar` or `migrate` event means."""
    if library is None:
        raise EventError(f"event {event.seq} ({event.act}) needs a library to find the other program in")
    data, before = event.data, state.program
    pack_hash = data.get("pack", before.pack.hash)
    switch(state, library.program(pack_hash, data.get("edition", before.edition), before.procedure.id), event.occurred)


def switch(state: State, program: Program, at: int) -> None:
    """Put the state under another program. Raises MigrationError, with the state left as it was."""
    before = state.program
    is_other_pack = before.pack.hash != program.pack.hash
    if is_other_pack:
        check_migration(state, program)
    state.program, state.at = program, at
    if is_other_pack:
        decide(program, state.facts, set(state.facts))
        _remember_triggers(state, before)
    for id in list(state.open):
        plan = program.duties.get(id)
        if plan is None:
            end(state, before.duties[id])
            continue
        for instance in state.owed(id):
            _put_under(state, instance, plan)
    for id, schedule in list(state.schedules.items()):
        if id in program.duties:
            _follow_schedule(state, program.duties[id], before.duties[id], schedule)
        else:
            del state.schedules[id]
    if is_other_pack:
        renew_runs(state, at)
        take_over_hands(state)
    if is_other_pack and not state.ended:
        for plan in program.duties.values():
            if plan.where is not None:
                regrade(state, plan, at)
    follow(state)


def check_migration(state: State, program: Program) -> None:
    """Raise MigrationError where the case would have no place in the other version."""
    before, version = state.program, f"{program.pack.id} {program.pack.version}"
    stay = f"Let the case stay under version {before.pack.version}, or publish a version that has it."
    if program.procedure.id != before.procedure.id:
        raise MigrationError(
            f'the case is a matter of the procedure "{before.procedure.id}", and {version} was compiled for '
            f'"{program.procedure.id}". Compile it for the same procedure.'
        )
    phases = program.procedure.phases
    if state.phase not in phases:
        raise MigrationError(
            f'the case is in the phase "{state.phase}", which {version} does not have. {stay}', phase=state.phase
        )
    back, acts = previous_phase(state), program.procedure.acts.values()
    returning = [act.id for act in acts if state.phase in act.from_phases and BACK in destinations(act)]
    if back not in phases and returning:
        raise MigrationError(
            f'the act "{returning[0]}" would lead the case back to the phase "{back}", which {version} does not have. '
            f"{stay}",
            phase=back,
        )


def _remember_triggers(state: State, before: Program) -> None:
    """Find in the log what happened to duties whose triggers matter only in the new version."""
    program = state.program
    for id in before.duties:
        plan = program.duties.get(id)
        if plan is None or not plan.remembers_trigger or id in state.triggers:
            continue
        entries = [state.log[name] for name in program.after.get(id, ()) if name in state.log]
        if entries:
            state.triggers[id] = max((entry.seq, entry.occurred) for entry in entries)


def _put_under(state: State, instance: Instance, plan: DutyPlan) -> None:
    old, instance.plan = instance.plan, plan
    if [rung.words for rung in old.rungs] != [rung.words for rung in plan.rungs]:
        # Another ladder: what has passed of the old one says nothing about this one's rungs.
        instance.revision += 1
        instance.fired, instance.repeats, instance.was_past = (), (), False
        instance.rungs_from = max(instance.rungs_from, state.found)
    recount(state, instance, anchor=_anchor(state, instance, old))


def _anchor(state: State, instance: Instance, old: DutyPlan) -> int:
    """Return what an instance counts from now: another anchor in the new version, or another day for its date."""
    plan = instance.plan
    if instance.times > 1 or plan.stage is not None or _is_rearmed(state, instance):
        return instance.anchor
    if not plan.anchor_is_field and (plan.anchor, old.anchor_is_field) == (old.anchor, False):
        return instance.anchor
    return anchor_of(state, plan, instance.answerable_from)


def _is_rearmed(state: State, instance: Instance) -> bool:
    """Return whether the instance counts from the last time that its recurring duty was done."""
    plan = instance.plan
    done = [state.log[name].occurred for name in plan.do if name in state.log]
    return plan.recurs == "last" and instance.anchor in done


def _follow_schedule(state: State, plan: DutyPlan, old: DutyPlan, schedule: Schedule) -> None:
    first = max(
        (each for each in state.instances if each.plan.id == plan.id and each.times == 1), key=lambda each: each.number
    )
    if (plan.anchor, plan.anchor_is_field) != (old.anchor, old.anchor_is_field):
        schedule.anchor = anchor_of(state, plan, first.answerable_from)
        for instance in state.owed(plan.id):
            recount(state, instance, anchor=schedule.anchor)
    settle_schedule(state, plan, schedule)
