from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0005_remind_colleagues"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("act", "an act"),
                    ("warning", "a warning"),
                    ("breach", "a breach"),
                    ("rung-refused", "an automatic act was refused"),
                    ("due-moved", "a due time moved"),
                    ("provisional", "a provisional due time"),
                    ("undelivered", "somebody outside was not reached"),
                    ("reminder", "a colleague's reminder"),
                    ("unmasked", "much personal data was looked at"),
                    ("other", "other"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
    ]
