"""Plain inserts and updates of many rows: what bulk_create does, at a third of its cost.

Filing a complaint writes a dozen rows of eight tables, and Django compiles each statement anew; here
a statement is put together once per table. No defaults of the database, no signals, no key given back.
What is known before a transaction is put into a Batch before it: while others wait for the lock, it is only sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, connections, models

_Row = TypeVar("_Row", bound=models.Model)

# Fields whose values a database's driver does not take as they are; both take bytes.
_ADAPTED = (models.JSONField, models.DateTimeField, models.DateField, models.UUIDField)


def insert(rows: Sequence[models.Model], *, ignore_conflicts: bool = False) -> None:
    """Insert rows of one model; their automatic keys stay unset."""
    if not rows:
        return
    table = _table(type(rows[0]), connection.vendor)
    _run(table.inserting(ignore_conflicts=ignore_conflicts), [table.values(row) for row in rows])


def insert_keyed(row: models.Model) -> None:
    """Insert a row and set its automatic key."""
    table = _table(type(row), connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(f"{table.insert} RETURNING {table.key}", table.values(row))
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias


def rows_of_cases(model: type[_Row], cases: Sequence[int], *, order: str = "") -> list[_Row]:
    """Return the rows of a model that belong to these cases (their keys), each as a query of Django's would give it."""
    if not cases:
        return []
    table = _table(model, connection.vendor)
    holes = ", ".join(["%s"] * len(cases))
    ordered = f" ORDER BY {order}" if order else ""
    with connection.cursor() as cursor:
        cursor.execute(f"{table.select} WHERE case_id IN ({holes}){ordered}", cases)
        found = cursor.fetchall()
    wrapper, alias = connections[connection.alias], connection.alias
    rows = []
    for values in found:
        read = list(values)
        for place, expression, converters in table.converters:
            for convert in converters:
                read[place] = convert(read[place], expression, wrapper)
        rows.append(model.from_db(alias, table.names, read))
    return rows


def update(rows: Sequence[models.Model], columns: tuple[str, ...]) -> None:
    """Write these columns (attribute names, such as handler_id) of rows that are stored."""
    if not rows:
        return
    table = _table(type(rows[0]), connection.vendor)
    fields = [table.by_attribute[name] for name in columns]
    sets = ", ".join(f"{column} = %s" for _, column, _ in fields)
    sql = f"UPDATE {table.name} SET {sets} WHERE {table.key} = %s"
    _run(sql, [[*(_value(row, field) for field in fields), row.pk] for row in rows])


class Batch:
    """Rows of many tables, made ready to be inserted; those of a case get its key when they are written.

    So a case may be new: whoever fills the batch writes the case itself first.
    """

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[models.Model, list[Any], int | None]]] = {}  # by statement

    def add(self, rows: Sequence[models.Model], *, ignore_conflicts: bool = False) -> None:
        """Make rows of one model ready, which are not changed any more."""
        if not rows:
            return
        table = _table(type(rows[0]), connection.vendor)
        found = self._rows.setdefault(table.inserting(ignore_conflicts=ignore_conflicts), [])
        found += [(row, table.values(row), table.place_of_case) for row in rows]

    def write(self) -> None:
        """Insert them all, table by table in the order in which the tables were first added."""
        write_together([self])


def write_together(batches: Iterable[Batch]) -> None:
    """Insert what several batches hold, a statement for each table."""
    together: dict[str, list[list[Any]]] = {}
    for batch in batches:
        for sql, found in batch._rows.items():
            for row, values, place in found:
                if place is not None and values[place] is None:
                    case: Any = row._state.fields_cache["case"]
                    row.__dict__["case_id"] = values[place] = case.pk
            together.setdefault(sql, []).extend(values for _, values, _ in found)
    for sql, params in together.items():
        _run(sql, params)


@contextmanager
def one_round_trip() -> Iterator[None]:
    """Send what is written in here without waiting for each answer, where the database can: none of it is read back.

    Errors are raised at the end, of Django's kinds as ever.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def _run(sql: str, params: list[list[Any]]) -> None:
    with connection.cursor() as cursor:
        if len(params) == 1:
            cursor.execute(sql, params[0])
        else:
            cursor.executemany(sql, params)


_Field = tuple[str, str, Callable[[Any], Any] | None]  # attribute, quoted column, what adapts a value


class _Table:
    """What is known of a model's table."""

    def __init__(self, model: type[models.Model]) -> None:
        quote = connection.ops.quote_name
        meta = model._meta
        self.name, self.key = quote(meta.db_table), quote(str(meta.pk.column))
        fields: list[_Field] = [
            (each.attname, quote(str(each.column)), _adapter(each)) for each in meta.concrete_fields
        ]
        self.by_attribute = {field[0]: field for field in fields}
        self.names = [each.attname for each in meta.concrete_fields]
        self.select = f"SELECT {', '.join(column for _, column, _ in fields)} FROM {self.name}"
        self.converters = [
            (place, column, found)
            for place, column in enumerate(each.get_col(meta.db_table) for each in meta.concrete_fields)
            if (found := connection.ops.get_db_converters(column) + column.get_db_converters(connection))
        ]
        self.fields = [field for field in fields if not (meta.auto_field and field[0] == meta.auto_field.attname)]
        self.place_of_case = next((n for n, field in enumerate(self.fields) if field[0] == "case_id"), None)
        columns = ", ".join(column for _, column, _ in self.fields)
        holes = ", ".join(["%s"] * len(self.fields))
        self.insert = f"INSERT INTO {self.name} ({columns}) VALUES ({holes})"

    def inserting(self, *, ignore_conflicts: bool) -> str:
        return self.insert + (" ON CONFLICT DO NOTHING" if ignore_conflicts else "")

    def values(self, row: models.Model) -> list[Any]:
        return [_value(row, field) for field in self.fields]


@lru_cache(maxsize=64)
def _table(model: type[models.Model], vendor: str) -> _Table:
    return _Table(model)


def _adapter(field: Any) -> Callable[[Any], Any] | None:
    target = field.target_field if field.is_relation else field
    # The two kinds that nearly every row has are adapted without the field's own detours.
    if isinstance(target, models.DateTimeField):
        return None if connection.vendor == "postgresql" else _instant
    if isinstance(target, models.JSONField):
        return lambda value: connection.ops.adapt_json_value(value, target.encoder)
    if isinstance(target, _ADAPTED):
        return lambda value: target.get_db_prep_save(value, connection)
    return None


def _instant(value: datetime) -> str | None:
    return connection.ops.adapt_datetimefield_value(value)


def _value(row: models.Model, field: _Field) -> Any:
    attribute, _, adapt = field
    value = getattr(row, attribute)
    return value if adapt is None or value is None else adapt(value)
