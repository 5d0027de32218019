"""A ZIP that is being filled, and what of a case goes into it: letters, evidence, and files of messages."""

from __future__ import annotations

import hashlib
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import IO, Any

from django.utils import timezone

from ombud.cases import attachments, contents
from ombud.cases.access.case_access import Accessed
from ombud.cases.models import Attachment
from ombud.cases.reading import queries
from ombud.correspondence import conversation
from ombud.notices import reading
from ombud.notices.reading import LetterLine
from ombud.papers import case_file_messages, letter_papers
from ombud.papers.errors import PaperError
from ombud.papers.letter import letter_pdf

CHUNK = 256 * 1024
_STORED = ("image/", "video/", "audio/", "application/pdf", "application/zip")  # would not shrink
LONGEST = 100  # characters of a name within the file

Progress = Callable[[int], None]  # told after each part, in percent


class Box:
    """A ZIP that is being filled; each part is hashed on its way."""

    def __init__(self, packed: zipfile.ZipFile, now: datetime) -> None:
        self._packed = packed
        # A ZIP knows no time before 1980 and no zone.
        self._date = timezone.localtime(now).timetuple()[:6]

    def put(self, path: str, content: bytes, **about: Any) -> dict[str, Any]:
        self._packed.writestr(self._head(path, is_packed=False), content)
        return {"path": path, **about, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}

    def put_text(self, path: str, text: str, **about: Any) -> dict[str, Any]:
        return self.copy(path, BytesIO(text.encode()), is_packed=True, **about)

    def copy(self, path: str, content: IO[bytes], *, is_packed: bool, **about: Any) -> dict[str, Any]:
        hashed, size = hashlib.sha256(), 0
        with self._packed.open(self._head(path, is_packed=is_packed), "w", force_zip64=True) as out:
            while chunk := content.read(CHUNK):
                hashed.update(chunk)
                size += len(chunk)
                out.write(chunk)
        return {"path": path, **about, "sha256": hashed.hexdigest(), "size": size}

    def _head(self, path: str, *, is_packed: bool) -> zipfile.ZipInfo:
        head = zipfile.ZipInfo(path, self._date)
        head.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
        head.external_attr = 0o600 << 16
        return head


def put_all(
    box: Box, accessed: Accessed, *, now: datetime, progress: Progress = lambda _percent: None, folder: str = ""
) -> list[dict[str, Any]]:
    """Put what a case has beside its paper below a folder, as far as the reader may see it, and return the list of it.

    What cannot be taken along is named in the list, with the reason.
    """
    letters = [each for each in reversed(reading.letters_of(accessed)) if each.has_text]
    files = queries.attachments(accessed)
    listed: list[dict[str, Any]] = []
    total = 1 + len(letters) + len(files)
    for number, letter in enumerate(letters, 1):
        listed.append(_letter(box, accessed, f"{folder}letters/{number:03}-", letter))
        progress(100 * len(listed) // total)
    for number, (row, name) in enumerate(files, 1):
        listed.append(_evidence(box, f"{folder}evidence/{number:03}-", row, name))
        progress(100 * len(listed) // total)
    for number, file in enumerate(case_file_messages.files_of(accessed, conversation.whole(accessed, now=now)), 1):
        about = {"what": "message", "name": file.name, "type": file.media_type, "message": str(file.message.pk)}
        listed.append(box.put(f"{folder}messages/{number:03}-{safe(file.name or 'file')}", file.content, **about))
    return listed


def _letter(box: Box, accessed: Accessed, path: str, letter: LetterLine) -> dict[str, Any]:
    """Put a letter, as PDF or else its words, and return its line of the list."""
    about = {"what": "letter", "document": letter.document, "written_at": letter.written_at.isoformat()}
    name = path + safe(letter_papers.name_of(accessed, letter))
    try:
        content = letter_pdf(letter_papers.letter_paper(accessed, letter))
    except PaperError as error:  # its words all the same
        text = f"{letter.title}\n\n{letter.body}"
        return box.put(name.removesuffix(".pdf") + ".txt", text.encode(), **about, no_pdf=str(error))
    return box.put(name, content, **about)


def _evidence(box: Box, path: str, row: Attachment, name: str) -> dict[str, Any]:
    """Put a file and return its line of the list; one that is not there is named with the reason."""
    about = {"what": "evidence", "name": name, "type": row.media_type, "sent_at": row.uploaded_at.isoformat()}
    try:
        content = attachments.content(row)
    except FileNotFoundError as error:
        missing = "erased, or not in the storage"
        if isinstance(error, contents.Withheld):
            missing = f"held back: {error.code}"
        return {"path": None, **about, "sha256": row.sha256, "size": row.size, "missing": missing}
    is_packed = not row.media_type.startswith(_STORED)
    with content:
        put = box.copy(path + safe(name or "file"), content, is_packed=is_packed, **about)
    return {**put, "is_as_recorded": put["sha256"] == row.sha256}


def safe(name: str) -> str:
    """Return a name that every system can unpack: without folders, what is not seen, and what some take for a command.

    The number before it makes it unique, so that two of the same name do not replace each other.
    """
    name = unicodedata.normalize("NFC", name).replace("/", "_").replace("\\", "_")
    name = "".join(each for each in name if unicodedata.category(each)[0] != "C" and each not in '<>:"|?*')
    stem, dot, ending = name.strip(" .").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    return f"{stem[: LONGEST - len(ending)].strip(' .') or 'file'}{dot}{ending[:10]}"
