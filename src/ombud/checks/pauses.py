"""Check of clocks that stop while we ourselves work: own-pause."""

from __future__ import annotations

from collections.abc import Iterator

from ombud.checks.findings import Finding, finding
from ombud.checks.may_analysis import MayAnalysis, may_analysis
from ombud.checks.model.abstract_state import OPEN
from ombud.checks.model.refinement import Refinement, way_to
from ombud.checks.wording import act_title, duty_title, phase_title
from ombud.policy.event_names import EventName
from ombud.policy.model.acts import Act
from ombud.policy.model.duties import Duty
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.procedure import decided_to, is_external, may_act_outside, outsiders_act, targets, waits_in
from ombud.policy.vocabulary import MACHINES, WITHDRAWALS


def check_pauses(views: Refinement) -> Iterator[Finding]:
    """Yield our duties that pause where nobody outside is waited for, and our own people can go on."""
    space = views.space
    pack, procedure, may = space.pack, space.procedure, may_analysis(space)
    for duty in procedure.duties.values():
        for phase in duty.pause:
            if (
                is_external(pack, procedure, duty.bearer)
                or not _runs(may, duty, phase)
                or _is_awaited(may, duty, phase)
            ):
                continue
            if own := _own_steps(pack, procedure, phase):
                yield finding(
                    "own-pause",
                    place=duty.at,
                    clauses=duty.cite,
                    witness=way_to(views, phase),
                    values={
                        "duty": duty_title(procedure, duty.id),
                        "phase": phase_title(procedure, phase),
                        "acts": [act_title(pack, procedure, name) for name in own],
                    },
                )


def _runs(may: MayAnalysis, duty: Duty, phase: str) -> bool:
    """Return whether the duty may be open in a phase."""
    return phase in may.at and bool(may.at[phase][may.slot["duty", duty.id]] >> OPEN & 1)


def _own_steps(pack: Pack, procedure: Procedure, phase: str) -> list[str]:
    """Return the acts and approvals of our own people that lead on from a phase."""
    acts = [a.id for a in _moving(procedure, phase) if not outsiders_act(pack, a.by) and not set(a.by) <= MACHINES]
    chains = [chain for chain in procedure.chains.values() if phase in waits_in(procedure, chain)]
    return [*acts, *(chain.verdicts[0] for chain in chains if decided_to(chain, phase) - {phase})]


def _moving(procedure: Procedure, phase: str) -> list[Act]:
    """Return the acts that lead on from a phase; giving up is no way on."""
    acts = [act for act in procedure.acts.values() if phase in act.from_phases and act.id not in WITHDRAWALS]
    return [act for act in acts if _leads(procedure, act, phase)]


def _leads(procedure: Procedure, act: Act, phase: str) -> set[str]:
    """Return the other phases to which an act may lead."""
    return targets(procedure, act, phase) - {phase}


def _is_awaited(may: MayAnalysis, duty: Duty, phase: str) -> bool:
    """Return whether a case waits in a phase for somebody outside: who owes something, or moves it on there."""
    pack, procedure = may.space.pack, may.procedure
    if any(is_external(pack, procedure, each.bearer) and _runs(may, each, phase) for each in procedure.duties.values()):
        return True
    entering = {name for _, name in may.entering.get(phase, ())}
    moving = _moving(procedure, phase)
    if {procedure.acts[name].awaits for name in entering} & {act.id for act in moving}:
        return True
    done_by_us = any(
        phase in procedure.acts[name].from_phases and not may_act_outside(pack, procedure.acts[name].by)
        for name in (EventName.of(each).head for each in duty.do)
        if name in procedure.acts
    )
    going_on = [act for act in moving if any(not procedure.phases[to].is_end for to in _leads(procedure, act, phase))]
    return any(outsiders_act(pack, a.by) or (not done_by_us and may_act_outside(pack, a.by)) for a in going_on)
