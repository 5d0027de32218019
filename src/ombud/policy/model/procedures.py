"""Kinds of matter, each with its phases, acts, approvals and duties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain
from ombud.policy.model.duties import Duty
from ombud.policy.model.source import Place
from ombud.texts import Text

MAIN = "complaint"  # the procedure that the top-level phases, acts, chains and duties belong to


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    id: str
    title: Text
    told_as: Text = field(default_factory=dict)  # where the complainant is told that the case stands; empty = the title
    is_start: bool = False
    is_end: bool = False
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Procedure:
    """One kind of matter; "complaint" is the main one."""

    id: str
    title: Text
    phases: Mapping[str, Phase]
    acts: Mapping[str, Act]
    chains: Mapping[str, Chain]
    duties: Mapping[str, Duty]
    at: Place
