"""Changes of working days are proposed by one person and decided on by another."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0009_address_book"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("notice", models.JSONField(null=True, verbose_name="notice")),
                ("source", models.TextField(verbose_name="source")),
                ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("entered", "in force"), ("declined", "declined"), ("withdrawn", "withdrawn")],
                        max_length=10,
                        verbose_name="verdict",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "edition",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposal",
                        to="organisation.calendaredition",
                        verbose_name="edition",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
                ),
                (
                    "undoes",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.calendaredition",
                        verbose_name="takes back",
                    ),
                ),
            ],
            options={
                "verbose_name": "proposed change of working days",
                "verbose_name_plural": "proposed changes of working days",
                "indexes": [
                    models.Index(
                        condition=models.Q(("decided_at__isnull", True)),
                        fields=["proposed_by"],
                        name="calendar_waiting",
                    )
                ],
            },
        ),
    ]
