"""Rows of a table become histories: typed instants in order, or a problem that names its line."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ombud.channels.importer.forms import moment_of
from ombud.channels.importer.mapping import ImportedAct, ImportMapping, MappingError
from ombud.channels.importer.tables import NamedFile, Record, Table, holding_rows, read_table
from ombud.channels.importer.tickets import is_export, read_export
from ombud.policy.plain_text import plain
from ombud.policy.vocabulary import RECEIVE
from ombud.privacy import contacts

KEY = 200  # characters of `source` and key together: what the register keeps
# A long number that a spreadsheet has shortened: what is lost nobody can read.
_SHORTENED = re.compile(r"-?[0-9](?:[.,][0-9]+)?E\+?[0-9]+\Z", re.IGNORECASE)
_NO_RESULT = re.compile(r"#(?:N/A|DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|##+)\Z")
_AS_NUMBER = re.compile(r"[0-9]+[.,]0\Z")  # 13800138000.0: a key or telephone number that a program took for an amount


@dataclass(frozen=True, kw_only=True, slots=True)
class PastAct:
    act: str
    role: str
    at: datetime
    data: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """One complaint of the past; the first act is its receipt."""

    line: int
    key: str
    channel: str
    office: str | None
    acts: tuple[PastAct, ...]
    files: tuple[NamedFile, ...] = ()  # that came with the row
    merged: tuple[str, ...] = ()  # the columns in which it shows what merged cells say from a row above on


@dataclass(frozen=True, kw_only=True, slots=True)
class RowProblem:
    """A line of the file that is skipped, or that was taken in and may be wrong, and why."""

    line: int
    key: str
    reason: str


def read_histories(path: Path, mapping: ImportMapping, *, now: datetime) -> Iterator[History | RowProblem]:
    """Return each row of the table as a history or a problem, in the file's order; no line is passed over.

    The file is read through first. Raises MappingError where it lacks a column that the mapping reads, or has it
    twice; TableError, OSError where it cannot be read.
    """
    table = read_export(path) if is_export(path) else read_table(path, mapping)
    _check_heading(path, table, mapping)
    return _histories(table, mapping, now=now)


def _check_heading(path: Path, table: Table, mapping: ImportMapping) -> None:
    if missing := mapping.columns - set(table.heading):
        has = ", ".join(table.heading)
        raise MappingError(
            f"{path}: the file has no column {', '.join(sorted(missing))}. It has: {has}. "
            "What is the same in every row is written {constant: value}."
            + (" Does the mapping name the right `delimiter`?" if len(table.heading) == 1 else "")
        )
    if twice := table.repeated() & mapping.columns:
        raise MappingError(f"{path}: the column {', '.join(sorted(twice))} stands twice. Rename one of the two.")


def _histories(table: Table, mapping: ImportMapping, *, now: datetime) -> Iterator[History | RowProblem]:
    known: dict[str, int] = {}  # key -> line
    read = [name for name in table.heading if name in mapping.columns]
    width, when = len(table.heading), table.heading.index(mapping.acts[0].at)
    for record in table.records:
        if record.problem:
            yield from _lost(record, "", record.problem)
            continue
        row = dict(zip(table.heading, record.cells, strict=False))
        key = plain(row.get(mapping.key, ""))
        swallowing = _swallowing(record, table, mapping, width, when)
        if swallowing is not None:
            column = table.heading[min(swallowing, width - 1)]
            yield from _lost(record, key, f"a quote in column {column!r} has swallowed whole rows")
            continue
        try:
            if len(record.cells) != width:
                raise ValueError("the row has not as many cells as the heading")
            _check_results(row, read)
            _check_key(key, mapping, known)
            merged = tuple(name for name in (table.heading[each] for each in record.merged) if name in read)
            history = _history(row, mapping, line=record.line, key=key, now=now)
            history = replace(history, files=record.files, merged=merged)
        except ValueError as error:
            yield RowProblem(line=record.line, key=key, reason=str(error))
        else:
            known[key] = record.line
            yield history


def _swallowing(record: Record, table: Table, mapping: ImportMapping, width: int, when: int) -> int | None:
    if not table.has_quotes:
        return None
    return holding_rows(record, width, mapping.delimiter, lambda said: _is_time(said, mapping), when)


def _lost(record: Record, key: str, reason: str) -> Iterator[RowProblem]:
    """Yield every line of a record that quotes have torn apart."""
    yield RowProblem(line=record.line, key=key, reason=reason)
    for line in range(record.line + 1, record.last + 1):
        yield RowProblem(line=line, key="", reason=f"it is inside the quote that line {record.line} opens")


def _check_results(row: Mapping[str, str], columns: Iterable[str]) -> None:
    for name in columns:
        if _NO_RESULT.match(said := plain(row[name])):
            raise ValueError(
                f"column {name!r} says {said!r}: the spreadsheet shows no result there. Mend the formula or widen the "
                "column, save the file there, and export it again"
            )


def _check_key(key: str, mapping: ImportMapping, known: Mapping[str, int]) -> None:
    if not key:
        raise ValueError(f"column {mapping.key!r}, which identifies the row, is empty")
    if len(mapping.source) + 1 + len(key) > KEY:
        raise ValueError(f"column {mapping.key!r}, which identifies the row, has more than {KEY} characters")
    if _SHORTENED.match(key):
        raise ValueError(f"column {mapping.key!r} says {key!r}: a spreadsheet has shortened this number")
    if _AS_NUMBER.match(key):
        raise ValueError(f"column {mapping.key!r} says {key!r}: a program has made a number of it; export it as text")
    if key in known:
        raise ValueError(f"the key {key} stands in line {known[key]} already")


def _history(row: Mapping[str, str], mapping: ImportMapping, *, line: int, key: str, now: datetime) -> History:
    channel = mapping.channel.read(row)
    if channel is None:
        raise ValueError("the row names no channel")
    acts = tuple(past for act in mapping.acts if (past := _past_act(row, act, mapping)) is not None)
    if not acts or acts[0].act != RECEIVE:
        raise ValueError(f"column {mapping.acts[0].at!r}, when it was received, is empty")
    for earlier, later in itertools.pairwise(acts):
        if later.at < earlier.at:
            raise ValueError(f"{_told(later)} lies before {_told(earlier)}")
    if acts[-1].at > now:
        raise ValueError(f"{_told(acts[-1])} lies in the future")
    office = mapping.office.read(row) if mapping.office else None
    return History(line=line, key=key, channel=channel, office=office, acts=acts)


def _told(past: PastAct) -> str:
    return f"{past.act} ({past.at:%Y-%m-%d %H:%M} UTC)"


def _past_act(row: Mapping[str, str], act: ImportedAct, mapping: ImportMapping) -> PastAct | None:
    said = plain(row[act.at])
    if not said or any(plain(row[column]) not in values for column, values in act.only.items()):
        return None
    data = {name: value for name, source in act.data.items() if (value := source.read(row)) is not None}
    for name, value in data.items():
        if _SHORTENED.match(value):
            raise ValueError(f"{name!r} is {value!r}: a spreadsheet has shortened this number; export it as text")
        if name in contacts.FIELDS and _AS_NUMBER.match(value):
            raise ValueError(f"{name!r} is {value!r}: a program has made a number of it; export it as text")
    try:
        at = moment_of(said, mapping)
    except ValueError as error:
        raise ValueError(f"column {act.at!r} says {said!r}, {error}") from None
    return PastAct(act=act.act, role=act.by, at=at.astimezone(UTC), data=data)


def _is_time(said: str, mapping: ImportMapping) -> bool:
    try:
        moment_of(plain(said), mapping)
    except ValueError:
        return False
    return True
