"""Fill in the receipt of the cases that are there."""

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery


def take_over(apps: Any, schema_editor: Any) -> None:
    received = apps.get_model("cases", "Case").objects.filter(pk=OuterRef("case")).values("received_at")
    for name in ("Grade", "Participation"):
        apps.get_model("cases", name).objects.update(received_at=Subquery(received))


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_keep_the_receipt_beside_what_lists_walk")]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
