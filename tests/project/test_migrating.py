"""A first start makes models anew only where they change; the database that comes out is the one that models ask."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.db import connection, models


def test_our_own_command_migrates() -> None:
    assert get_commands()["migrate"] == "ombud.project"


@pytest.mark.django_db
def test_the_database_has_what_the_models_say() -> None:
    """Columns, what may be empty, foreign keys, what is unique, and every index and constraint that has a name."""
    tables = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True) if _is_ours(model)}
    assert len(tables) > 50
    with connection.cursor() as cursor:
        for table, model in tables.items():
            found = connection.introspection.get_table_description(cursor, table)
            fields = model._meta.local_concrete_fields
            assert {each.name: bool(each.null_ok) for each in found} == {
                field.column: bool(field.null) for field in fields
            }, table
            points = connection.introspection.get_relations(cursor, table)
            assert {column: there[:2] for column, there in points.items()} == {
                field.column: _target(field) for field in fields if _is_kept_by_the_database(field)
            }, table
            rules = connection.introspection.get_constraints(cursor, table)
            named = {each.name for each in (*model._meta.indexes, *model._meta.constraints)}
            assert named <= set(rules), table
            alone = {rule["columns"][0] for rule in rules.values() if _is_unique(rule)}
            assert {field.column for field in fields if field.unique} <= alone, table


def _is_ours(model: type[models.Model]) -> bool:
    return model._meta.managed and model.__module__.startswith("ombud.")


def _is_kept_by_the_database(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, models.ForeignKey) and field.db_constraint


def _target(field: Any) -> tuple[str, str]:
    return field.target_field.column, field.target_field.model._meta.db_table


def _is_unique(rule: dict[str, Any]) -> bool:
    return (rule["unique"] or rule["primary_key"]) and len(rule["columns"] or ()) == 1
