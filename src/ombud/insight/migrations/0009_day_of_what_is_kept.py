"""Call the day of what is kept of a month a day, as that of what is kept of a day: one class says what both have."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("insight", "0008_what_a_case_adds_to_each_day")]

    operations = [
        migrations.AlterField("monthsum", "day", models.DateField(verbose_name="day")),
        migrations.AlterField("monthlengths", "day", models.DateField(verbose_name="day")),
    ]
