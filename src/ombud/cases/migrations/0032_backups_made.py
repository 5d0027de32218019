from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0031_root_stamps_and_verifications")]

    operations = [
        migrations.CreateModel(
            "BackupMade",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_at", models.DateTimeField("made at")),
                ("kind", models.CharField("kind", max_length=10)),
                ("file", models.CharField("file", max_length=200)),
                ("size", models.BigIntegerField("size")),
                ("generation", models.PositiveSmallIntegerField("master key")),
            ],
            options={
                "verbose_name": "backup",
                "verbose_name_plural": "backups",
                "indexes": [models.Index(fields=["-made_at", "-id"], name="backup_newest")],
            },
        ),
    ]
