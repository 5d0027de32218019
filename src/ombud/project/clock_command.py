"""`ombud repair clock`: cases ahead of a clock that was set back, asked for by one person and decided by another."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from django.utils import timezone

from ombud.cases.errors import CaseError
from ombud.cases.keeping import clock_repairs
from ombud.cases.models import ClockRepair
from ombud.organisation.models import Person


def run(arguments: Sequence[str]) -> int:
    """Say what lies ahead; ask for a repair, approve or decline one; 1 while something lies ahead, 2 on a mistake."""
    parser = argparse.ArgumentParser(prog="ombud repair", description="Cases ahead of a clock that was set back.")
    parser.add_argument("what", choices=["clock"])
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--by", metavar="NAME", help="the account of whoever asks or decides")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--ask", metavar="REASON", help="ask for a repair: what happened to the clock")
    doing.add_argument("--approve", type=int, metavar="NUMBER", help="repair what this request asks for")
    doing.add_argument("--decline", type=int, metavar="NUMBER", help="let things be")
    options = parser.parse_args(arguments)
    try:
        _do(options)
    except (CaseError, LookupError) as error:
        print(f"ombud: {error or type(error).__doc__}", file=sys.stderr)
        return 2
    return _tell(is_json=options.json)


def _do(options: argparse.Namespace) -> None:
    asked, number = options.ask, options.approve or options.decline
    if asked is None and number is None:
        return
    by = Person.objects.filter(username=options.by or "", is_active=True).first()
    if by is None:
        raise LookupError("say with --by which active account it is")
    now = timezone.now()
    if asked is not None:
        row = clock_repairs.ask(reason=asked, by=by, now=now)
        print(f"request {row.pk}; another manager approves it: ombud repair clock --approve {row.pk} --by NAME")
        return
    row = ClockRepair.objects.filter(pk=number).first()  # type: ignore[assignment]  # or none of that number
    if row is None:
        raise LookupError(f"there is no request {number}")
    if options.approve:
        print(f"{clock_repairs.approve(row, by=by, now=now)} cases go on from now; the clock writes it into each")
    else:
        clock_repairs.decline(row, by=by, now=now)


def _tell(*, is_json: bool) -> int:
    ahead, waiting = clock_repairs.ahead(now=timezone.now()), clock_repairs.waiting()
    if is_json:
        found = {
            "cases": ahead.cases,
            "until": ahead.until,
            "references": ahead.references,
            "waiting": [{"number": row.pk, "reason": row.reason, "asked_by": row.asked_by.username} for row in waiting],
        }
        print(json.dumps(found, ensure_ascii=False, default=str))
    else:
        for row in waiting:
            print(f"request {row.pk} by {row.asked_by.username} waits: {row.reason}")
        print(f"{ahead.cases} cases lie ahead of the clock" + (f", until {ahead.until}" if ahead.until else ""))
    return 1 if ahead.cases else 0
