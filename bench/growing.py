"""A filled register grown by telling its cases again: figures of a million without living through a million.

    python -m bench.growing COUNT [SQLITE_FILE]     in the database of the environment

Days are summed up as they always are, two years of them; or, in PostgreSQL, copied from the same register in SQLite.
Cases, duties and what is measured are copied under numbers of their own, closed cases more often than open ones, so
that one in twenty is open. Each copy lies some days further back than the one before, so that a day holds many
different cases, and no more of them came in today than on another day. Events, words, keys, notices and who may see a
case (other than in figures) are not copied, so pages of single cases, lists and the search say nothing of such a
register; duties are those of the last 400 days, and what is still owed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from bench.copying import columns, copy, move_sequence

OPEN = 0.05  # of the cases of a grown register
DUTIES = 400  # days whose duties are copied: what came before is read from the sums alone
SHIFTS = {True: 29, False: 13}  # days by which the copies of a closed and of an open case lie apart at most
DAYS = 760  # that are summed up: the year that pages show, the one before, and a month


def main() -> None:
    count = int(sys.argv[1])
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from ombud.cases.models import Case
    from ombud.insight import keeping
    from ombud.insight.models import Measured

    call_command("migrate", verbosity=0)
    keys = list(Case.objects.order_by("pk").values_list("pk", flat=True))
    there, last = len(keys), keys[-1]
    if Measured.objects.count() < there:
        for first in range(0, there, keeping.BATCH):
            keeping.measure(keys[first : first + keeping.BATCH], is_noted=False)
    if there >= count:
        return
    for model in _of_days():
        model._default_manager.all().delete()
    is_open = Case.objects.filter(closed_at=None).count()
    opened = max(0, round(count * OPEN / is_open) - 1)
    closed = max(0, -(-(count - is_open * (opened + 1)) // (there - is_open)) - 1)
    began = time.perf_counter()
    with connection.cursor() as cursor, _bulk(cursor):
        for model in _models():
            for is_closed, times in ((True, closed), (False, opened)):
                for number in range(1, times + 1):
                    words: list[Any] = [number * last, *([str(number)] if model is Case else []), last, last]
                    cursor.execute(_copying(model, is_closed, number % SHIFTS[is_closed]), words)
            print(f"  {model._meta.db_table}, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    if len(sys.argv) > 2:
        _copy_sums(sys.argv[2])
    else:
        _sum_up()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
    print(f"  grown, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)


def _sum_up() -> None:
    from django.utils import timezone

    from ombud.insight import summing

    now, done, began = timezone.now(), 0, time.process_time()
    while done < DAYS and (some := summing.catch_up(now=now)):
        done += some
    each = (time.process_time() - began) / max(1, done)
    print(f"  {done} days summed up, {each * 1000:.0f} ms each", file=sys.stderr, flush=True)


def _copy_sums(file: str) -> None:
    import sqlite3

    from django.db import connection

    source = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    with connection.cursor() as cursor:
        for model in _of_days():
            copy(source, cursor.connection.cursor(), model._meta.db_table, columns(model))
            move_sequence(cursor, model._meta.db_table)


@contextmanager
def _bulk(cursor: Any) -> Iterator[None]:
    """Write in bulk: indexes are built once at the end, nothing is synced before, no trigger asks."""
    tables = [model._meta.db_table for model in _models()]
    holes = ", ".join(["%s"] * len(tables))
    if cursor.db.vendor == "sqlite":
        for pragma in (
            "journal_mode=OFF",
            "synchronous=OFF",
            "foreign_keys=OFF",
            "cache_size=-262144",
            "analysis_limit=1000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        asked = (
            f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({holes})"
        )
    else:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        asked = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE NOT EXISTS (SELECT 1 FROM pg_constraint c"
            f" WHERE c.conname = indexname) AND tablename IN ({holes})"
        )
    cursor.execute(asked, tables)
    indexes = cursor.fetchall()
    for name, _sql in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    cursor.execute("BEGIN")
    yield
    cursor.execute("COMMIT")
    for _name, sql in indexes:
        cursor.execute(sql)
    if cursor.db.vendor == "sqlite":
        cursor.execute("PRAGMA journal_mode=WAL")
    else:
        for model in _models():
            if model._meta.auto_field is not None:
                move_sequence(cursor, model._meta.db_table)


def _of_days() -> list[Any]:
    from ombud.insight.models import ChangedDay, DayLengths, DaySum, MonthLengths, MonthSum, SummedDay, SummedMonth

    return [SummedDay, ChangedDay, DaySum, DayLengths, SummedMonth, MonthSum, MonthLengths]


def _models() -> list[Any]:
    from ombud.cases.models import Case, Duty
    from ombud.insight.models import Measured

    return [Case, Duty, Measured]


def _copying(model: Any, is_closed: bool, days: int) -> str:
    """Return the statement that tells rows once more, with holes for the distance in keys and the copy's number.

    It tells those of closed cases, or of open ones, so many days earlier.
    """
    own = {"cases_case": "id"}.get(model._meta.db_table, "case_id")
    fields = [field for field in model._meta.concrete_fields if not (field.primary_key and field.column != own)]
    said = [_said(field, own, days) for field in fields]
    names = ", ".join(f'"{field.column}"' for field in fields)
    is_duty = model._meta.db_table == "cases_duty"
    lately = f" AND (opened_at > '{_since()}' OR status IN ('open', 'paused'))" if is_duty else ""
    cases = f"SELECT id FROM cases_case WHERE id <= %s AND closed_at IS {'NOT NULL' if is_closed else 'NULL'}"
    return (
        f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(said)} FROM {model._meta.db_table}"
        f' WHERE "{own}" <= %s{lately} AND "{own}" IN ({cases})'
    )


def _since() -> str:
    from django.utils import timezone

    return f"{timezone.now() - timedelta(days=DUTIES):%Y-%m-%d}"


def _said(field: Any, own: str, days: int) -> str:
    from django.db import connection, models

    table, name = field.model._meta.db_table, field.column
    if name == own:
        return f'"{name}" + %s'
    if table == "cases_case" and name == "reference":
        return "reference || 'x' || %s"
    if table == "cases_case" and name in ("parent_id", "source", "complainant_id"):  # nobody complains forty times
        return "NULL"
    if days and isinstance(field, models.DateTimeField):
        return _EARLIER[connection.vendor].format(name=name, days=days)
    if days and (table, name) == ("insight_measured", "days"):
        return _EARLIER_DAYS[connection.vendor].format(days=days)
    return f'"{name}"'


#: An instant, and what stands beside days, so many days earlier.
_EARLIER = {
    "sqlite": """date("{name}", '-{days} days') || substr("{name}", 11)""",
    "postgresql": """"{name}" - interval '{days} days'""",
}
_EARLIER_DAYS = {
    "sqlite": "(SELECT json_group_object(date(key, '-{days} days'), value) FROM json_each(days))",
    "postgresql": (
        "(SELECT coalesce(jsonb_object_agg((key::date - {days})::text, value), '{{}}') FROM jsonb_each_text(days))"
    ),
}


if __name__ == "__main__":
    main()
