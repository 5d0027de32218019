"""Rows of a table become histories: typed instants in order, or a problem that names its line."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from ombud.channels.importer.mapping import ImportedAct, ImportMapping, MappingError
from ombud.policy.vocabulary import RECEIVE

TIME_DIRECTIVES = ("%H", "%I", "%X", "%c")
csv.field_size_limit(10_000_000)  # narratives are long; the default of 128 KiB refuses whole files


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


@dataclass(frozen=True, kw_only=True, slots=True)
class RowProblem:
    """A row that is skipped, and why."""

    line: int
    key: str
    reason: str


def read_histories(path: Path, mapping: ImportMapping, *, now: datetime) -> Iterator[History | RowProblem]:
    """Yield each row of the table as a history or a problem, in the file's order.

    Raises MappingError when the file lacks a column that the mapping reads.
    """
    with path.open(encoding=mapping.encoding, newline="") as file:
        table = csv.DictReader(file)
        missing = mapping.columns - set(table.fieldnames or ())
        if missing:
            has = ", ".join(table.fieldnames or ())
            raise MappingError(f"{path}: the file has no column {', '.join(sorted(missing))}. It has: {has}.")
        for row in table:
            line = table.line_num
            key = (row.get(mapping.key) or "").strip()
            try:
                yield _history(row, mapping, line=line, key=key, now=now)
            except ValueError as error:
                yield RowProblem(line=line, key=key, reason=str(error))


def _history(row: dict[str, str], mapping: ImportMapping, *, line: int, key: str, now: datetime) -> History:
    if None in row or None in row.values():
        raise ValueError("the row has not as many cells as the heading")
    if not key:
        raise ValueError(f"column {mapping.key!r}, which identifies the row, is empty")
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


def _past_act(row: dict[str, str], act: ImportedAct, mapping: ImportMapping) -> PastAct | None:
    if not row[act.at].strip() or any(row[column].strip() not in values for column, values in act.only.items()):
        return None
    data = {name: value for name, source in act.data.items() if (value := source.read(row)) is not None}
    return PastAct(act=act.act, role=act.by, at=_instant(row[act.at].strip(), act.at, mapping), data=data)


def _instant(said: str, column: str, mapping: ImportMapping) -> datetime:
    zone = ZoneInfo(mapping.zone)
    for form in mapping.dates:
        try:
            read = datetime.strptime(said, form)  # noqa: DTZ007 - the zone is added below
        except ValueError:
            continue
        if not any(directive in form for directive in TIME_DIRECTIVES):
            read = datetime.combine(read.date(), time(12))  # a bare date is noon there
        return read.replace(tzinfo=read.tzinfo or zone).astimezone(UTC)
    raise ValueError(f"column {column!r} says {said!r}, which is no date of the form {' or '.join(mapping.dates)}")
