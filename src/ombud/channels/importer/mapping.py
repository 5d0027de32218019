"""The mapping file: which column feeds which field, and which act happened when."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from ombud.policy.plain_text import plain
from ombud.policy.vocabulary import RECEIVE


class MappingError(Exception):
    """The mapping file cannot be used."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Strict):
    """Where one value comes from: a column, several columns in a row, or always the same words."""

    column: str | None = None
    join: tuple[str, ...] = ()
    constant: str | None = None
    map: Mapping[str, str] = Field(default_factory=dict)  # what the column says -> what the policy says
    otherwise: str | None = None  # for an empty column, or a word that `map` does not know

    @model_validator(mode="after")
    def has_one_origin(self) -> Source:
        if sum((self.column is not None, bool(self.join), self.constant is not None)) != 1:
            raise ValueError("give exactly one of `column`, `join` and `constant`")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        return self.join or ((self.column,) if self.column is not None else ())

    def read(self, row: Mapping[str, str]) -> str | None:
        """Return the value for this row, or None where the row says nothing.

        Raises ValueError for a word that `map` does not know and `otherwise` does not catch.
        """
        if self.constant is not None:
            return self.constant
        said = " · ".join(part for name in self.columns if (part := plain(row[name], lines=True)))
        if not said:
            return self.otherwise
        if not self.map:
            return said
        found = self.map.get(said, self.otherwise)
        if found is None:
            known = ", ".join(self.map)
            raise ValueError(f"column {self.column!r} says {said!r}, which the mapping does not know ({known})")
        return found


def _bare_word_is_a_column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


SourceOrColumn = Annotated[Source, BeforeValidator(_bare_word_is_a_column)]


class ImportedAct(Strict):
    """An act of the history: what, by which role, at the time that a column tells."""

    act: str
    by: str
    at: str  # a column; an empty one means that the act did not happen
    data: Mapping[str, SourceOrColumn] = Field(default_factory=dict)
    only: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)  # column -> values; other rows skip the act


class ImportMapping(Strict):
    """A whole mapping file."""

    source: str  # names the data set; with `key` it makes a second run add nothing
    key: str  # the column that identifies a row
    policy: str
    zone: str
    dates: tuple[str, ...] = ("%Y-%m-%d",)  # strptime formats, tried in order; without a time of day = noon
    serial: Literal["1900", "1904"] | None = None  # times may be numbers: days since then, as spreadsheets count
    numbers: Literal["1,234.5", "1.234,5", "1 234,5", "1'234.5"] = "1,234.5"  # how numbers and amounts are written
    encoding: str = "utf-8-sig"  # of a CSV file
    delimiter: str = ","  # likewise
    sheet: str | None = None  # of a workbook; left out: its first
    language: str = "zh"
    channel: SourceOrColumn
    office: SourceOrColumn | None = None  # left out: the one that serves the complainant's country
    acts: tuple[ImportedAct, ...]  # the first is the receiving act

    @field_validator("zone")
    @classmethod
    def is_a_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"there is no zone {zone!r}: write such as Asia/Shanghai") from error
        return zone

    @field_validator("encoding")
    @classmethod
    def is_an_encoding(cls, encoding: str) -> str:
        try:
            io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        except LookupError as error:
            raise ValueError(f"there is no encoding {encoding!r}: write such as utf-8 or gb18030") from error
        return encoding

    @field_validator("delimiter")
    @classmethod
    def is_a_letter(cls, delimiter: str) -> str:
        delimiter = {"tab": "\t"}.get(delimiter, delimiter)
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise ValueError("give one character, such as ; or the word tab")
        return delimiter

    @field_validator("acts")
    @classmethod
    def begins_with_receive(cls, acts: tuple[ImportedAct, ...]) -> tuple[ImportedAct, ...]:
        if not acts or acts[0].act != RECEIVE:
            raise ValueError("the first act must be `receive`")
        return acts

    @property
    def columns(self) -> frozenset[str]:
        """Return every column that the mapping reads, so that a missing one is told before any row is read."""
        places = [self.office] if self.office else []
        sources = [self.channel, *places, *(source for act in self.acts for source in act.data.values())]
        read = {name for source in sources for name in source.columns}
        return frozenset(read | {self.key} | {act.at for act in self.acts} | {c for act in self.acts for c in act.only})


def load_mapping(path: Path) -> ImportMapping:
    """Return the mapping that a YAML file holds; raises MappingError with the file and what to mend."""
    try:
        # Every scalar as it is written: YAML would turn a column named No into False and 2025 into a number.
        content = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
        return ImportMapping.model_validate(content)
    except ValidationError as error:
        lines = (f"  {'.'.join(map(str, e['loc'])) or 'top level'}: {e['msg']}" for e in error.errors())
        raise MappingError(f"{path}: the mapping is not usable:\n" + "\n".join(lines)) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingError(f"{path}: {error}") from error
