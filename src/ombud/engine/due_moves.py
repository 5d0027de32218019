"""Which due times a change of calendar edition or policy version moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ombud.engine.state import State
from ombud.texts import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class DueMove:
    """One open or paused duty that an event made due at another time."""

    duty: str
    title: Text
    before: int
    after: int


def moved_between(before: Mapping[int, int | None], state: State) -> tuple[DueMove, ...]:
    """Return what moved since `dues_of` was asked about the same state."""
    moves = []
    for each in state.all_owed():
        was = before.get(id(each), each.due)
        if was is not None and each.due is not None and was != each.due:
            moves.append(DueMove(duty=each.plan.id, title=each.plan.title, before=was, after=each.due))
    return tuple(moves)


def dues_of(state: State) -> dict[int, int | None]:
    """Return the due times of what is owed, for `moved_between`."""
    return {id(each): each.due for each in state.all_owed()}
