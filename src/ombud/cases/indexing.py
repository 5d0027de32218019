"""The search index and the blind index of people derived anew: after an upgrade that reads words in another way."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from ombud.cases import contacts, eventlog, projections, search
from ombud.cases.bulk_sql import insert
from ombud.cases.fold import folded_rows
from ombud.cases.models import Case, Event
from ombud.engine import State
from ombud.privacy.keys import key_of
from ombud.privacy.models import BlindIndex
from ombud.privacy.sealing import Vault

BATCH = 200


def index(case: Case, rows: Sequence[Event], vault: Vault, state: State) -> None:
    """Index one case anew: its words, and by what its complainant is known again."""
    known = contacts.noted(state.program.pack, eventlog.decoded(rows, vault), state.facts, state.office)
    if case.complainant is not None and not vault.is_erased:
        insert(contacts.rows(case.complainant, known), ignore_conflicts=True)
    key = projections.key_of(case)
    search.drop(key)
    search.index_document(key, projections.document(case, rows, vault, known))


def index_all() -> int:
    """Index every case anew and return how many there are; people and clocks may go on meanwhile."""
    number = 0
    with transaction.atomic():
        BlindIndex.objects.all().delete()
        search.clear()
    for pk in Case.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH):
        with transaction.atomic():
            case = Case.objects.select_for_update(of=("self",)).select_related("complainant").get(pk=pk)
            rows = eventlog.rows_of(case)
            vault = Vault(key_of(case.complainant), case.reference)
            index(case, rows, vault, folded_rows(case, rows, vault))
        number += 1
    return number


def is_behind() -> bool:
    """Return whether the index lacks cases, as it does after a migration that began it anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (SELECT count(*) FROM cases_case) > (SELECT count(*) FROM {search.ROWS[connection.vendor]})"
        )
        (found,) = cursor.fetchone()
    return bool(found)
