"""Pauses: the spans that a case spent in phases which stop a duty's clock."""

from __future__ import annotations

from ombud.engine.limits import Span
from ombud.engine.state import State


def pauses_of(state: State, phases: frozenset[str], start: int) -> tuple[list[Span], int | None]:
    """Return the finished pauses after `start`, in order, and the beginning of the one that still runs.

    Phases that follow one another and all stop the clock make one pause.
    """
    if not state.has_paused:
        return [], None
    spans: list[Span] = []
    since: int | None = None
    for phase, entered in state.stays:
        moment = start if entered is None else max(entered, start)
        if phase in phases:
            since = moment if since is None else since
        elif since is not None:
            if moment > since:
                spans.append((since, moment))
            since = None
    return spans, since


def enter(state: State, phase: str, at: int) -> set[str]:
    """Move the case into a phase; return the phases of whose stays a move that was entered late leaves less."""
    stays, shortened = state.stays, set()
    for index in range(len(stays) - 1, -1, -1):
        name, entered = stays[index]
        if entered is None or entered <= at:
            break
        stays[index] = (name, at)
        shortened.add(stays[index - 1][0])
        shortened.add(name)
    stays.append((phase, at))
    state.phase = phase
    if phase in state.program.pausing:
        state.has_paused = True
    return shortened


def previous_phase(state: State) -> str:
    """Return the phase left when the present one was entered."""
    return state.stays[-2][0] if len(state.stays) > 1 else state.phase


def earliest(state: State, phases: frozenset[str]) -> int | None:
    """Return when the unbroken run of stays in these phases began that ends with the present one; None = no bound."""
    moment: int | None = None
    for phase, entered in reversed(state.stays):
        if phase not in phases:
            break
        moment = entered
    return moment
