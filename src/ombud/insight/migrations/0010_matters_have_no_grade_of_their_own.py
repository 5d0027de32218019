"""Have the clock measure what is no complaint anew: a table graded it by nothing that anybody said."""

from typing import Any

from django.db import migrations


def forget(apps: Any, schema_editor: Any) -> None:
    apps.get_model("insight", "Measured").objects.exclude(procedure="complaint").exclude(grade="").update(days={})


class Migration(migrations.Migration):
    dependencies = [("insight", "0009_day_of_what_is_kept")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
