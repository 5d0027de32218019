"""Rows beside the events come under the daily roots; erasures of before get the removal that says so."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ombud.cases.models import append_only


def say_what_was_erased(apps: Any, schema_editor: Any) -> None:
    """Write a removal for each case whose complainant was erased, where there is none."""
    removals = apps.get_model("cases", "Removal")
    erased = apps.get_model("cases", "Case").objects.filter(complainant__erased_at__isnull=False)
    known = set(removals.objects.filter(kind="case").values_list("reference", flat=True))
    removals.objects.bulk_create(
        removals(reference=reference, kind="erasure", removed_at=erased_at)
        for reference, erased_at in erased.values_list("reference", "complainant__erased_at")
        if reference not in known
    )


def install(apps: Any, schema_editor: Any) -> None:
    append_only.remove(schema_editor.connection)
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0014_say_what_waits_for_others"),
        ("organisation", "0007_what_people_changed"),
        ("privacy", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="removal",
            name="removed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.CreateModel(
            name="DailyRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20, verbose_name="what")),
                ("key", models.CharField(max_length=64, verbose_name="key")),
                ("digest", models.CharField(max_length=64, verbose_name="hash")),
                (
                    "root",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="records", to="cases.dailyroot"
                    ),
                ),
            ],
            options={
                "verbose_name": "daily record",
                "verbose_name_plural": "daily records",
                "constraints": [models.UniqueConstraint(fields=("kind", "key"), name="daily_record_once")],
            },
        ),
        migrations.RunPython(say_what_was_erased, migrations.RunPython.noop),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
