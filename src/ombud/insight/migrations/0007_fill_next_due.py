"""Tell of every open case that is measured what of it is due next."""

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps: Any, _schema_editor: Any) -> None:
    cases = apps.get_model("cases", "Case").objects.filter(pk=OuterRef("pk"))
    is_open = apps.get_model("insight", "Measured").objects.filter(closed_at=None)
    is_open.update(next_due_at=Subquery(cases.values("next_due_at")[:1]))


class Migration(migrations.Migration):
    dependencies = [("insight", "0006_sums_of_months")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
