"""Files that arrive part by part: what has come is kept sealed, so that whoever is cut off goes on where it ended."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction

from ombud.cases import attachments, contents
from ombud.cases.errors import AttachmentRefused
from ombud.cases.file_kinds import KINDS, SNIFFED, sniff
from ombud.cases.models import Attachment, PartialUpload
from ombud.policy.plain_text import plain
from ombud.privacy import pieces
from ombud.privacy.keys import derived
from ombud.privacy.sealing import HouseVault

KEPT = timedelta(hours=24)  # for how long a file may be on its way, as long as it then may wait for an act
BATCH = 100
MOST_PARTS = 1000  # of one file: ours are of 2 MB, a line that breaks makes more; each is a file in the storage
#: What a sender may have its parts compared by.
ALGORITHMS = ("sha256", "sha1", "md5")


class Conflict(Exception):
    """The part does not begin where the parts before it end."""


class Mismatch(Exception):
    """The part is not what its sender says it is."""


def most() -> int:
    """Return how many bytes the largest file has that is taken in."""
    return min(max(kind.limit for kind in KINDS.values()), settings.OMBUD_MAX_UPLOAD_MB) * attachments.MB


def begin(*, owner: str, name: str, length: int, now: datetime) -> PartialUpload:
    """Return the row of a file that will arrive in parts. Raises AttachmentRefused (empty, too-big)."""
    need_fit(length)
    row = PartialUpload(owner=owner, length=length, expires_at=now + KEPT)
    row.name = _vault(row.id).seal(0, "name", plain(name)[:500])
    row.save(force_insert=True)
    return row


def need_fit(length: int) -> None:
    """Raise AttachmentRefused where no file of so many bytes is taken in (empty, too-big)."""
    if length <= 0:
        raise AttachmentRefused("empty")
    if length > most():
        raise AttachmentRefused("too-big", limit=most() // attachments.MB)


def name_of(row: PartialUpload) -> str:
    """Return the name that the sender gave the file."""
    return str(_vault(row.id).open(0, "name", row.name))


def _vault(id: uuid.UUID) -> HouseVault:
    return HouseVault("uploads", f"partial upload {id}")


def append(
    row: PartialUpload, upload: attachments.Upload, *, offset: int, checksum: str = "", now: datetime
) -> Attachment | None:
    """Keep the part that begins at `offset` and return the file once it is whole, else None.

    `checksum` is an algorithm and a digest in base 64. Raises Conflict, Mismatch, and AttachmentRefused for a file that
    is not taken in, or comes in crumbs: its parts are thrown away then.
    """
    if offset != row.offset or row.attachment_id is not None:
        raise Conflict
    if len(row.parts) >= MOST_PARTS:
        drop(row)
        raise AttachmentRefused("crumbs")
    part = _Part(upload, most=row.length - offset, is_first=not offset, checksum=checksum)
    id = uuid.uuid4()
    try:
        stored_as = contents.put(id, _key(id), part.chunks())
    except AttachmentRefused:
        drop(row)
        raise
    parts = [*row.parts, [id.hex, stored_as, part.size]]
    # Two that go on from the same place cannot both be right.
    fresh = PartialUpload.objects.filter(pk=row.pk, offset=offset, attachment=None)
    if not part.size or not fresh.update(parts=parts, offset=offset + part.size):
        default_storage.delete(stored_as)
        if part.size:
            raise Conflict
    else:
        row.parts, row.offset = parts, offset + part.size
    return _whole(row, now) if row.offset == row.length else None


def _whole(row: PartialUpload, now: datetime) -> Attachment:
    """Make the parts a file that waits for its act."""
    try:
        file = attachments.store(_Joined(row), name=name_of(row), uploaded_by=row.owner, now=now)
    except AttachmentRefused:
        drop(row)
        raise
    except FileNotFoundError as error:  # somebody else has just made it whole
        raise Conflict from error
    before, row.parts, row.attachment = row.parts, [], file
    row.save(update_fields=["parts", "attachment"])
    _remove(before)
    return file


def drop(row: PartialUpload) -> None:
    """Throw a file away that is on its way; one that has arrived waits for its act as any other."""
    row.delete()
    _remove(row.parts)


def expire(*, now: datetime) -> int:
    """Throw away what has been on its way for too long, and forget what arrived; return how many."""
    rows = list(PartialUpload.objects.filter(expires_at__lt=now)[:BATCH])
    for row in rows:
        with transaction.atomic():
            drop(row)
    return len(rows)


def _remove(parts: list[list[object]]) -> None:
    for _id, stored_as, _size in parts:
        default_storage.delete(str(stored_as))


def _key(id: uuid.UUID) -> bytes:
    """Return the key of one part: each has a name that was never used before."""
    return hmac.digest(derived("parts"), id.bytes, hashlib.sha256)


class _Part:
    """A part on its way to storage: cut off where the file ends, the first one sniffed, compared at its end."""

    def __init__(self, upload: attachments.Upload, *, most: int, is_first: bool, checksum: str) -> None:
        self._upload, self._most, self._is_first = upload, most, is_first
        algorithm, _blank, self._said = checksum.partition(" ")
        self._hash = hashlib.new(algorithm, usedforsecurity=False) if checksum else None
        self.size = 0

    def chunks(self) -> Iterator[bytes]:
        while self.size < self._most and (chunk := self._upload.read(min(attachments.CHUNK, self._most - self.size))):
            # What is not taken in is refused before the rest of it comes, where so much has come that it can be told.
            if self._is_first and not self.size and len(chunk) >= min(SNIFFED, self._most):
                limit = KINDS[sniff(chunk[:SNIFFED])].limit
                if self._most > limit * attachments.MB:
                    raise AttachmentRefused("too-big", limit=limit)
            self.size += len(chunk)
            if self._hash is not None:
                self._hash.update(chunk)
            yield chunk
        if self._hash is not None and base64.b64encode(self._hash.digest()).decode() != self._said:
            raise Mismatch


class _Joined:
    """Reads the parts of a file one after the other."""

    def __init__(self, row: PartialUpload) -> None:
        self._chunks = self._read(row)
        self._rest = b""

    def _read(self, row: PartialUpload) -> Iterator[bytes]:
        for id, stored_as, size in row.parts:
            with pieces.opened(_key(uuid.UUID(id)), default_storage.open(stored_as, "rb"), size) as file:
                while chunk := file.read(attachments.CHUNK):
                    yield chunk

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._rest) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._rest += chunk
        end = len(self._rest) if size < 0 else size
        taken, self._rest = self._rest[:end], self._rest[end:]
        return taken
