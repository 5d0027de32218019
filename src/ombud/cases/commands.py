"""The commands that write a case's life: one transaction each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ombud.cases.models import Case, Event
from ombud.engine.model import Actor, Refusal
from ombud.organisation.models import PolicyVersion


@dataclass(frozen=True, kw_only=True, slots=True)
class Performed:
    """What a command wrote."""

    case: Case  # as it is now
    events: tuple[Event, ...]  # in order: rungs due before, the act, automatic acts
    deviations: tuple[Refusal, ...] = ()  # in `observe`: what enforce would have refused


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A new case; the secret is told once and kept only as an HMAC."""

    case: Case
    secret: str
    events: tuple[Event, ...]


def perform(
    case: Case,
    act: str,
    *,
    actor: Actor,
    at: datetime,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    seen: int | None = None,
    mode: str = "enforce",
    is_telling: bool = True,
) -> Performed:
    """Perform an act on a case; the only way to change it.

    `at` is when it occurred, `now` when it is recorded (both aware); `seen` is the number of the
    last event that a person or API caller looked at (left out by clock and imports); `data` holds
    the act's fields as submitted (files: ids of attachments). `mode="observe"` records deviations
    instead of refusing; `is_telling=False` writes no outbox rows (imports).

    Raises Stale, Refused (with every failed condition), AttachmentRefused; then nothing was written.
    """
    raise NotImplementedError


def receive(
    version: PolicyVersion,
    *,
    channel: str,
    language: str,
    data: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    now: datetime,
    act: str = "receive",
    procedure: str = "complaint",
    source: str | None = None,
    is_telling: bool = True,
) -> Received:
    """Open a case by its first act and return it with the complainant's secret.

    Edges call channels.intake.receive, which finds the version in force. `source` is an import's
    own key: a second case with the same one is refused with an IntegrityError.

    Raises Refused, AttachmentRefused; then nothing was written.
    """
    raise NotImplementedError


def pass_time(case_id: int, *, now: datetime) -> Performed | None:
    """Perform every rung and opening of a case that is due before `now`; None where there is nothing to do."""
    raise NotImplementedError
