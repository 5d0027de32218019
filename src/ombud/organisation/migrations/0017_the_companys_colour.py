"""The company's colour on complainants' pages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0016_links_to_set_a_password")]

    operations = [
        migrations.AddField(
            model_name="house",
            name="colour",
            field=models.CharField(blank=True, max_length=7, verbose_name="colour"),
        ),
    ]
