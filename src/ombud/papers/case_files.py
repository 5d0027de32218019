"""Asking for a case file, making it, handing it out, and throwing it away after a day."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import IO
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation

from ombud.cases.access.case_access import EVIDENCE, Accessed, access_case
from ombud.cases.errors import CaseError, NoSuchCase
from ombud.cases.keeping import persons
from ombud.cases.models import Case
from ombud.papers.case_file import case_file_pdf
from ombud.papers.case_file_contents import contents
from ombud.papers.case_file_zip import write_zip
from ombud.papers.models import CaseFile
from ombud.papers.person_package import write_package
from ombud.privacy import log as access_log

log = logging.getLogger(__name__)

KEPT = timedelta(hours=24)
LEASE = timedelta(minutes=15)
ATTEMPTS = 3
PDF, ZIP = "pdf", "zip"
KINDS = {PDF: "application/pdf", ZIP: "application/zip"}
_PDF_DONE = 30  # percent that are done with the PDF


def ask(accessed: Accessed, *, now: datetime) -> CaseFile:
    """Ask for the file of a case that the reader sees unmasked, in their language and zone; twice is once."""
    assert accessed.reader is not None, "only staff ask"
    assert not accessed.is_masked, "loaded for EVIDENCE"
    return _ask(accessed, now, language=translation.get_language() or "", is_of_person=False)


def ask_package(accessed: Accessed, references: Sequence[str], *, now: datetime) -> CaseFile:
    """Ask for all that is held of the person whose request the case is, in these other cases of theirs and in it.

    Raises NoSuchCase for a case that was not found as theirs, Forbidden, Unidentified.
    """
    others = [case.reference for case in persons.chosen(accessed, references)]
    for waiting in CaseFile.objects.filter(case=accessed.case, person=accessed.reader, is_of_person=True, done_at=None):
        if waiting.others != others:  # asked for with other cases ticked: that one nobody wants any more
            waiting.delete()
    # It is for the person: in Chinese where they are written to in it, else in English.
    language = "zh-hans" if accessed.case.language.startswith("zh") else "en"
    return _ask(accessed, now, language=language, is_of_person=True, others=others)


def _ask(
    accessed: Accessed, now: datetime, *, language: str, is_of_person: bool, others: Sequence[str] = ()
) -> CaseFile:
    assert accessed.reader is not None, "only staff ask"
    file, _is_new = CaseFile.objects.get_or_create(
        case=accessed.case,
        person=accessed.reader,
        is_of_person=is_of_person,
        done_at=None,
        defaults={
            "others": list(others),
            "language": language,
            "zone": str(timezone.get_current_timezone()),
            "asked_at": now,
        },
    )
    return file


def latest(accessed: Accessed, *, is_of_person: bool = False, now: datetime) -> CaseFile | None:
    """Return the newest file of the case, or package of its person, that the reader asked for and is still kept."""
    if accessed.reader is None or accessed.is_masked:
        return None
    asked = CaseFile.objects.filter(
        case=accessed.case, person=accessed.reader, is_of_person=is_of_person, asked_at__gt=now - KEPT
    )
    return asked.order_by("-asked_at").first()


def open_file(accessed: Accessed, key: UUID, kind: str, *, now: datetime) -> IO[bytes]:
    """Return the stored file, opened; that it was taken along is written into the access log.

    Raises NoSuchCase for one that somebody else asked for, is not made, or not kept any more; and of a package what
    `persons.chosen` raises: much may have happened since it was made.
    """
    assert accessed.reader is not None, "only staff ask"
    file = CaseFile.objects.filter(pk=key, case=accessed.case, person=accessed.reader, asked_at__gt=now - KEPT).first()
    stored = {PDF: file.pdf, ZIP: file.zip}.get(kind) if file else ""
    if file is None or not stored or accessed.vault.is_erased or _has_erased(file):
        raise NoSuchCase
    if file.is_of_person:
        persons.chosen(accessed, file.others)
    try:
        opened = default_storage.open(stored, "rb")
    except FileNotFoundError as error:
        raise NoSuchCase from error
    for reference in (accessed.case.reference, *file.others):
        access_log.note_taken(accessed.reader, reference, now=now)
    return opened


def make_waiting(*, now: datetime) -> int:
    """Make what was asked for, each under its own lease, and return how many were made."""
    done = 0
    for pk in list(_waiting(now).values_list("pk", flat=True)):
        if not _waiting(now).filter(pk=pk).update(lease_until=now + LEASE, attempts=F("attempts") + 1):
            continue  # another clock has it
        file = CaseFile.objects.select_related("case", "person").get(pk=pk)
        try:
            _make(file, now)
        except CaseError:
            file.delete()  # the case, or the right to see it, is gone
        except Exception:  # one that cannot be made must not hold up the others
            log.exception("case file of %s", file.case.reference)
            CaseFile.objects.filter(pk=pk).update(lease_until=None if file.attempts < ATTEMPTS else file.lease_until)
        else:
            done += 1
    return done


def _waiting(now: datetime) -> QuerySet[CaseFile]:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return CaseFile.objects.filter(free, done_at=None, attempts__lt=ATTEMPTS, asked_at__gt=now - KEPT)


def is_given_up(file: CaseFile) -> bool:
    """Return whether nobody tries to make it any more."""
    return file.done_at is None and file.attempts >= ATTEMPTS


def _make(file: CaseFile, now: datetime) -> None:
    accessed = access_case(file.person, file.case.reference, EVIDENCE)
    rows = CaseFile.objects.filter(pk=file.pk)

    def progress(percent: int) -> None:
        rows.update(progress=_PDF_DONE + percent * (99 - _PDF_DONE) // 100)

    with translation.override(file.language), timezone.override(ZoneInfo(file.zone)), tempfile.TemporaryFile() as out:
        stored: dict[str, str] = {}
        if file.is_of_person:
            write_package(out, accessed, persons.chosen(accessed, file.others), now=now, progress=progress)
        else:
            pdf = case_file_pdf(contents(accessed, now=now))
            progress(0)
            write_zip(out, accessed, pdf, now=now, progress=progress)
            stored[PDF] = default_storage.save(f"case-files/{file.pk.hex}.pdf", ContentFile(pdf))
        size = out.tell()
        out.seek(0)
        stored[ZIP] = default_storage.save(f"case-files/{file.pk.hex}.zip", File(out))
    if not rows.update(**stored, size=size, progress=100, done_at=now, lease_until=None):
        for each in stored.values():  # asked for anew meanwhile, with other cases
            default_storage.delete(each)


def tidy(*, now: datetime) -> int:
    """Remove files that were made a day ago, and those of complainants who were erased; return how many."""
    gone = Q(asked_at__lte=now - KEPT) | Q(case__complainant__wrapped_key=None)
    removed = 0
    for file in [*CaseFile.objects.filter(gone), *_of_erased()]:
        for stored in filter(None, (file.pdf, file.zip)):
            default_storage.delete(stored)
        file.delete()
        removed += 1
    return removed


def _of_erased() -> Iterator[CaseFile]:
    """Yield the packages that hold a case whose complainant was erased, under a request of somebody who was not."""
    for file in CaseFile.objects.filter(is_of_person=True).exclude(case__complainant__wrapped_key=None):
        if _has_erased(file):
            yield file


def _has_erased(file: CaseFile) -> bool:
    """Return whether one of the person's other cases in it was erased since."""
    return Case.objects.filter(reference__in=file.others, complainant__wrapped_key=None).exists()
