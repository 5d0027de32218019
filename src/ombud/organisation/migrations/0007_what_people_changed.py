"""The log of what people change among roles, rates and training records; it begins with all that is there."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from ombud.organisation import changes

KINDS = ("role", "rate", "training")  # what there was then


def begin(apps: Any, schema_editor: Any) -> None:
    """Write down what is there, as nobody in particular entered it."""
    log, now = apps.get_model("organisation", "Change"), timezone.now()
    for kind in KINDS:
        model, told = changes.KINDS[kind]
        rows = map(told, apps.get_model("organisation", model.__name__).objects.order_by("pk"))
        log.objects.bulk_create([log(kind=kind, key=key, content=content, by=None, at=now) for key, content in rows])


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0006_numbers_that_addresses_can_hold"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20, verbose_name="what")),
                ("key", models.CharField(max_length=400, verbose_name="key")),
                ("content", models.JSONField(null=True, verbose_name="as it was from then on")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "change",
                "verbose_name_plural": "changes",
                "ordering": ["id"],
            },
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
