"""The bytes of files: sealed under a key of their own, equal ones kept once, gone with the last file that has them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import IO, Protocol

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F

from ombud.cases.models import Content
from ombud.privacy import keys, pieces

BATCH = 20  # that are sealed or removed at a time
_CHUNK = 64 * 1024


class Withheld(FileNotFoundError):
    """Nobody gets the bytes: a virus was found in them, or the scanner has not said yet that there is none."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code  # infected, unscanned


class Measured(Protocol):
    """What comes in, with what is known of it once all of it has been read."""

    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    def chunks(self) -> Iterator[bytes]: ...


def arrive(incoming: Measured, *, now: datetime) -> Content:
    """Stream what comes in to storage, sealed, and return its row, not saved. Whatever stops it leaves nothing."""
    id, key = uuid.uuid4(), os.urandom(32)
    stored_as = put(id, key, incoming.chunks())
    mark = marks(incoming.sha256)[0]
    wrapped = _wrapped(id, key)
    return Content(id=id, digest=mark, size=incoming.size, key=wrapped, stored_as=stored_as, uses=1, made_at=now)


def keep(fresh: Content, sha256: str) -> Content:
    """Save what arrived and return its row; where equal bytes are kept already theirs, counted once more.

    Belongs in the transaction that writes the file which has them.
    """
    known_by = marks(sha256)
    if (known := _shared(known_by)) is None:
        try:
            with transaction.atomic():
                fresh.save(force_insert=True)
        except IntegrityError:  # somebody kept the same at the same moment
            known = _shared(known_by)
            if known is None:
                raise
        else:
            return fresh
    if default_storage.exists(known.stored_as):
        default_storage.delete(fresh.stored_as)
    else:  # what was lost in the storage is found again
        known.stored_as, known.key = fresh.stored_as, _wrapped(known.id, key_of(fresh))
        known.views, known.viewed_at = [], None  # sealed under the key that is gone
        known.save(update_fields=["stored_as", "key", "views", "viewed_at"])
    return known


def put(id: uuid.UUID, key: bytes, chunks: Iterable[bytes], *, beside: str = "") -> str:
    """Seal chunks under a key of their own and return the name in storage; half of it is nobody's."""
    wanted = f"{id.hex[:2]}/{id.hex}{beside}"  # the sender's name never reaches the file system
    try:
        return default_storage.save(wanted, pieces.Sealed(key, chunks))
    except BaseException:
        default_storage.delete(wanted)
        raise


def _shared(known_by: Sequence[str]) -> Content | None:
    """Return the content of one of these marks, counted once more, as long as somebody has it."""
    for mark in known_by:
        rows = Content.objects.filter(digest=mark, uses__gt=0)
        if rows.update(uses=F("uses") + 1):
            return rows.get()
    return None


def withheld(row: Content) -> str:
    """Return why nobody gets these bytes: infected, or unscanned where there is a scanner; empty where they do.

    Asked here alone; what is drawn of a file is withheld as the file is.
    """
    if row.verdict == Content.Verdict.INFECTED:
        return "infected"
    return "unscanned" if settings.OMBUD_CLAMD and row.verdict != Content.Verdict.CLEAN else ""


def need_free(row: Content) -> None:
    """Raise Withheld where nobody gets these bytes."""
    if code := withheld(row):
        raise Withheld(code)


def handed_out(row: Content) -> IO[bytes]:
    """Return the bytes for somebody to look at. Raises Withheld, FileNotFoundError, WrongMasterKey."""
    need_free(row)
    return opened(row)


def opened(row: Content) -> IO[bytes]:
    """Return the bytes, withheld or not, as a file that can be read from any place: to be scanned or compared.

    Raises FileNotFoundError, WrongMasterKey.
    """
    file = default_storage.open(row.stored_as, "rb")
    return pieces.opened(key_of(row), file, row.size) if row.key else file


def key_of(row: Content) -> bytes:
    """Return the key that the bytes are sealed under. Raises WrongMasterKey."""
    return keys.unwrap("evidence", row.id.bytes, row.key)


def _wrapped(id: uuid.UUID, key: bytes) -> bytes:
    return keys.wrap("evidence", id.bytes, key)


def marks(sha256: str) -> list[str]:
    """Return by which marks equal bytes are known, under each master key at hand; the first is written."""
    return [keys.hashed(each, sha256) for each in keys.every("evidence")]


def seal_anew(rows: Iterable[Content], hashes: Mapping[uuid.UUID, str]) -> int:
    """Bring locked rows under the master key that seals now; `hashes` are the SHA-256 of those that are files.

    What is equal to another by now, which came meanwhile, is known by it alone. Return how many were moved.
    """
    moved, seals = 0, keys.ring()[0].generation
    for row in rows:
        if not row.key or keys.generation_of(row.key) == seals:
            continue
        row.key = _wrapped(row.id, key_of(row))
        sha256 = hashes.get(row.id)
        mark = marks(sha256)[0] if sha256 and row.digest else ""
        is_known = bool(mark) and Content.objects.filter(digest=mark).exists()
        row.digest = "" if is_known else mark
        row.save(update_fields=["key", "digest"])
        moved += 1
    return moved


def release(id: uuid.UUID) -> None:
    """Count one file less that has these bytes; after the commit, those that nobody has are removed."""
    Content.objects.filter(pk=id, uses__gt=0).update(uses=F("uses") - 1)
    transaction.on_commit(lambda: _remove(Content.objects.filter(pk=id, uses=0)), robust=True)


def remove_unused(*, now: datetime) -> int:
    """Remove what nobody has any more and is still there: a crash, or storage that was away."""
    return _remove(Content.objects.filter(uses=0, made_at__lte=now)[:BATCH])


def _remove(rows: Iterable[Content]) -> int:
    removed = 0
    for row in rows:
        # The bytes first: where that fails, the row still says what is left to remove.
        for name in (row.stored_as, *(name for name, _size in row.views)):
            default_storage.delete(name)
        row.delete()
        removed += 1
    return removed


def seal_old(*, now: datetime) -> int:
    """Seal what was kept in clear before there were seals, a few at a time, and return how many."""
    sealed = 0
    for row in Content.objects.filter(key=b"", uses__gt=0, made_at__lte=now).iterator():
        if sealed == BATCH:
            break
        key, before = os.urandom(32), row.stored_as
        try:
            with default_storage.open(before, "rb") as file:
                stored_as = put(uuid.uuid4(), key, iter(partial(file.read, _CHUNK), b""))
        except FileNotFoundError:
            continue  # `ombud verify` names it
        is_there = Content.objects.filter(pk=row.pk).update(stored_as=stored_as, key=_wrapped(row.id, key))
        default_storage.delete(before if is_there else stored_as)
        sealed += 1
    return sealed
