"""Rows of models as tuples for a plain driver: what bulk_create would bind, at a tenth of the price."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.db import models

Row = tuple[Any, ...]


def columns(model: type[models.Model]) -> list[str]:
    """Return the columns of a model's table without an id that the database counts up itself."""
    return [str(field.column) for field in _fields(model)]


def reader(model: type[models.Model]) -> Callable[[models.Model], Row]:
    """Return what makes a row for SQLite of an instance."""
    parts = [(field.attname, _convert(field)) for field in _fields(model)]

    def read(instance: models.Model) -> Row:
        values = instance.__dict__
        return tuple(convert(values[name]) if convert else values[name] for name, convert in parts)

    return read


def insert(model: type[models.Model]) -> str:
    """Return the statement that inserts one row."""
    names = columns(model)
    holes = ", ".join("?" * len(names))
    return f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) VALUES ({holes})"


def _fields(model: type[models.Model]) -> Sequence[models.Field[Any, Any]]:
    counted = (models.AutoField, models.BigAutoField)
    keeps_id = model._meta.label == "cases.Case"  # other rows name it before it is written
    return [field for field in model._meta.concrete_fields if keeps_id or not isinstance(field, counted)]


def _convert(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    if isinstance(field, models.JSONField):
        return json.dumps
    if isinstance(field, models.UUIDField):
        return lambda value: None if value is None else value.hex
    if isinstance(field, models.DateTimeField):
        return lambda value: None if value is None else value.replace(tzinfo=None).isoformat(" ")
    if isinstance(field, models.ForeignKey):
        return _convert(field.target_field)
    return None
