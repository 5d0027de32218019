"""Which privacy notice of the company a complainant agreed to with a complaint."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0025_daily_roots_are_trees"),
        ("organisation", "0015_notices_as_they_were"),
    ]

    operations = [
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=16, verbose_name="language")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="agreement", to="cases.case"
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.noticeversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "agreement to a privacy notice",
                "verbose_name_plural": "agreements to privacy notices",
            },
        ),
    ]
