"""Numbers of policy versions stand in addresses: one with a slash made every page that lists it fail."""

import re
from typing import Any

from django.db import migrations

_WRONG = re.compile(r"[^0-9A-Za-z._-]")


def renumber(apps: Any, schema_editor: Any) -> None:
    """Give versions whose number no address can hold one that it can; the text of a draft keeps its own."""
    versions = apps.get_model("organisation", "PolicyVersion").objects
    for row in versions.only("policy", "version"):
        number = _WRONG.sub("-", row.version).lstrip("._-") or "0"
        if number == row.version:
            continue
        free, count = number[:40], 1
        while versions.filter(policy=row.policy, version=free).exists():
            count += 1
            free = f"{number[:40]}-{count}"
        versions.filter(pk=row.pk).update(version=free)


class Migration(migrations.Migration):
    dependencies = [("organisation", "0005_editions_by_whom_and_undone")]

    operations = [migrations.RunPython(renumber, migrations.RunPython.noop)]
