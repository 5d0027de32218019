"""A filled register grown by telling each of its cases again: figures of a million without living through a million.

    python -m bench.growing COUNT     in the database of the environment

Cases, events, duties, grades, who may see them and what is measured are copied under numbers of their own; words,
keys and notices are not, so pages of single cases and the search say nothing of such a register.
"""

from __future__ import annotations

import sys
import time
from array import array
from decimal import Decimal
from typing import Any


def main() -> None:
    count = int(sys.argv[1])
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from ombud.cases.models import Case

    call_command("migrate", verbosity=0)
    there = Case.objects.count()
    if there >= count:
        return
    last = Case.objects.latest("pk").pk
    times = -(-count // there) - 1
    began = time.perf_counter()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-262144"):
                cursor.execute(f"PRAGMA {pragma}")
        else:
            cursor.execute("SET session_replication_role = replica")  # events are appended to only by the engine
        for model in _models():
            for number in range(1, times + 1):
                cursor.execute(
                    _copying(model), [number * last, str(number), last] if model is Case else [number * last, last]
                )
            print(f"  {model._meta.db_table}, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
        _grow_sums(times + 1)
        cursor.execute("PRAGMA optimize=0x10002" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
        if connection.vendor == "sqlite":
            cursor.execute("ANALYZE")


def _grow_sums(times: int) -> None:
    """Make the sums of days those of a register that tells each case so many times: as summing it would."""
    from django.utils import timezone

    from ombud.insight.models import DayLengths, DaySum, SummedDay
    from ombud.insight.sums import CLAUSES

    for row in DaySum.objects.iterator():
        row.sums = {key: _times(mine, times, is_clause=row.of == CLAUSES) for key, mine in row.sums.items()}
        row.save(update_fields=["sums"])
    for lengths in DayLengths.objects.iterator():
        known = array("q")
        known.frombytes(bytes(lengths.lengths))
        grown, place = array("q"), 0
        for run in lengths.runs:
            grown.extend(each for each in known[place : place + run[2]] for _time in range(times))
            place += run[2]
            run[2] *= times
        lengths.lengths = grown.tobytes()
        lengths.save(update_fields=["runs", "lengths"])
    SummedDay.objects.filter(until__lt=timezone.now()).delete()


def _times(told: Any, times: int, *, is_clause: bool) -> Any:
    """Return sums that many times; of a clause's line names stay, and the instant of the sum at its end."""
    if is_clause:
        return [[duty, clauses, *(each * times for each in numbers), at] for duty, clauses, *numbers, at in told]
    if isinstance(told, dict):
        return {name: _times(each, times, is_clause=False) for name, each in told.items()}
    if isinstance(told, list):
        return [_times(each, times, is_clause=False) for each in told]
    return str(Decimal(told) * times) if isinstance(told, str) else told * times


def _models() -> list[Any]:
    from ombud.cases.models import Case, Duty, Event, Grade, Participation
    from ombud.insight.models import Measured

    return [Case, Event, Duty, Grade, Participation, Measured]


def _copying(model: Any) -> str:
    """Return the statement that tells all rows once more, with holes for the distance in keys and the copy's number."""
    own = {"cases_case": "id"}.get(model._meta.db_table, "case_id")
    columns = [field.column for field in model._meta.concrete_fields if not (field.primary_key and field.column != own)]
    said = [_said(model._meta.db_table, own, name) for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(said)} FROM {model._meta.db_table}"
        f' WHERE "{own}" <= %s'
    )


def _said(table: str, own: str, name: str) -> str:
    if name == own:
        return f'"{name}" + %s'
    if table == "cases_case" and name == "reference":
        return "reference || 'x' || %s"
    return f'"{name}"' if (table, name) not in {("cases_case", "parent_id"), ("cases_case", "source")} else "NULL"


if __name__ == "__main__":
    main()
