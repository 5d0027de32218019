from datetime import UTC, datetime
from typing import Any

from django.db import migrations


def put_by_language(apps: Any, schema_editor: Any) -> None:
    """Take the one name and address for Chinese, from which every language falls back, and note it as a change."""
    for row in apps.get_model("organisation", "House").objects.all():
        row.names = {"zh": row.name} if row.name else {}
        row.addresses = {"zh": row.address} if row.address else {}
        row.save()
        said = {"names": row.names, "addresses": row.addresses, "notice": row.notice, "logo": "", "seal": ""}
        apps.get_model("organisation", "Change").objects.create(
            kind="house", key="house", content=said, by=None, at=datetime.now(UTC)
        )


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0012_the_company_by_language"),
    ]

    operations = [migrations.RunPython(put_by_language, migrations.RunPython.noop)]
