"""`ombud export`: cases, duties, events and figures as tables, and the daily roots for safekeeping elsewhere."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO

from django.utils import timezone

from ombud.cases.access.permissions import permissions_of
from ombud.cases.keeping import daily_roots
from ombud.insight.exports import sql_views
from ombud.insight.exports.columnar import COLUMNAR, NotInstalled, is_installed
from ombud.insight.exports.dumps import DUMPS, Wanted
from ombud.insight.exports.models import Export
from ombud.insight.exports.table import Row, Table
from ombud.insight.exports.writing import CSV, JSONL, XLSX, TooLong, write
from ombud.organisation.models import Person
from ombud.privacy.log import says_why
from ombud.privacy.masking import mask_text

FORMATS = (CSV, JSONL, XLSX, *COLUMNAR)
_UNLIMITED = sys.maxsize
_TOLD_EVERY = 10_000  # rows between two lines of progress


class NotEntitled(ValueError):
    """Nobody may be given what was asked for; the message says why."""


def run(arguments: Sequence[str]) -> int:
    """Write what is asked for and return the exit code."""
    options = _parser().parse_args(arguments)
    if options.what == "roots":
        for line in daily_roots.export():
            print(line)
        return 0
    if options.what == "views":
        sql_views.create()
        return 0
    try:
        if options.format in COLUMNAR and not is_installed():
            raise NotInstalled(NotInstalled.__doc__)  # before the file is there, and empty
        wanted = _wanted(options)
        with _opened(options.output) as out:
            rows = _write(options, wanted, out)
    except (NotEntitled, NotInstalled, OSError) as error:
        print(f"ombud: {error}", file=sys.stderr)
        return 2
    except TooLong:
        print("ombud: a workbook holds a million rows; narrow it, or ask for another format", file=sys.stderr)
        return 2
    print(f"{rows} rows", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ombud export", description=__doc__)
    parser.add_argument("what", choices=[*DUMPS, "roots", "views"])
    parser.add_argument("--format", choices=FORMATS, default=CSV)
    parser.add_argument("--policy", default="", help="of this policy only")
    parser.add_argument("--from", dest="begin", type=date.fromisoformat, metavar="DAY", help="from this day on")
    parser.add_argument("--to", dest="end", type=date.fromisoformat, metavar="DAY", help="up to and with this day")
    parser.add_argument("--as", dest="reader", metavar="USERNAME", help="what this person sees; without: every case")
    parser.add_argument("--reason", default="", help="why personal data is needed: then it is written in clear")
    parser.add_argument("--output", type=Path, metavar="FILE", help="without: to stdout")
    return parser


def _wanted(options: argparse.Namespace) -> Wanted:
    """Return what is asked for. Raises NotEntitled."""
    zone = timezone.get_default_timezone()
    wanted = Wanted(
        policy=options.policy,
        begin=options.begin and datetime.combine(options.begin, time.min, zone),
        end=options.end and datetime.combine(options.end + timedelta(days=1), time.min, zone),
    )
    if options.reader is None:
        if options.reason:
            raise NotEntitled("personal data is given to a person: say who asks, with --as")
        return wanted
    person = Person.objects.filter(username=options.reader, is_active=True).first()
    if person is None:
        raise NotEntitled(f"nobody who may sign in is called {options.reader}")
    permissions = permissions_of(person)
    wanted = replace(wanted, reader=permissions, is_clear=bool(options.reason))
    if options.reason and not says_why(options.reason):
        raise NotEntitled("the reason says nothing; it is what an auditor will read")
    known = [options.policy] if options.policy else [*permissions.policies]
    if options.reason and not any(wanted.shows(policy) for policy in known):
        raise NotEntitled(f"{options.reader} sees personal data masked, and so would this file")
    return wanted


def _write(options: argparse.Namespace, wanted: Wanted, out: IO[bytes]) -> int:
    """Write the rows; that it was begun, and how far it came, is on record whatever happens."""
    asked = {"policy": options.policy, "from": str(options.begin or ""), "to": str(options.end or "")}
    export = Export.objects.create(
        person=wanted.reader.person if wanted.reader else None,
        what=f"command-{options.what}",
        query={name: value for name, value in asked.items() if value},
        format=options.format,
        reason=mask_text(options.reason)[:200],
        asked_at=timezone.now(),
        attempts=1,
    )
    table = DUMPS[options.what](wanted)
    counted = _Counted(table.rows)
    most = {"most": _UNLIMITED} if options.format != XLSX else {}
    try:
        rows = write(
            Table(name=table.name, headings=table.headings, rows=iter(counted)),
            options.format,
            out,
            timezone.get_default_timezone(),
            **most,
        )
        export.done_at = timezone.now()
    finally:
        export.rows = counted.number
        export.save(update_fields=["rows", "done_at"])
    return rows


class _Counted:
    """The rows as they pass; on a terminal it says how many did."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows, self.number = rows, 0

    def __iter__(self) -> Iterator[Row]:
        is_told = sys.stderr.isatty()
        for row in self._rows:
            self.number += 1
            if is_told and self.number % _TOLD_EVERY == 0:
                print(f"\r{self.number} rows", end="", file=sys.stderr, flush=True)
            yield row


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[bytes]]:
    """Open the file, which only its owner reads, or stdout."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path.touch(mode=0o600)
    with path.open("wb") as out:
        yield out
