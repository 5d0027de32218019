"""Abstract cases as whole numbers: what a step reads is cut out by one mask, what it writes is put in by another.

Each component has its own bits in all views of a procedure, then come the phase and the phase that `back` leads to. So
a case is looked up, compared and changed at the cost of one number, and views can share what they have worked out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ombud.checks.model.abstract_state import Component, Space
from ombud.checks.model.graph import Node
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain


class Step(NamedTuple):
    """What an act or a verdict makes of every case that is alike in all that it reads or writes."""

    phase: int  # where it leads
    keep: int  # the bits that stay as they are
    bits: int  # those that are set
    kind: int  # steps of a kind do the same to everything that is checked
    is_heard: bool  # something reacts to it, though it may change nothing
    act: str
    names: frozenset[str]  # the act and its outcomes
    is_outsiders: bool
    is_restart: bool


@dataclass(frozen=True, slots=True)
class Steps:
    """An act, or the verdicts on an approval, with what is known of it so far."""

    entry: Act | Chain
    slots: list[int]  # that it reads or writes
    mask: int  # the bits of these, and of the phase
    known: dict[int, list[Step]]  # those bits of a case -> what becomes of it


class Codes:
    """The numbers of the cases of one view."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.names = list(space.procedure.phases)
        self.phases = {phase: number for number, phase in enumerate(self.names)}
        at = 0
        places: dict[Component, tuple[int, int]] = {}
        for part, domain in space.domains.items():
            width = max(len(domain) - 1, 1).bit_length()
            places[part] = at, (1 << width) - 1
            at += width
        self.places = [places[part] for part in space.tracked]  # of each slot: its first bit, and how much fits
        width = len(self.names).bit_length()
        self.phase_at, self.back_at, self.phase_bits = at, at + width, (1 << width) - 1
        self.phase_mask, self.back_mask = self.phase_bits << self.phase_at, self.phase_bits << self.back_at

    def code(self, node: Node) -> int:
        """Return the number of a case, whatever automatic acts were done."""
        found = self.phases[node.phase] << self.phase_at
        if node.back is not None:
            found |= (self.phases[node.back] + 1) << self.back_at
        for value, (at, _) in zip(node.values, self.places, strict=True):
            found |= value << at
        return found

    def node(self, code: int) -> Node:
        """Return the case that has a number."""
        back = code >> self.back_at & self.phase_bits
        values = tuple([code >> at & most for at, most in self.places])
        return Node(self.names[code >> self.phase_at & self.phase_bits], self.names[back - 1] if back else None, values)

    def mask(self, slots: Iterable[int]) -> int:
        """Return the bits of some slots."""
        return sum(self.places[slot][1] << self.places[slot][0] for slot in slots)

    def alive(self, phase: str, dead: Iterable[int], keeps_back: bool) -> int:
        """Return the bits that still matter in a phase."""
        return ~(self.mask(dead) | (0 if keeps_back else self.back_mask))

    def change(self, phase: str, result: Node, slots: Iterable[int]) -> tuple[int, int]:
        """Return (bits that stay, bits that are set) of a step from a phase to a result."""
        gone, bits = self.mask(slots) | self.phase_mask, self.phases[result.phase] << self.phase_at
        for slot in slots:
            bits |= result.values[slot] << self.places[slot][0]
        if result.phase != phase:
            gone |= self.back_mask
            bits |= (self.phases[phase] + 1) << self.back_at
        return ~gone, bits
