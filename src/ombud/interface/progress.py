"""The main road through a procedure: the phases that a case usually passes, for progress bars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ombud.policy.model.procedures import Phase, Procedure
from ombud.policy.procedure import BACK, destinations, transits


@dataclass(frozen=True, slots=True)
class ProgressStep:
    """One phase on the way from arrival to the end."""

    phase: Phase
    state: str  # done, now, ahead


def progress_steps(procedure: Procedure, stays: Iterable[str], here: Phase) -> list[ProgressStep]:
    """Return the way that a case took, where it is, and what usually lies ahead."""
    behind, ahead = way(procedure, stays, here)
    return [
        *(ProgressStep(phase, "done") for phase in behind),
        ProgressStep(here, "now"),
        *(ProgressStep(phase, "ahead") for phase in ahead),
    ]


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


def way(procedure: Procedure, stays: Iterable[str], current: Phase) -> tuple[list[Phase], list[Phase]]:
    """Return the phases that a case went through to where it is, and those that usually lie ahead.

    `stays` are the phases in which it has stood, in order, the present one last. Where it came back to a phase, what it
    did in between was undone and is left out, and so is what was never more than a moment.
    """
    passing = transits(procedure)
    taken: list[str] = []
    for phase in stays:
        if phase in taken:
            del taken[taken.index(phase) :]
        taken.append(phase)
    phases = procedure.phases
    behind = [phases[each] for each in taken if each in phases and each != current.id and each not in passing]
    behind = [phase for phase in behind if not phase.is_start and not phase.is_end]
    if current.is_end:
        return behind, []
    road = progress(procedure, current)
    ahead = road[next(n for n, phase in enumerate(road) if phase.id == current.id) + 1 :]
    return behind, [phase for phase in ahead if phase not in behind]
