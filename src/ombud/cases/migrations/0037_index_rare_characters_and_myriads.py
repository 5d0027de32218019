"""Begin the search index anew for rare characters and for myriads. `ombud migrate` fills it, or `ombud rebuild`."""

from typing import Any

from django.db import migrations

from ombud.cases import search


def begin_anew(apps: Any, schema_editor: Any) -> None:
    search.clear()


class Migration(migrations.Migration):
    dependencies = [("cases", "0036_index_names_without_accents")]

    operations = [migrations.RunPython(begin_anew, begin_anew)]
