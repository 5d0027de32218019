"""A mutant: the policy with one number, role, phase or calendar changed, and what is needed to put it to the test."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar, cast

from ombud.checks.messages import phrase
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain
from ombud.policy.model.duties import Duty
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Role
from ombud.policy.model.procedures import MAIN, Procedure
from ombud.policy.model.source import Place
from ombud.policy.model.tables import Table
from ombud.texts import Text

T = TypeVar("T", bound=Hashable)
Entry = TypeVar("Entry")


class Reach(StrEnum):
    """Which scenarios can notice a change: those in which the rule plays a part."""

    ACT = "act"  # somebody tries the act, or the scenario expects which acts are possible
    DUTY = "duty"  # the duty is opened
    PROCEDURE = "procedure"  # any scenario of the procedure
    TABLE = "table"  # the table is asked about facts of which it now says something else
    ANY = "any"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """An entry of the pack with one part said otherwise."""

    part: str  # limit, counting, calendar, role, phase, ...: `part-...` of the catalogue
    old: Text
    new: Text
    at: Place
    entry: Any  # the entry so changed
    reach: Reach | None = None  # where this part of the entry reaches further than the entry


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """A change put into its pack."""

    rule: Text  # what was changed, by its title
    id: str  # and by its identifier
    change: Change
    clauses: tuple[str, ...]
    reach: Reach
    procedure: str | None  # None: the rule belongs to no procedure
    build: Callable[[], Pack]

    @property
    def words(self) -> Text:
        """What was changed: "First check, time limit: 4 hours -> 5 hours"."""
        change = self.change
        return phrase("mutant", rule=self.rule, part=phrase(f"part-{change.part}"), old=change.old, new=change.new)


Changes = Iterator[Change]


def said_otherwise(entry: Entry, **parts: Any) -> Entry:
    """Return an entry with the parts so named replaced, which the caller knows to fit."""
    changed: Entry = replace(cast(Any, entry), **parts)
    return changed


def with_procedure(pack: Pack, procedure: Procedure) -> Pack:
    """Return the pack with another procedure of that name."""
    return replace(pack, procedures={**pack.procedures, procedure.id: procedure})


def with_act(pack: Pack, procedure: Procedure, act: Act) -> Pack:
    """Return the pack with another act of that name."""
    return with_procedure(pack, replace(procedure, acts={**procedure.acts, act.id: act}))


def with_duty(pack: Pack, procedure: Procedure, duty: Duty) -> Pack:
    """Return the pack with another duty of that name."""
    return with_procedure(pack, replace(procedure, duties={**procedure.duties, duty.id: duty}))


def with_chain(pack: Pack, procedure: Procedure, chain: Chain) -> Pack:
    """Return the pack with another approval of that name."""
    return with_procedure(pack, replace(procedure, chains={**procedure.chains, chain.id: chain}))


def with_table(pack: Pack, table: Table) -> Pack:
    """Return the pack with another table of that name."""
    return replace(pack, tables={**pack.tables, table.id: table})


def with_role(pack: Pack, role: Role) -> Pack:
    """Return the pack with another role of that name."""
    return replace(pack, roles={**pack.roles, role.id: role})


def next_of(values: Sequence[T], value: T, *, without: Sequence[T] = ()) -> T | None:
    """Return the value after this one, round and round, that is none of `without`; None where there is no other."""
    at = values.index(value) + 1 if value in values else 0
    return next((each for each in [*values[at:], *values[:at]] if each != value and each not in without), None)


def full_id(procedure: Procedure, id: str) -> str:
    """Return an identifier with its procedure, where that is not the main one."""
    return id if procedure.id == MAIN else f"{procedure.id}.{id}"
