"""Duties and approvals said otherwise: another limit, bearer, pause, ladder; another stage, quorum or phase."""

from __future__ import annotations

from dataclasses import replace

from ombud.checks.messages import phrase
from ombud.checks.mutation.guards import guard_changes
from ombud.checks.mutation.limits import ladder_changes, limit_changes
from ombud.checks.mutation.mutant import Change, Changes, Reach, next_of, said_otherwise
from ombud.checks.mutation.words import phase_word, role_word
from ombud.checks.wording import act_title
from ombud.policy.model.approvals import Chain, Stage
from ombud.policy.model.duties import Bearer, Duty
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.vocabulary import ACTOR, DEPARTMENT, HANDLER
from ombud.texts import same


def duty_changes(pack: Pack, procedure: Procedure, duty: Duty) -> Changes:
    """Yield the duty with one of its numbers, roles, phases or calendars changed."""
    for change in limit_changes(pack, duty.limit):
        yield replace(change, entry=replace(duty, limit=change.entry))
    for change in ladder_changes(pack, duty.breach, _hear_the_same(pack, procedure, duty)):
        yield replace(change, entry=replace(duty, breach=change.entry))
    for change in guard_changes(pack, duty.where) if duty.where else ():
        yield replace(change, entry=replace(duty, where=change.entry), reach=Reach.PROCEDURE)
    if duty.bearer.kind == "role":
        other = next_of(_internal(pack), duty.bearer.name)
        if other is not None:
            old, new = role_word(pack, duty.bearer.name), role_word(pack, other)
            entry = replace(duty, bearer=Bearer(kind="role", name=other))
            yield Change(part="bearer", old=old, new=new, at=duty.at, entry=entry)
    for phase in duty.pause:
        entry = replace(duty, pause=tuple(each for each in duty.pause if each != phase))
        yield Change(part="pause", old=phase_word(procedure, phase), new=phrase("none"), at=duty.at, entry=entry)
    if duty.is_recurring:
        other = "schedule" if duty.recurs_from == "last" else "last"
        old, new = (phrase(f"recurs-{each}") for each in (duty.recurs_from, other))
        yield Change(part="recurs", old=old, new=new, at=duty.at, entry=replace(duty, recurs_from=other))


def _internal(pack: Pack) -> list[str]:
    return [id for id, role in pack.roles.items() if not role.is_external]


def _hear_the_same(pack: Pack, procedure: Procedure, duty: Duty) -> set[str]:
    """Return the roles that `bearer` and `boss` may mean, so that writing them instead would change nothing."""
    if duty.bearer.kind == "role":
        roles = {duty.bearer.name}
    elif duty.bearer.kind == ACTOR and duty.bearer.name in procedure.acts:
        roles = set(procedure.acts[duty.bearer.name].by)
    else:
        roles = {id for id, role in pack.roles.items() if role.of in (HANDLER, DEPARTMENT)}
    return roles | {boss for each in roles if each in pack.roles and (boss := pack.roles[each].boss)}


def chain_changes(pack: Pack, procedure: Procedure, chain: Chain) -> Changes:
    """Yield the approval with one of its stages or phases changed."""
    for index, stage in enumerate(chain.stages):
        for change in _stage_changes(pack, stage):
            stages = (*chain.stages[:index], change.entry, *chain.stages[index + 1 :])
            yield replace(change, entry=replace(chain, stages=stages))
    for part, phase in (("rejected", chain.rejected), ("approved", chain.approved)):
        goal = next_of([id for id, each in procedure.phases.items() if not each.is_start], phase) if phase else None
        if goal is not None:
            words = phase_word(procedure, phase), phase_word(procedure, goal)
            yield Change(
                part=part, old=words[0], new=words[1], at=chain.at, entry=said_otherwise(chain, **{part: goal})
            )
    for act in chain.distinct_from:
        entry = replace(chain, distinct_from=tuple(each for each in chain.distinct_from if each != act))
        old = act_title(pack, procedure, act)
        yield Change(part="distinct_from", old=old, new=phrase("none"), at=chain.at, entry=entry)


def _stage_changes(pack: Pack, stage: Stage) -> Changes:
    other = next_of(_internal(pack), stage.role)
    if other is not None:
        old, new = role_word(pack, stage.role), role_word(pack, other)
        yield Change(part="role", old=old, new=new, at=stage.at, entry=replace(stage, role=other))
    for quorum in {stage.quorum + 1, max(1, stage.quorum - 1)} - {stage.quorum}:
        old, new = same(str(stage.quorum)), same(str(quorum))
        yield Change(part="quorum", old=old, new=new, at=stage.at, entry=replace(stage, quorum=quorum))
    for change in limit_changes(pack, stage.within) if stage.within else ():
        yield replace(change, entry=replace(stage, within=change.entry))
    for change in guard_changes(pack, stage.where) if stage.where else ():
        yield replace(change, entry=replace(stage, where=change.entry))
    role = pack.roles.get(stage.role)
    silent = {stage.role, role.boss if role and role.boss else stage.role}
    for change in ladder_changes(pack, stage.breach, silent):
        yield replace(change, entry=replace(stage, breach=change.entry))
