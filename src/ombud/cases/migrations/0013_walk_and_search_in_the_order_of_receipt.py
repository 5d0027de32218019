"""Walk lists in the order of receipt, and begin the search index anew: `ombud migrate` fills it, or `ombud rebuild`."""

from typing import Any

from django.db import migrations, models

from ombud.cases import search


def begin_anew(apps: Any, schema_editor: Any) -> None:
    search.clear()


def _walked(model: str, name: str, fields: str, last: str = "-id", **more: Any) -> list[Any]:
    """Return the operations that put the receipt between what an index is looked up by and the case."""
    index = models.Index(fields=[*fields.split(), "-received_at", last], name=name, **more)
    return [migrations.RemoveIndex(model, name), migrations.AddIndex(model, index)]


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_take_the_receipt_over")]

    operations = [
        migrations.AlterField("grade", "received_at", models.DateTimeField(verbose_name="received at")),
        migrations.AlterField("participation", "received_at", models.DateTimeField(verbose_name="received at")),
        *_walked("grade", "grade_value", "name value", "-case"),
        *_walked("participation", "participation_viewer", "viewer", "-case"),
        *_walked("case", "case_phase", "phase"),
        *_walked("case", "case_policy", "policy procedure"),
        *_walked("case", "case_department", "department"),
        *_walked("case", "case_office", "office", condition=models.Q(office__isnull=False)),
        *_walked("case", "case_handler", "handler", condition=models.Q(handler__isnull=False)),
        *_walked("case", "case_channel", "channel"),
        migrations.RunPython(begin_anew, migrations.RunPython.noop),
    ]
