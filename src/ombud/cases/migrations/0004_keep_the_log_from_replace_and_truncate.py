"""Triggers for what the first ones let through: REPLACE on SQLite, TRUNCATE on PostgreSQL, and the daily roots."""

from typing import Any

from django.db import migrations

from ombud.cases.models import append_only


def install(apps: Any, schema_editor: Any) -> None:
    append_only.remove(schema_editor.connection)
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_append_only_and_search")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
