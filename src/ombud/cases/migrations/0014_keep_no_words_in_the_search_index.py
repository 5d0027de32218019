"""Begin the search index anew, with keyed hashes instead of words: `ombud migrate` fills it, or `ombud rebuild`."""

from typing import Any

from django.db import migrations

from ombud.cases import search


def begin_anew(apps: Any, schema_editor: Any) -> None:
    search.clear()


class Migration(migrations.Migration):
    dependencies = [("cases", "0013_walk_and_search_in_the_order_of_receipt")]

    operations = [migrations.RunPython(begin_anew, begin_anew)]
