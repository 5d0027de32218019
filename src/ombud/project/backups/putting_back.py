"""An installation put back as of a moment: database and evidence, then whoever was erased since is erased again."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils import timezone

from ombud.cases.keeping.erasure import erase
from ombud.cases.keeping.holds import OnHold
from ombud.cases.models import Case
from ombud.project.backups import images, points, series
from ombud.project.backups.images import Block, ImageError
from ombud.project.backups.points import MEDIA, Manifest, Point, PointError


def choose(found: series.Found, until: datetime | None) -> Point:
    """Return the last backup that holds nothing from after a moment. Raises PointError where there is none."""
    unread = {**found.closed, **found.unreadable}
    before = [each for each in found.points if until is None or each.manifest.at <= until]
    if not before:
        raise PointError(next(iter(unread.values()), "there is no backup" + _before(until)))
    point = before[-1]
    # Of a file that cannot be read only its name says when it was made, to the second: it may be younger.
    newest = max(unread, default="")
    if until is None and points.stamp_of(newest) >= points.stamp_of(point.path.name):
        raise PointError(f"{unread[newest]}. Say --until to put an older one back")
    if missing := found.missing(point):
        raise PointError(f"{point.path.name}: it needs {', '.join(missing)}, which is missing or cut off")
    return point


def _before(until: datetime | None) -> str:
    return f" from before {until.isoformat()}" if until else ""


def put_back(found: series.Found, point: Point) -> None:
    """Put database and evidence where they were; nothing is put anywhere before all of it has been read."""
    if point.manifest.vendor != images.vendor():
        raise PointError(f"{point.path.name}: it is of {point.manifest.vendor}, this installation of {images.vendor()}")
    var, media = Path(settings.OMBUD_VAR), Path(settings.OMBUD_VAR) / MEDIA
    images.need_empty()
    if media.is_dir() and any(media.iterdir()):
        raise ImageError(f"{media} is not empty: restore into an empty OMBUD_VAR, or move it away first")
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    by_id = {each.manifest.id: each for each in found.points}
    needed = [*(by_id[id] for id in point.manifest.needs), point]
    with tempfile.TemporaryDirectory(dir=var, prefix="restore-") as scratch:
        held = Path(scratch)
        _assemble(needed, point.manifest, held)
        images.put_back(held / "image")
        if (held / MEDIA).is_dir():
            with contextlib.suppress(FileNotFoundError):
                media.rmdir()
            (held / MEDIA).replace(media)


def _assemble(needed: Iterable[Point], wanted: Manifest, into: Path) -> None:
    places: dict[str, list[int]] = defaultdict(list)
    sizes = {block.mark: block.size for each in needed for block in each.manifest.fresh}
    at = 0
    for mark in wanted.blocks:
        if mark not in sizes:
            raise PointError("a block of the database is in none of the files that should hold it")
        places[mark].append(at)
        at += sizes[mark]
    image = into / "image"
    lacking = set(places)
    files: set[str] = set()
    with image.open("wb") as out:
        image.chmod(0o600)
        out.truncate(at)

        def take_block(block: Block, part: bytes) -> None:
            for place in places.get(block.mark, ()):
                out.seek(place)
                out.write(part)
            lacking.discard(block.mark)

        def take_file(name: str, content: IO[bytes]) -> None:
            if name in wanted.evidence:
                files.add(name)
                _keep(content, into / MEDIA / name)

        for each in needed:
            read = points.read(each.path, block=take_block, file=take_file)
            if read.id != each.manifest.id:
                raise PointError(f"{each.path.name}: it was replaced meanwhile")
    if lacking or (gone := sorted({*wanted.evidence} - files)):
        raise PointError("a block of the database is missing" if lacking else f"{gone[0]} is missing")


def _keep(content: IO[bytes], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        path.chmod(0o600)
        shutil.copyfileobj(content, out, 1024 * 1024)


def erased_since(found: series.Found) -> dict[str, str]:
    """Return every complaint whose complainant any backup of the series says was erased, younger ones too."""
    return {reference: at for each in found.points for reference, at in each.manifest.erased.items()}


def erase_again(erased: Mapping[str, str]) -> tuple[int, list[str]]:
    """Erase again whom an older backup brought back; return how many cases these are, and those that a hold keeps."""
    done, kept = 0, []
    waiting = Case.objects.filter(reference__in=list(erased), complainant__wrapped_key__isnull=False)
    for case in waiting.select_related("complainant").order_by("pk"):
        assert case.complainant is not None, "asked for those that have one"
        case.complainant.refresh_from_db()
        if case.complainant.wrapped_key is None:
            continue  # with another of their cases
        try:
            done += erase(case.complainant, now=timezone.now())
        except OnHold:
            kept.append(case.reference)
    return done, kept
