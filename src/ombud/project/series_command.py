"""What `ombud backup` and `ombud restore` do with a folder of backups."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.db import close_old_connections
from django.utils import timezone

from ombud.cases.keeping import verifications
from ombud.cases.keeping.verify import verify_all
from ombud.project import maintenance
from ombud.project.backups import putting_back, series
from ombud.project.backups.images import ImageError
from ombud.project.backups.points import Point, PointError

KB = 1024


def add(folder: Path, *, full_every: int, keep: int | None, every: int | None) -> int:
    """Make the next backup of a series, once or every so many minutes; 1 where something is wrong with others."""

    def work() -> int:
        point, found = series.make(
            folder, full_after=timedelta(days=full_every), keep=None if keep is None else timedelta(days=keep)
        )
        print(f"{point.path}: {_described(point)}", flush=True)
        for line in found.problems:
            print(f"ombud: {line}", file=sys.stderr)
        return 1 if found.problems else 0

    while every is not None:  # until it is told to stop; what fails is tried again
        _told(folder, work)
        close_old_connections()
        time.sleep(60 * every)
    return _told(folder, work)


def tell(folder: Path, *, reads_all: bool) -> int:
    """Say what lies in a folder and what each needs; 1 where something is wrong."""

    def work() -> int:
        found = series.look(folder)
        for each in found.points:
            print(f"{each.path.name}: {_described(each)}")
            for name, _size in each.manifest.needs.values():
                print(f"  needs {name}")
        for line in () if reads_all else found.closed.values():
            print(line)
        wrong = series.check(folder) if reads_all else found.problems
        for line in wrong:
            print(f"ombud: {line}", file=sys.stderr)
        print(
            f"{len(found.points)} backups, {len(wrong)} problems"
            + ("" if reads_all else "; --check reads them to their end")
        )
        return 1 if wrong or not (found.points or found.closed) else 0

    return _told(folder, work)


def put_back(folder: Path, *, until: str | None) -> int:
    """Put an installation back as of a moment, erase again who was erased since, and verify all of it."""

    def work() -> int:
        moment = _moment(until)
        found = series.look(folder)
        point = putting_back.choose(found, moment)
        putting_back.put_back(found, point)
        print(f"Put back as of {timezone.localtime(point.manifest.at):%F %T %Z}: {point.path.name}", flush=True)
        maintenance.migrate([])
        erased, kept = putting_back.erase_again(putting_back.erased_since(found))
        print(f"{erased} cases of people who were erased since are erased again", flush=True)
        for reference in kept:
            print(f"ombud: {reference}: a legal hold of then keeps it. Lift it and erase it again", file=sys.stderr)
        begun_at = timezone.now()
        report = verify_all()
        verifications.record(report, begun_at=begun_at)
        for line in report["problems"]:
            print(line)
        print(f"{report['cases']} cases, {report['events']} events: {len(report['problems'])} problems")
        return 1 if report["problems"] or kept else 0

    return _told(folder, work)


def _told(folder: Path, work: Callable[[], int]) -> int:
    try:
        return work()
    except (PointError, ImageError) as error:
        print(f"ombud: {error}", file=sys.stderr)
    except OSError as error:
        print(f"ombud: {folder}: {error}", file=sys.stderr)
    return 2


def _moment(said: str | None) -> datetime | None:
    if said is None:
        return None
    try:
        moment = datetime.fromisoformat(said)
    except ValueError as error:
        raise PointError(f"{said} is no time such as 2026-11-29T14:05+08:00") from error
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def _described(point: Point) -> str:
    told = point.manifest
    new = f"{len(told.fresh)} of {len(told.blocks)} blocks and {len(told.files)} of {len(told.evidence)} files new"
    size, key = -(-point.size // KB), told.generation
    return f"{told.kind}, {timezone.localtime(told.at):%F %T %Z}, {new}, {size} KB, master key {key}"
