"""Plain inserts and updates of many rows: what bulk_create does, at a third of its cost.

Filing a complaint writes a dozen rows of eight tables, and Django compiles each statement anew; here
a statement is put together once per table. No defaults of the database, no signals, no key given back.
What is known before a transaction is put into a Batch before it: while others wait for the lock, it is only sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from django.db import connection, connections, models
from django.db.models.base import ModelState

from ombud.organisation.round_trips import DEFAULT, cursor, vendor

_Row = TypeVar("_Row", bound=models.Model)

_FEW = 60  # rows that PostgreSQL is given in one statement; there are as many of these as there are mixtures of rows
# Fields whose values a database's driver does not take as they are; both take bytes.
_ADAPTED = (models.JSONField, models.DateTimeField, models.DateField, models.UUIDField)


def new_row(model: type[_Row], **values: Any) -> _Row:
    """Return an instance that is not stored, as the model itself would make it of these, at a fraction of the cost.

    Relations are given as instances or by their keys (case_id), nothing is checked, and nobody listens.
    """
    row: _Row = _table(model, vendor()).fresh(values)
    return row


def insert(rows: Sequence[models.Model], *, ignore_conflicts: bool = False) -> None:
    """Insert rows of one model; their automatic keys stay unset."""
    if not rows:
        return
    columns = _table(type(rows[0]), vendor()).written
    _run(columns.inserting(ignore_conflicts=ignore_conflicts).sql, [columns.values(row) for row in rows])


def insert_keyed(row: models.Model) -> None:
    """Insert a row and set its automatic key."""
    table = _table(type(row), vendor())
    with cursor() as writing:
        writing.execute(f"{table.written.insert.sql} RETURNING {table.key}", table.written.values(row))
        (row.pk,) = writing.fetchone()
    row._state.adding, row._state.db = False, DEFAULT


def put(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model whose keys are set, or write them over those that are there."""
    if not rows:
        return
    table = _table(type(rows[0]), vendor())
    sets = ", ".join(f"{column} = EXCLUDED.{column}" for column in table.written.quoted if column != table.key)
    statement = table.written.insert._replace(tail=f" ON CONFLICT ({table.key}) DO UPDATE SET {sets}")
    _run(statement.sql, [table.written.values(row) for row in rows])


def rows_of_cases(model: type[_Row], cases: Sequence[int], *, order: str = "") -> list[_Row]:
    """Return the rows of a model that belong to these cases (their keys), or the cases themselves.

    Each is as a query of Django's would give it.
    """
    if not cases:
        return []
    table = _table(model, vendor())
    column = "case_id" if "case_id" in table.fields else table.key
    ordered = f" ORDER BY {order}" if order else ""
    with cursor() as reading:
        reading.execute(f"{table.select} WHERE {column} IN {_holes(len(cases))}{ordered}", cases)
        found = reading.fetchall()
    return table.rows(found)


