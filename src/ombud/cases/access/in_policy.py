"""What a person is under one policy: worked out for themselves, and for whose place they take."""

from __future__ import annotations

from dataclasses import dataclass

from ombud.engine.model import Actor


@dataclass(frozen=True, kw_only=True, slots=True)
class InPolicy:
    """What somebody is under one policy."""

    is_full: bool  # sees every case of the policy
    is_masked: bool
    actors: tuple[Actor, ...]
    pools: tuple[str, ...]  # holder keys of the pools whose duties they share
    viewers: tuple[str, ...]
    regions: tuple[str, ...] = ()  # countries whose telephone numbers need no code
    may_confide: bool = False  # makes cases confidential
