"""The bytes of files: sealed under a key of their own, equal ones kept once, gone with the last file that has them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import IO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F

from ombud.cases.models import Content
from ombud.privacy import pieces
from ombud.privacy.keys import NONCE, WrongMasterKey, derived, digest

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
    mark = digest("evidence", incoming.sha256)
    wrapped = _wrapped(id, key)
    return Content(id=id, digest=mark, size=incoming.size, key=wrapped, stored_as=stored_as, uses=1, made_at=now)


def keep(fresh: Content) -> Content:
    """Save what arrived and return its row; where equal bytes are kept already theirs, counted once more.

    Belongs in the transaction that writes the file which has them.
    """
    if (known := _shared(fresh.digest)) is None:
        try:
            with transaction.atomic():
                fresh.save(force_insert=True)
        except IntegrityError:  # somebody kept the same at the same moment
            known = _shared(fresh.digest)
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


def _shared(mark: str) -> Content | None:
    """Return the content of that digest, counted once more, as long as somebody has it."""
    rows = Content.objects.filter(digest=mark, uses__gt=0)
    return rows.get() if rows.update(uses=F("uses") + 1) else None


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
    wrapped = bytes(row.key)  # PostgreSQL gives a memoryview
    try:
        return AESGCM(derived("evidence")).decrypt(wrapped[:NONCE], wrapped[NONCE:], row.id.bytes)
    except InvalidTag as error:
        raise WrongMasterKey from error


def _wrapped(id: uuid.UUID, key: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(derived("evidence")).encrypt(nonce, key, id.bytes)


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
