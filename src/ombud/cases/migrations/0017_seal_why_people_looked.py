"""Seal the reasons in the access log under their cases' keys: they may name somebody, and outlived erasure."""

import json
from typing import Any

from django.db import migrations

from ombud.cases.models import append_only
from ombud.privacy.keys import key_of
from ombud.privacy.log import _place
from ombud.privacy.sealing import Vault


def seal(apps: Any, schema_editor: Any) -> None:
    access, cases = apps.get_model("privacy", "Access"), apps.get_model("cases", "Case")
    rows = [row for row in access.objects.all() if row.reason]
    if not rows:
        return
    known = cases.objects.filter(reference__in={row.reference for row in rows}).select_related("complainant")
    keys = {case.reference: key_of(case.complainant) for case in known}
    append_only.remove(schema_editor.connection)
    for row in rows:
        vault = Vault(keys.get(row.reference), row.reference)
        sealed = "" if vault.is_erased else json.dumps(vault.seal(0, _place(row.person_id, row.at), row.reason))
        access.objects.filter(pk=row.pk).update(reason=sealed)
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0016_keep_no_words_in_the_search_index"),
        ("privacy", "0002_say_that_reasons_are_sealed"),
    ]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
