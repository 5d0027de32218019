"""The address book of authorities and partners."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0008_reports_of_checks_that_were_ended"),
    ]

    operations = [
        migrations.CreateModel(
            name="Outsider",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=100, verbose_name="stands for")),
                ("names", models.JSONField(default=dict, verbose_name="names by language")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("contact", models.CharField(blank=True, max_length=200, verbose_name="contact person")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("phone", models.CharField(blank=True, max_length=100, verbose_name="phone")),
                ("address", models.TextField(blank=True, verbose_name="postal address")),
                (
                    "prefix",
                    models.CharField(blank=True, max_length=40, verbose_name="its reference numbers begin with"),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="offered")),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="organisation.office",
                        verbose_name="office",
                    ),
                ),
            ],
            options={
                "verbose_name": "authority or partner",
                "verbose_name_plural": "authorities and partners",
                "indexes": [models.Index(fields=["role", "is_active"], name="outsider_role")],
            },
        ),
    ]
