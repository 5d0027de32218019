# Kinds of notices are asked for when they are needed: a new one, as that of objections, needs no migration any more.

from django.db import migrations, models

import ombud.notices.models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0018_tell_of_reports_not_mailed"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(choices=ombud.notices.models.kinds, max_length=20, verbose_name="kind"),
        ),
    ]
