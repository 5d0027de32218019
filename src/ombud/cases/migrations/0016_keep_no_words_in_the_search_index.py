"""Begin the search index anew, with keyed hashes instead of words: `ombud migrate` fills it, or `ombud rebuild`."""

from typing import Any

from django.db import migrations

from ombud.cases import search


def begin_anew(apps: Any, schema_editor: Any) -> None:
    search.clear()


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_keep_what_stands_beside_events")]

    operations = [migrations.RunPython(begin_anew, begin_anew)]
