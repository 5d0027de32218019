from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("privacy", "0002_say_that_reasons_are_sealed")]

    operations = [
        migrations.RemoveIndex("access", "access_of_case"),
        migrations.AddIndex("access", models.Index(fields=["person", "at"], name="access_of_person")),
        migrations.AddIndex("access", models.Index(fields=["-at", "-id"], name="access_newest")),
    ]
