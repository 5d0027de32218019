"""The main road through a procedure: the phases that a case usually passes, for progress bars."""

from __future__ import annotations

from ombud.policy.model.procedures import Phase, Procedure
from ombud.policy.procedure import BACK, destinations


def progress(procedure: Procedure, current: Phase) -> list[Phase]:
    """Return the phases in the pack's order and one end; detours stand there only while the case is in one."""
    aside = transits(procedure) | {
        phase for act in procedure.acts.values() if BACK in destinations(act) for phase in act.from_phases
    }
    ends = [phase for phase in procedure.phases.values() if phase.is_end]
    end = current if current.is_end else next(iter(ends), None)
    found = [
        phase
        for phase in procedure.phases.values()
        if phase is current or not (phase.is_start or phase.is_end or phase.id in aside)
    ]
    return [phase for phase in found if not phase.is_end] + ([end] if end else [])


def transits(procedure: Procedure) -> set[str]:
    """Return the phases that nobody ever sees a case in: an automatic act without a condition leaves them at once."""
    return {
        act.from_phases[0]
        for act in procedure.acts.values()
        if act.is_auto and act.when is None and len(act.from_phases) == 1
    }
