"""Why complaints arise: the tree of causes that a policy tells apart."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from ombud.policy.model.source import Place
from ombud.texts import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """One cause, with where it stands in the tree."""

    id: str
    title: Text
    path: tuple[str, ...]  # the ids from the top of the tree down to it, itself included
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Causes:
    """The causes, which field of a case says which of them it was, and what puts them right."""

    tree: Mapping[str, Cause] = dataclasses.field(default_factory=dict)  # every cause after the one above it
    field: str | None = None  # the choice in which it is stated
    whys: str | None = None  # the long text that answers "why?", a line for each time it was asked
    rectifications: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )  # procedure -> phase from which it is in effect
    cite: tuple[str, ...] = ()
    at: Place | None = None
