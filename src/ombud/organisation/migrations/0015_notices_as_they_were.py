"""Privacy notices as they were when somebody agreed to them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0014_one_name_no_more")]

    operations = [
        migrations.CreateModel(
            name="NoticeVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hash", models.CharField(max_length=64, unique=True, verbose_name="hash of the notice")),
                ("texts", models.JSONField(verbose_name="privacy notice")),
                ("kept_at", models.DateTimeField(verbose_name="first agreed to at")),
            ],
            options={
                "verbose_name": "privacy notice as it was",
                "verbose_name_plural": "privacy notices as they were",
            },
        ),
    ]
