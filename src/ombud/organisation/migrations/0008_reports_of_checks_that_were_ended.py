"""Reports say whether the checks came to their end; those that were kept although they had not are made again."""

from typing import Any

from django.db import migrations, models


def tell_ended(apps: Any, schema_editor: Any) -> None:
    """Mark the reports whose finding is that the check was ended."""
    for row in apps.get_model("organisation", "PolicyReport").objects.all():
        if any(each["code"] == "endless-check" for each in row.content["findings"]):
            row.is_final = False
            row.save(update_fields=["is_final"])


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0007_what_people_changed"),
    ]

    operations = [
        migrations.AlterField(
            model_name="policyreport",
            name="content",
            field=models.JSONField(null=True, verbose_name="findings"),
        ),
        migrations.AddField(
            model_name="policyreport",
            name="is_final",
            field=models.BooleanField(default=True, verbose_name="checked to the end"),
        ),
        migrations.RunPython(tell_ended, migrations.RunPython.noop),
    ]
