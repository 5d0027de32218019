import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("cases", "0032_backups_made"),
        ("notices", "0013_confidential_cases"),
    ]

    operations = [
        migrations.CreateModel(
            "RootReceiver",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField("address", max_length=254)),
                ("name", models.CharField("who it is", max_length=120)),
                ("language", models.CharField("language", max_length=16)),
                ("added_at", models.DateTimeField("added at")),
                ("ended_at", models.DateTimeField("ended at", null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "receiver of daily roots",
                "verbose_name_plural": "receivers of daily roots",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)), fields=("email",), name="root_receiver_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            "RootMail",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempts", models.PositiveSmallIntegerField("attempts", default=0)),
                ("again_at", models.DateTimeField("not before", null=True)),
                ("sent_at", models.DateTimeField("sent at", null=True)),
                ("failure", models.CharField("why not", max_length=100, blank=True)),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mails", to="notices.rootreceiver"
                    ),
                ),
                (
                    "root",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mails", to="cases.dailyroot"
                    ),
                ),
            ],
            options={
                "verbose_name": "mail with daily roots",
                "verbose_name_plural": "mails with daily roots",
                "constraints": [models.UniqueConstraint(fields=("receiver", "root"), name="root_mail_once")],
            },
        ),
    ]
