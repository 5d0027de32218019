"""What is shown of files without handing them out: drawn by a process apart, kept sealed beside them."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from typing import IO

from django.conf import settings
from django.core.files.storage import default_storage

from ombud.cases import contents
from ombud.cases.models import Attachment, Content
from ombud.evidence.drawing import DRAWN
from ombud.privacy import pieces

log = logging.getLogger(__name__)

BATCH = 4  # files that one look of the clock draws
PATIENCE = 30  # seconds by the clock for one; the process ends itself after less of computing
MOST = 64 * 1024 * 1024  # bytes of a file that is drawn: it is held in memory
TEXT = "text/plain"
READ = 200_000  # bytes of a text that are shown


def make_missing(*, now: datetime, meanwhile: Callable[[], None] = lambda: None) -> int:
    """Draw what nothing was drawn of yet and return of how many files; what cannot be drawn is not tried again."""
    waiting = Content.objects.filter(viewed_at=None, uses__gt=0).exclude(key=b"")
    waiting = waiting.exclude(verdict=Content.Verdict.INFECTED)
    if settings.OMBUD_CLAMD:
        waiting = waiting.filter(verdict=Content.Verdict.CLEAN)
    made = 0
    for row in waiting.order_by("made_at")[:BATCH]:
        meanwhile()
        make(row, now=now)
        made += bool(row.views)
    return made


def make(row: Content, *, now: datetime) -> None:
    """Draw what is shown of one file, nothing where it cannot be drawn. Raises contents.Withheld."""
    contents.need_free(row)
    files = Attachment.objects.filter(content=row, media_type__in=DRAWN).values_list("media_type", flat=True)
    media_type = files.first() if row.size <= MOST else None
    made = _made(row, media_type) if media_type and row.key else []
    # Only if nobody else drew it meanwhile; what is too much goes again.
    if Content.objects.filter(pk=row.pk, viewed_at=None).update(views=made, viewed_at=now):
        row.views, row.viewed_at = made, now
    else:
        for name, _size in made:
            default_storage.delete(name)
        row.refresh_from_db(fields=["views", "viewed_at"])


def _made(row: Content, media_type: str) -> list[tuple[str, int]]:
    try:
        with contents.handed_out(row) as file:
            drawn = draw(file.read(), media_type)
    except FileNotFoundError:  # `ombud verify` names it
        return []
    key = contents.key_of(row)
    views = []
    for number, picture in enumerate(drawn):
        name = contents.put(row.id, _key(key, number), [picture], beside=f"-{number}")
        views.append((name, len(picture)))
    return views


def draw(content: bytes, media_type: str) -> list[bytes]:
    """Return JPEGs of a picture or of the first pages of a PDF, the small one first; none where it cannot be drawn."""
    command = [sys.executable, "-m", "ombud.evidence.drawing", media_type]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=PATIENCE, check=False, env={})
    except subprocess.TimeoutExpired:
        log.warning("a file of type %s is not shown: drawing it took longer than %s seconds", media_type, PATIENCE)
        return []
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        log.warning("a file of type %s is not shown: %s", media_type, said[-1] if said else done.returncode)
        return []
    head, _line, rest = done.stdout.partition(b"\n")
    found = []
    for size in json.loads(head):
        found.append(rest[:size])
        rest = rest[size:]
    return found


def view(row: Content, number: int) -> bytes:
    """Return one of the pictures that are shown of a file, the small one being 0.

    Raises FileNotFoundError, contents.Withheld.
    """
    contents.need_free(row)
    if not 0 <= number < len(row.views):
        raise FileNotFoundError(row.pk)
    name, size = row.views[number]
    with pieces.opened(_key(contents.key_of(row), number), default_storage.open(name, "rb"), size) as file:
        return file.read()


def _key(key: bytes, number: int) -> bytes:
    """Return the key of one view: no key seals two things."""
    return hmac.digest(key, b"view %d" % number, hashlib.sha256)


def text_of(file: IO[bytes]) -> str:
    """Return the beginning of a text file in whichever encoding it is."""
    head = file.read(READ)
    for encoding in ("utf-8", "gb18030"):
        try:
            return head.decode(encoding)
        except UnicodeDecodeError as error:
            if len(head) == READ and error.start >= READ - 4:  # the last character may be cut in two
                return head[: error.start].decode(encoding)
    return head.decode(errors="replace")
