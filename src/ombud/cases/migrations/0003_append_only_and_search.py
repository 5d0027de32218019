"""What the models cannot say: triggers that keep events as they are, and the full-text index."""

from typing import Any

from django.db import migrations

from ombud.cases import search
from ombud.cases.models import append_only


def install(apps: Any, schema_editor: Any) -> None:
    append_only.install(schema_editor.connection)
    for statement in search.CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def remove(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(search.DROP)
    append_only.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_initial"), ("privacy", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
