"""Ask for an erasure; somebody else decides."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0017_seal_why_people_looked"),
        ("privacy", "0002_say_that_reasons_are_sealed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ErasureRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(db_index=True, max_length=20, verbose_name="reference")),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("asked", "the person asks for it"),
                            ("withdrawn", "consent was withdrawn"),
                            ("unlawful", "it should not have been kept"),
                            ("ordered", "an authority or court orders it"),
                        ],
                        max_length=20,
                        verbose_name="ground",
                    ),
                ),
                ("filed", models.CharField(max_length=200, verbose_name="where the request is filed")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("is_approved", models.BooleanField(null=True, verbose_name="approved")),
                ("cases", models.PositiveIntegerField(null=True, verbose_name="cases erased")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "complainant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="privacy.complainant"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "erasure request",
                "verbose_name_plural": "erasure requests",
                "indexes": [models.Index(fields=["-asked_at", "-id"], name="erasure_request_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at__isnull", True)),
                        fields=("complainant",),
                        name="erasure_request_once",
                    )
                ],
            },
        ),
    ]
