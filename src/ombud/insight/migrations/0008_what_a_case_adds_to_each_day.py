"""Keep beside each day of a measured case what it adds to it: not known yet, so the next act has all of them made anew."""

from typing import Any

from django.db import migrations, models

_DICTIONARIES = {
    "sqlite": "(SELECT json_group_object(value, '') FROM json_each(days))",
    "postgresql": "(SELECT coalesce(jsonb_object_agg(value, ''), '{}') FROM jsonb_array_elements_text(days) AS value)",
}


def tell(_apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(f"UPDATE insight_measured SET days = {_DICTIONARIES[schema_editor.connection.vendor]}")


class Migration(migrations.Migration):
    dependencies = [("insight", "0007_fill_next_due")]

    operations = [
        migrations.AlterField(
            model_name="measured",
            name="days",
            field=models.JSONField(default=dict, verbose_name="days in whose sums it is"),
        ),
        migrations.RunPython(tell, migrations.RunPython.noop),
    ]
