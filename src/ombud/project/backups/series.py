"""A folder of backups: making the next one, saying what each needs, letting old ones go."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from ombud.cases.keeping import backups_made
from ombud.cases.keeping.erasure import ERASURE
from ombud.cases.models import Removal
from ombud.privacy import keys
from ombud.project.backups import images, points
from ombud.project.backups.images import Block
from ombud.project.backups.points import FULL, INCREMENT, MEDIA, SUFFIX, ClosedPoint, Manifest, Point, PointError

ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What lies in a folder: backups that can be read, oldest first, and what is wrong with others."""

    points: list[Point]
    closed: dict[str, str]  # name -> why: made under a master key that is not at hand
    unreadable: dict[str, str]  # name -> what is wrong with it

    def missing(self, point: Point) -> list[str]:
        """Return which files a backup needs that are not there, or are others than it means."""
        there = {each.manifest.id: each.size for each in self.points}
        return [name for id, (name, size) in point.manifest.needs.items() if there.get(id) != size]

    @property
    def problems(self) -> list[str]:
        """Return what is wrong with any of them."""
        lacking = [(each.path.name, name) for each in self.points for name in self.missing(each)]
        return [
            *self.unreadable.values(),
            *(f"{it}: it needs {name}, which is missing or cut off" for it, name in lacking),
        ]

    @property
    def sound(self) -> list[Point]:
        """Return the backups from which an installation can be put back."""
        return [each for each in self.points if not self.missing(each)]


def look(folder: Path) -> Found:
    """Return what lies in a folder."""
    found = []
    closed, unreadable = dict[str, str](), dict[str, str]()
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            found.append(Point(path=path, manifest=points.read_manifest(path), size=path.stat().st_size))
        except ClosedPoint as error:
            closed[path.name] = str(error)
        except PointError as error:
            unreadable[path.name] = str(error)
    return Found(sorted(found, key=lambda each: each.manifest.at), closed, unreadable)


def check(folder: Path) -> list[str]:
    """Read every backup to its end; return what is wrong."""
    found = look(folder)
    wrong = [*found.problems, *found.closed.values()]
    for each in found.points:
        try:
            points.read(each.path)
        except PointError as error:
            wrong.append(str(error))
    return wrong


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let nobody else make a backup in the folder meanwhile."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PointError(f"{folder}: another backup is being made there") from error
        yield


def make(folder: Path, *, full_after: timedelta, keep: timedelta | None) -> tuple[Point, Found]:
    """Make the next backup, and let go of those that are older than `keep` and that no younger one needs."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        before = look(folder)
        base = _base(before, full_after)
        point = _made_at_last(folder, base)
        if keep is not None:
            for path in [each.path for each in spare([*before.points, point], keep)] + _run_out(folder, before, keep):
                path.unlink()
    with suppress(DatabaseError):  # it is made, whether that can be written down or not
        manifest = point.manifest
        backups_made.note(
            made_at=manifest.at, kind=manifest.kind, file=point.path.name, size=point.size,
            generation=manifest.generation,
        )  # fmt: skip
    return point, look(folder)


def _made_at_last(folder: Path, base: list[Point]) -> Point:
    """Make a backup; where a file of evidence was erased while it was read, once more from the beginning."""
    for attempt in range(ATTEMPTS):
        try:
            with tempfile.TemporaryDirectory(dir=settings.OMBUD_VAR, prefix="backup-") as scratch:
                return _made(folder, Path(scratch), base)
        except FileNotFoundError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("either it is made or it fails")


def _base(found: Found, full_after: timedelta) -> list[Point]:
    """Return the last whole backup and what came after it, on which an increment may build; nothing where none may."""
    sound = found.sound
    places = [place for place, each in enumerate(sound) if each.manifest.kind == FULL]
    if not places:
        return []
    chain = sound[places[-1] :]
    manifest = chain[0].manifest
    is_old = timezone.now() - manifest.at >= full_after
    is_other = manifest.vendor != images.vendor() or manifest.generation != keys.ring()[0].generation
    return [] if is_old or is_other else chain


def _made(folder: Path, scratch: Path, base: list[Point]) -> Point:
    image, fresh_file = scratch / "image", scratch / "fresh"
    erased = _erased()  # before the image: whoever is erased meanwhile is in the next list, and never in neither
    images.take(image)
    holder = {block.mark: each for each in base for block in each.manifest.fresh}
    kept_in = {name: each for each in base for name in each.manifest.files}
    marks, fresh, used = [], dict[str, Block](), dict[str, list[Any]]()
    with fresh_file.open("wb") as out:
        for block, part in images.blocks(image, images.vendor()):
            marks.append(block.mark)
            if (held := holder.get(block.mark)) is not None:
                used[held.manifest.id] = [held.path.name, held.size]
            elif block.mark not in fresh:
                fresh[block.mark] = block
                out.write(part)
    image.unlink()
    # Evidence after the database: a file that no case names does no harm, a case without its file does.
    evidence, files = dict[str, list[Any]](), []
    media = Path(settings.OMBUD_VAR) / MEDIA
    for name, path in _evidence(media):
        known = kept_in.get(name)
        # A name is never used twice, so what has it is what had it.
        if known is not None and known.manifest.evidence[name][1] == path.stat().st_size:
            evidence[name] = known.manifest.evidence[name]
            used[known.manifest.id] = [known.path.name, known.size]
        else:
            evidence[name] = [_sum(path), path.stat().st_size]
            files.append(name)
    manifest = Manifest(
        id=os.urandom(8).hex(),
        made_at=timezone.now().isoformat(),  # whatever is in it happened before
        kind=INCREMENT if base else FULL,
        vendor=images.vendor(),
        blocks=marks,
        fresh=list(fresh.values()),
        evidence=evidence,
        files=files,
        needs=used,
        erased=erased,
        by=version("ombud"),
        generation=keys.ring()[0].generation,
    )
    path = folder / points.name_of(manifest)
    points.write(path, manifest, fresh_file, media)
    return Point(path=path, manifest=manifest, size=path.stat().st_size)


def spare(found: Iterable[Point], keep: timedelta) -> list[Point]:
    """Return the backups that are older than `keep` and that no younger one needs; the last one stays."""
    ordered = sorted(found, key=lambda each: each.manifest.at)
    since = timezone.now() - keep
    young = [each for each in ordered if each.manifest.at >= since] or ordered[-1:]
    needed = {id for each in young for id in (each.manifest.id, *each.manifest.needs)}
    return [each for each in ordered if each.manifest.id not in needed]


def _run_out(folder: Path, found: Found, keep: timedelta) -> list[Path]:
    """Return the backups under a master key that is gone, once all of them are older than `keep`.

    What each of them needs nobody can read any more, so they go together.
    """
    since = f"{timezone.now() - keep:{points.STAMP}}"
    return [folder / name for name in found.closed] if max(found.closed, default=since) < since else []


def _erased() -> dict[str, str]:
    rows = Removal.objects.filter(kind=ERASURE).order_by("removed_at")
    return {reference: at.isoformat() for reference, at in rows.values_list("reference", "removed_at")}


def _evidence(media: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(media.rglob("*")):
        with suppress(FileNotFoundError):  # erased meanwhile
            if path.is_file():
                yield str(path.relative_to(media)), path


def _sum(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
