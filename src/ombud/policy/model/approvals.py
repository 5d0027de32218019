"""Approvals: chains and their stages."""

from __future__ import annotations

from dataclasses import dataclass, field

from ombud.policy.event_names import APPROVE, APPROVED, REJECT, REJECTED, event_name
from ombud.policy.model.guards import Guard
from ombud.policy.model.limits import Limit, Rung
from ombud.policy.model.source import Place
from ombud.texts import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    title: Text = field(default_factory=dict)  # empty = the chain's, numbered where several stages apply
    role: str
    where: Guard | None = None  # written `if`
    within: Limit | None = None
    quorum: int = 1
    needs: tuple[str, ...] = ()  # fields that approving must bring, such as whether the matter is grave
    may: tuple[str, ...] = ()
    breach: tuple[Rung, ...] = ()
    cite: tuple[str, ...]  # what its duty counts for
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    id: str
    title: Text
    starts: str
    stages: tuple[Stage, ...]
    distinct_from: tuple[str, ...] = ()
    are_stages_distinct: bool = True  # nobody approves two stages of one run
    rejected: str | None  # phase to go to at a rejection; None = stay
    approved: str | None = None  # phase to go to at approval; None = stay
    cite: tuple[str, ...]
    at: Place

    @property
    def verdicts(self) -> tuple[str, str]:
        """The acts that approve and that reject: `plan.approve`, `plan.reject`."""
        return event_name(self.id, APPROVE), event_name(self.id, REJECT)

    @property
    def approval(self) -> str:
        """The outcome `plan.approved`."""
        return event_name(self.id, APPROVED)

    @property
    def rejection(self) -> str:
        """The outcome `plan.rejected`."""
        return event_name(self.id, REJECTED)

    def stage_duty(self, number: int) -> str:
        """Return the duty of a stage, the first being 1: `plan.1`."""
        return event_name(self.id, number)
