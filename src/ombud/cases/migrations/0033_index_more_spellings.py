"""Begin the search index anew: numbers and names are read in more spellings. `ombud migrate` fills it, or `rebuild`."""

from typing import Any

from django.db import migrations

from ombud.cases import search


def begin_anew(apps: Any, schema_editor: Any) -> None:
    search.clear()


class Migration(migrations.Migration):
    dependencies = [("cases", "0032_backups_made")]

    operations = [migrations.RunPython(begin_anew, begin_anew)]
