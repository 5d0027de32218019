"""Triggers anew: SQLite made the table of changes again to give it a column, and forgot them with the old one."""

from typing import Any

from django.db import migrations

from ombud.cases.models import append_only


def install(apps: Any, schema_editor: Any) -> None:
    append_only.remove(schema_editor.connection)
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0034_what_falls_due_is_counted_from_its_index"),
        ("organisation", "0023_changes_by_directories"),
    ]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
