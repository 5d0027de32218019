"""Mark demo accounts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="is_demo",
            field=models.BooleanField(default=False, verbose_name="demo account"),
        )
    ]
