"""Keeps what a source answered as evidence: the answer as it came, and a page that people read."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Sequence
from datetime import datetime

from ombud.cases import attachments
from ombud.cases.models import Attachment
from ombud.channels.lookups.asking import Answered
from ombud.channels.lookups.sources import Source
from ombud.organisation.sender import sender
from ombud.papers.errors import PaperError
from ombud.papers.look_up import LookUpPaper, look_up_pdf

log = logging.getLogger(__name__)


def keep(
    source: Source,
    answered: Answered,
    rows: Sequence[tuple[str, str]],
    *,
    asked: str,
    by: str,
    language: str,
    now: datetime,
) -> list[Attachment]:
    """Return the files, which wait for the act that names them as all uploads of theirs do.

    `rows` are what was found, field by field, `asked` says by whom and when, `by` whose files they are.
    """
    record = {
        "source": source.title,
        "address": answered.address,
        "asked_at": answered.at.isoformat(),
        "asked_by": by,
        "answer": answered.content,
    }
    whole = json.dumps(record, ensure_ascii=False, indent=2)
    name = f"{source.title} {answered.at:%Y-%m-%d %H%M}"
    paper = LookUpPaper(
        language=language,
        source=source.title,
        address=answered.address,
        asked=asked,
        rows=rows,
        answer=json.dumps(answered.content, ensure_ascii=False, indent=2),
        sender=sender(),
        at=answered.at,
    )
    files = {f"{name}.json.txt": whole.encode()}
    try:
        files[f"{name}.pdf"] = look_up_pdf(paper)
    except PaperError as error:  # a script without a font: the answer itself is evidence enough
        log.warning("the page of a look-up cannot be set: %s", error)
    return [
        attachments.store(io.BytesIO(content), name=each, uploaded_by=by, now=now) for each, content in files.items()
    ]
