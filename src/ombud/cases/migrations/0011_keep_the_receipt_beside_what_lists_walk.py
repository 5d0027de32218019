"""Lists show what was received last first, so what they are walked along knows when each case was received."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_points_as_large_as_forms_take")]

    operations = [
        migrations.AddField("grade", "received_at", models.DateTimeField(null=True, verbose_name="received at")),
        migrations.AddField(
            "participation", "received_at", models.DateTimeField(null=True, verbose_name="received at")
        ),
    ]
