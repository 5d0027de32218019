"""Begin the search index anew: Müller, Mueller and Muller find one another. `ombud migrate` fills it, or `rebuild`."""

from typing import Any

from django.db import migrations

from ombud.cases import search


def begin_anew(apps: Any, schema_editor: Any) -> None:
    search.clear()


class Migration(migrations.Migration):
    dependencies = [("cases", "0035_keep_changes_from_change_anew")]

    operations = [migrations.RunPython(begin_anew, begin_anew)]