def values_of_cases(model: type[models.Model], names: Sequence[str], cases: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return columns (attribute names) of the rows of a model that belong to these cases, as the driver gives them.

    They come in the order in which they were written.
    """
    if not cases:
        return []
    table, quoted = _table(model, vendor()), _columns(model, tuple(names), vendor()).quoted
    with cursor() as reading:
        reading.execute(
            f"SELECT {', '.join(quoted)} FROM {table.name} WHERE case_id IN {_holes(len(cases))} ORDER BY {table.key}",
            cases,
        )
        found: list[tuple[Any, ...]] = reading.fetchall()
    return found


def locked_row(model: type[_Row], key: int, *, with_: str, skip_locked: bool = False) -> _Row | None:
    """Return a row, locked where the database locks rows, with the one that its foreign key `with_` names.

    None where there is none, or one that is passed over because somebody else has locked it.
    """
    with cursor() as reading:
        reading.execute(_locking(model, with_, skip_locked, vendor()), [key])
        values = reading.fetchone()
    if values is None:
        return None
    field: Any = model._meta.get_field(with_)
    table, other = _table(model, vendor()), _table(field.related_model, vendor())
    row: _Row = table.row(values[: len(table.names)])
    beside = values[len(table.names) :]
    field.set_cached_value(row, None if beside[other.place_of_key] is None else other.row(beside))
    return row


@lru_cache(maxsize=8)
def _locking(model: type[models.Model], with_: str, skip_locked: bool, vendor: str) -> str:
    field: Any = model._meta.get_field(with_)
    table, other = _table(model, vendor), _table(field.related_model, vendor)
    lock = f" FOR UPDATE OF {table.name}{' SKIP LOCKED' if skip_locked else ''}" if vendor == "postgresql" else ""
    return (
        f"SELECT {table.columns_of_all}, {other.columns_of_all} FROM {table.name} LEFT JOIN {other.name}"
        f" ON {other.name}.{other.key} = {table.name}.{connection.ops.quote_name(field.column)}"
        f" WHERE {table.name}.{table.key} = %s{lock}"
    )


def update(rows: Sequence[models.Model], names: tuple[str, ...]) -> None:
    """Write these columns (attribute names, such as handler_id) of rows that are stored."""
    if not rows:
        return
    model = type(rows[0])
    table, columns = _table(model, vendor()), _columns(model, names, vendor())
    sets = ", ".join(f"{column} = %s" for column in columns.quoted)
    sql = f"UPDATE {table.name} SET {sets} WHERE {table.key} = %s"
    _run(sql, [[*columns.values(row), row.pk] for row in rows])


class Insert(NamedTuple):
    """An INSERT: what comes before its rows, the holes of one, what comes after."""

    head: str
    row: str
    tail: str = ""

    @property
    def sql(self) -> str:
        """Return the statement for one row."""
        return f"{self.head} {self.row}{self.tail}"


class Batch:
    """Rows of many tables, made ready to be inserted; those of a case get its key when they are written.

    So a case may be new: whoever fills the batch writes the case itself first.
    """

    def __init__(self) -> None:
        self._rows: dict[Insert, list[_Ready]] = {}

    def add(self, rows: Sequence[models.Model], *, ignore_conflicts: bool = False) -> None:
        """Make rows of one model ready, which are not changed any more."""
        if not rows:
            return
        columns = _table(type(rows[0]), vendor()).written
        found = self._rows.setdefault(columns.inserting(ignore_conflicts=ignore_conflicts), [])
        for row in rows:
            case = row._state.fields_cache.get("case") if columns.place_of_case is not None else None
            found.append(_Ready(columns.values(row), columns.place_of_case, case, row))

    def add_plain(
        self, model: type[models.Model], case: models.Model, names: tuple[str, ...], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Make rows of a case ready that nobody looks at: values of these columns, without instances of the model."""
        columns = _columns(model, ("case_id", *names), vendor())
        ready = [_Ready(columns.adapted([case.pk, *row]), 0, case) for row in rows]
        if ready:
            self._rows.setdefault(columns.insert, []).extend(ready)

    def write(self) -> None:
        """Insert them all, table by table in the order in which the tables were first added."""
        write_together([self])


@dataclass(slots=True)
class _Ready:
    """The values of one row as the driver takes them, and where the key of its case goes."""

    values: list[Any]
    place_of_case: int | None
    case: Any
    row: models.Model | None = None


Filled = tuple[Insert, list[list[Any]]]  # the rows that a statement inserts


def write_together(batches: Iterable[Batch], *, beside: Sequence[Filled] = ()) -> None:
    """Insert what several batches hold and what comes beside, table by table."""
    together: dict[Insert, list[list[Any]]] = {}
    for batch in batches:
        for insert_, found in batch._rows.items():
            for ready in found:
                place = ready.place_of_case
                if place is not None and ready.values[place] is None:
                    ready.values[place] = ready.case.pk
                    if ready.row is not None:
                        ready.row.__dict__["case_id"] = ready.case.pk
            together.setdefault(insert_, []).extend(ready.values for ready in found)
    filled = [*together.items(), *((each, rows) for each, rows in beside if rows)]
    if not filled:
        return
    with cursor() as writing:
        if vendor() == "postgresql" and sum(len(rows) for _, rows in filled) <= _FEW:
            shape = tuple((each, len(rows)) for each, rows in filled)
            writing.execute(_one_statement(shape), [value for _, rows in filled for row in rows for value in row])
            return
        for each, rows in filled:
            _execute(writing, each.sql, rows)


@lru_cache(maxsize=256)
def _one_statement(shape: tuple[tuple[Insert, int], ...]) -> str:
    """Return one statement of PostgreSQL that inserts so many rows into each of the tables."""
    parts = [f"t{n} AS ({each.head} {', '.join([each.row] * rows)}{each.tail})" for n, (each, rows) in enumerate(shape)]
    return f"WITH {', '.join(parts)} SELECT 1"


def _run(sql: str, params: list[list[Any]]) -> None:
    with cursor() as writing:
        _execute(writing, sql, params)


def _execute(writing: Any, sql: str, params: list[list[Any]]) -> None:
    if len(params) == 1:
        writing.execute(sql, params[0])
    else:
        writing.executemany(sql, params)


def _holes(number: int) -> str:
    return f"({', '.join(['%s'] * number)})"


class _Table:
    """What is known of a model's table."""

    def __init__(self, model: type[models.Model]) -> None:
        quote = connection.ops.quote_name
        meta = model._meta
        self.name, self.key = quote(meta.db_table), quote(str(meta.pk.column))
        self.fields = {each.attname: each for each in meta.concrete_fields}
        self.names = list(self.fields)
        columns = [quote(str(each.column)) for each in meta.concrete_fields]
        self.select = f"SELECT {', '.join(columns)} FROM {self.name}"
        self.columns_of_all = ", ".join(f"{self.name}.{column}" for column in columns)
        self.place_of_key = columns.index(self.key)
        self._model = model
        self.converters = [
            (place, column, found)
            for place, column in enumerate(each.get_col(meta.db_table) for each in meta.concrete_fields)
            if (found := connection.ops.get_db_converters(column) + column.get_db_converters(connection))
        ]
        made = [name for name, each in self.fields.items() if each.has_default() and callable(each.default)]
        self._made = {name: self.fields[name].get_default for name in made}
        self._constant = {name: each.get_default() for name, each in self.fields.items() if name not in self._made}
        self._relations: dict[str, Any] = {each.name: each for each in meta.concrete_fields if each.is_relation}
        automatic = meta.auto_field.attname if meta.auto_field else None
        self.written = self.columns(tuple(name for name in self.names if name != automatic))

    def fresh(self, values: Mapping[str, Any]) -> Any:
        """Return an instance of these values that is not stored."""
        row = self._model.__new__(self._model)  # what Model.__init__ comes to where nobody listens to it
        row._state = ModelState()
        held = row.__dict__
        held.update(self._constant)
        for name, make in self._made.items():
            if name not in values:
                held[name] = make()
        for name, value in values.items():
            if (field := self._relations.get(name)) is None:
                held[name] = value
            else:
                held[field.attname] = None if value is None else getattr(value, field.target_field.attname)
                row._state.fields_cache[name] = value
        return row

    def row(self, values: Sequence[Any]) -> Any:
        """Return the instance of what was read, as a query of Django's would give it."""
        return self.rows([values])[0]

    def rows(self, found: Iterable[Sequence[Any]]) -> list[Any]:
        """Return the instances of rows that were read."""
        wrapper, rows = connections[DEFAULT], []
        for values in found:
            read = list(values)
            for place, expression, converters in self.converters:
                for convert in converters:
                    read[place] = convert(read[place], expression, wrapper)
            row = self._model.__new__(self._model)  # likewise
            row.__dict__.update(zip(self.names, read, strict=True))
            row._state = ModelState()
            row._state.adding, row._state.db = False, DEFAULT
            rows.append(row)
        return rows

    def columns(self, names: tuple[str, ...]) -> _Columns:
        """Return what writes some of the columns (attribute names)."""
        return _Columns(self.name, [self.fields[name] for name in names])


class _Columns:
    """Some columns of a table, in order: the statement that inserts them, and what makes values of them ready."""

    def __init__(self, table: str, fields: Sequence[Any]) -> None:
        self.names = [each.attname for each in fields]
        self.quoted = [connection.ops.quote_name(str(each.column)) for each in fields]
        self.insert = Insert(f"INSERT INTO {table} ({', '.join(self.quoted)}) VALUES", _holes(len(fields)))
        self.place_of_case = self.names.index("case_id") if "case_id" in self.names else None
        self._adapted = [(place, adapt) for place, each in enumerate(fields) if (adapt := _adapter(each)) is not None]
        self._get = attrgetter(*self.names)

    def inserting(self, *, ignore_conflicts: bool) -> Insert:
        return self.insert._replace(tail=" ON CONFLICT DO NOTHING") if ignore_conflicts else self.insert

    def values(self, row: models.Model) -> list[Any]:
        """Return a row's values as the driver takes them."""
        return self.adapted(self._get(row) if len(self.names) > 1 else [self._get(row)])

    def adapted(self, values: Iterable[Any]) -> list[Any]:
        """Return values of these columns as the driver takes them."""
        ready = list(values)
        for place, adapt in self._adapted:
            if ready[place] is not None:
                ready[place] = adapt(ready[place])
        return ready


@lru_cache(maxsize=64)
def _table(model: type[models.Model], vendor: str) -> _Table:
    return _Table(model)


@lru_cache(maxsize=64)
def _columns(model: type[models.Model], names: tuple[str, ...], vendor: str) -> _Columns:
    return _table(model, vendor).columns(names)


def _adapter(field: Any) -> Callable[[Any], Any] | None:
    """Return what makes a value of the field ready, or None where the driver takes it as it is."""
    target = field.target_field if field.is_relation else field
    # The two kinds that nearly every row has are adapted without the field's own detours.
    if isinstance(target, models.DateTimeField):
        return None if vendor() == "postgresql" else _instant
    if isinstance(target, models.JSONField) and target.encoder is None:
        return json.dumps
    if isinstance(target, _ADAPTED):
        return lambda value: target.get_db_prep_save(value, connection)
    return None


def _instant(value: datetime) -> str:
    """Return an aware instant as Django writes it on SQLite."""
    return str(value.astimezone(UTC).replace(tzinfo=None))
