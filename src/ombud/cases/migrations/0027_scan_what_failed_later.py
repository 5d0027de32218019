"""Contents that could not be scanned wait behind those that were not tried yet."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0026_which_notice_was_agreed_to")]

    operations = [
        migrations.AddField(
            model_name="content",
            name="scan_after",
            field=models.DateTimeField(null=True, verbose_name="not scanned before"),
        ),
    ]
