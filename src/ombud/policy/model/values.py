"""What may stand in a fact of a case: values, types, fields and kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ombud.policy.model.source import Place
from ombud.texts import Text

Value = Any  # bool, int, str, Decimal-free money mapping, list: whatever a field's type stores as JSON


class FieldType(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    BOOL = "bool"
    INTEGER = "integer"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    PERSON = "person"
    DEPARTMENT = "department"
    COUNTRY = "country"
    LANGUAGE = "language"
    FILES = "files"
    CASE = "case"  # another case, by its reference
    LIST = "list"


@dataclass(frozen=True, kw_only=True, slots=True)
class Beyond:
    """The question whether an amount is more than somebody may promise, which the register answers, not who acts."""

    amount: str  # a money field
    role: str | None = None  # whose limit; None = that of whoever performs the act


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    id: str
    type: FieldType
    title: Text
    help: Text = field(default_factory=dict)
    of: Mapping[str, Text] = field(default_factory=dict)  # choices, or the item type's for a list
    item: FieldType | None = None  # type of a list's items
    domain: str | None = None  # an interval such as "[0,inf)" for numbers and money
    is_personal: bool = False
    is_past: bool = False  # a date or instant that cannot lie ahead of the act that tells it
    is_anew: bool = False  # an act that needs it wants it said with that very act: an old value is none
    beyond: Beyond | None = None
    cite: tuple[str, ...] = ()
    at: Place

    @property
    def is_asked(self) -> bool:
        """Return whether somebody is asked for it: of a role's limit nobody is, the register alone answers."""
        return self.beyond is None or self.beyond.role is None


@dataclass(frozen=True, slots=True)
class Kind:
    """What may stand in a fact: a field's type, or that of a table's outputs."""

    type: FieldType
    choices: tuple[str, ...] = ()  # the only values, where there is a closed list
    item: FieldType | None = None
    domain: str | None = None
    is_ordered: bool = False  # may be compared with < and >; choices then in the order given
    is_personal: bool = False
    is_table: bool = False
