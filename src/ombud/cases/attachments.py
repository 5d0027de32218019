"""Files that people send: sniffed and limited on their way in; an act that names them makes them a case's."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import IO, Any, Protocol

from django.conf import settings
from django.db import transaction

from ombud.cases import contents
from ombud.cases.errors import AttachmentRefused
from ombud.cases.file_kinds import KINDS, OVERLAP, SNIFFED, file_name, sniff, sniffed_further
from ombud.cases.models import Attachment, Case
from ombud.organisation.models import TrainingRecord
from ombud.privacy.sealing import HouseVault, Vault

UNLINKED = timedelta(hours=24)  # for how long a file may wait for the act that names it
AHEAD = "upload:"  # begins the owner of a file that was uploaded before anybody knows for what
MB = 1024 * 1024
CHUNK = 64 * 1024


class Upload(Protocol):
    """What Django's uploads and opened files share."""

    def read(self, size: int = -1) -> bytes: ...


class _Measured:
    """Reads an upload on its way to storage: counts, hashes, sniffs, and stops it where it grows too big."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._hash = hashlib.sha256()
        self.size = 0
        self.media_type = ""

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def chunks(self) -> Iterator[bytes]:
        before = b""
        while chunk := self._upload.read(CHUNK):
            if not self.size:
                self.media_type = sniff(chunk[:SNIFFED])
            self.media_type = sniffed_further(self.media_type, before + chunk)
            before = chunk[-OVERLAP:]
            self.size += len(chunk)
            limit = min(KINDS[self.media_type].limit, settings.OMBUD_MAX_UPLOAD_MB)
            if self.size > limit * MB:
                raise AttachmentRefused("too-big", limit=limit)
            self._hash.update(chunk)
            yield chunk
        if not self.size:
            raise AttachmentRefused("empty")


def store(upload: Upload, *, name: str, uploaded_by: str, now: datetime) -> Attachment:
    """Stream an upload to storage and return its row; an act has 24 hours to name it.

    Raises AttachmentRefused (empty, too-big, type, archive); then nothing stays behind.
    """
    key, measured = uuid.uuid4(), _Measured(upload)
    fresh = contents.arrive(measured, now=now)
    with transaction.atomic():  # only now: nobody waits for the database while a film arrives
        return Attachment.objects.create(
            id=key,
            content=contents.keep(fresh, measured.sha256),
            sha256=measured.sha256,
            size=measured.size,
            media_type=measured.media_type,
            name=_waiting(key).seal(0, "name", file_name(name, measured.media_type)),
            uploaded_by=uploaded_by,
            uploaded_at=now,
        )


def vault_of_waiting(row: Attachment) -> HouseVault:
    """Return what seals the name of a file that is nobody's yet."""
    return _waiting(row.id)


def _waiting(key: uuid.UUID) -> HouseVault:
    """Return the vault of a file that is nobody's yet: under the installation's key."""
    return HouseVault("uploads", f"upload {key}")


def wanted(values: Iterable[Any], case: Case | None, owner: str) -> dict[str, Attachment]:
    """Return the attachments that an act names, by id: the owner's own that wait, and those that the case has.

    Raises AttachmentRefused for any other, as if it did not exist.
    """
    keys = set()
    for value in values:
        try:
            keys.add(uuid.UUID(str(value)))
        except ValueError as error:
            raise AttachmentRefused("unknown") from error
    found = {str(row.id): row for row in Attachment.objects.filter(id__in=keys)} if keys else {}
    for row in found.values():
        is_own = row.uploaded_by == owner if row.case_id is None else case is not None and row.case_id == case.pk
        if not is_own:
            raise AttachmentRefused("unknown")
    if len(found) != len(keys):
        raise AttachmentRefused("unknown")
    return found


def claim(keys: Iterable[str], owner: str) -> None:
    """Make files that were uploaded ahead of a form the owner's, who has shown that they hold them.

    What somebody who is known uploaded stays theirs.
    """
    Attachment.objects.filter(id__in=list(keys), case=None, uploaded_by__startswith=AHEAD).update(uploaded_by=owner)


def choose(keys: Iterable[str], owner: str, *, is_open: bool) -> None:
    """Keep whether the complainant will see files that wait for an act, as their owner chose."""
    Attachment.objects.filter(id__in=list(keys), case=None, uploaded_by=owner).update(is_open=is_open)


def described(row: Attachment) -> dict[str, Any]:
    """Return what the event keeps of a file."""
    said = {"id": str(row.id), "sha256": row.sha256, "size": row.size, "type": row.media_type}
    return said if row.is_open is None else {**said, "open": row.is_open}


def waiting_names(rows: Iterable[Attachment]) -> list[str]:
    """Return the names of those files that no case has yet."""
    return [name_of(row, _waiting(row.id)) for row in rows if row.case_id is None]


def link(rows: Iterable[Attachment], case: Case, seq: int, vault: Vault) -> None:
    """Make waiting files the case's, their names sealed under its complainant's key."""
    for row in rows:
        if row.case_id is not None:
            continue
        name = name_of(row, vault)
        row.case, row.linked_seq, row.name = case, seq, vault.seal(seq, f"file:{row.id}", name)
        # Only where it still waits: two acts that name one file at the same moment cannot both have it.
        if not Attachment.objects.filter(pk=row.pk, case=None).update(case=case, linked_seq=seq, name=row.name):
            raise AttachmentRefused("unknown")


def name_of(row: Attachment, vault: Vault) -> str:
    """Return the file's name, such that it ends as its type says; empty after erasure."""
    if not row.name:  # its content was erased, with or without the key
        return ""
    if row.case_id is None:
        opened = _waiting(row.id).open(0, "name", row.name)
    else:
        opened = vault.open(row.linked_seq or 0, f"file:{row.id}", row.name)
    # Once more: it may have been kept before names were made safe.
    return file_name(opened, row.media_type) if isinstance(opened, str) else ""


def content(row: Attachment) -> IO[bytes]:
    """Return the stored file, opened. Raises FileNotFoundError once it was erased, contents.Withheld."""
    if row.content is None:
        raise FileNotFoundError(row.pk)
    return contents.handed_out(row.content)


def erase(rows: Iterable[Attachment]) -> None:
    """Let go of the files' content, which goes after the commit; what the events say of it (SHA-256, size) stays.

    Belongs in a transaction.
    """
    for row in rows:
        before, row.content, row.name = row.content_id, None, {}
        row.save(update_fields=["content", "name"])
        if before is not None:
            contents.release(before)


def remove_unlinked(*, now: datetime) -> int:
    """Remove files that no act or training record named within 24 hours and return how many."""
    removed = 0
    waiting = Attachment.objects.filter(case=None, uploaded_at__lt=now - UNLINKED)
    proofs = TrainingRecord.objects.filter(evidence__isnull=False).values("evidence")
    for row in waiting.exclude(pk__in=proofs).iterator():
        with transaction.atomic():  # only if it is still nobody's: a row without a file is a lie
            if Attachment.objects.filter(pk=row.pk, case=None).delete()[0]:
                if row.content_id is not None:
                    contents.release(row.content_id)
                removed += 1
    return removed
