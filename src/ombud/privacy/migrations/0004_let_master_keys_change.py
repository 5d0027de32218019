from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("privacy", "0003_find_what_somebody_saw_and_the_newest_looks")]

    operations = [
        migrations.AddField("blindindex", "generation", models.PositiveSmallIntegerField("master key", default=1)),
        migrations.CreateModel(
            "InheritedKey",
            [
                ("purpose", models.CharField("what it is for", max_length=40, primary_key=True, serialize=False)),
                ("wrapped", models.BinaryField("wrapped key")),
                ("under", models.PositiveSmallIntegerField("master key")),
            ],
            options={"verbose_name": "inherited key", "verbose_name_plural": "inherited keys"},
        ),
        migrations.CreateModel(
            "KeyRotation",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("generation", models.PositiveSmallIntegerField("master key", unique=True)),
                ("mark", models.CharField("mark", max_length=8)),
                ("begun_at", models.DateTimeField("begun at")),
                ("step", models.CharField("step", max_length=40, blank=True)),
                ("after", models.CharField("what was done last of it", max_length=64, blank=True)),
                ("done", models.JSONField("done", default=dict)),
                ("of", models.JSONField("of how many", default=dict)),
                ("moved", models.PositiveBigIntegerField("sealed anew", default=0)),
                ("indexed_at", models.DateTimeField("found under both keys since", null=True)),
                ("finished_at", models.DateTimeField("finished at", null=True)),
                ("retired_at", models.DateTimeField("old key retired at", null=True)),
            ],
            options={
                "verbose_name": "rotation of the master key",
                "verbose_name_plural": "rotations of the master key",
            },
        ),
    ]
