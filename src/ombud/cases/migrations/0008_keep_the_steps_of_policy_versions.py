"""Triggers for the steps of policy versions: who drafted, approved and published what is never changed."""

from typing import Any

from django.db import migrations

from ombud.cases.models import append_only


def install(apps: Any, schema_editor: Any) -> None:
    append_only.remove(schema_editor.connection)
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_refusals_in_groups_and_legal_holds"),
        ("organisation", "0004_drafts_and_their_steps"),
    ]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
