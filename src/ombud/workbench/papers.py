"""What lies with a case: files and letters."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.cases.access.case_access import EVIDENCE, Accessed, access_case
from ombud.cases.reading import access_log, queries
from ombud.interface.downloads import made
from ombud.notices import reading
from ombud.papers import letter_papers
from ombud.papers.errors import MissingFont, PaperError
from ombud.papers.signing import DOCX
from ombud.privacy.log import OPENED
from ombud.workbench.page import can_oversee, desk, person

log = logging.getLogger(__name__)


def of(accessed: Accessed) -> dict[str, Any]:
    """Return the files and letters of a case for its page; who opened files for those who oversee it all."""
    files = queries.attachments(accessed)
    looks = []
    if files and accessed.reader is not None and can_oversee(accessed.reader):
        names = {f"{OPENED}{row.pk}": (number, name) for number, (row, name) in enumerate(files, 1)}
        looks = [(each, *names.get(each.what, ("", ""))) for each in access_log.openings(accessed)]
    return {"files": files, "letters": reading.letters_of(accessed), "looks": looks}


@require_GET
@desk
def letter(request: HttpRequest, reference: str, key: int) -> HttpResponseBase:
    """Hand out a letter as PDF to whoever may read it; say on the case page why it cannot be made."""
    accessed = access_case(person(request), reference, EVIDENCE)
    try:
        paper = letter_papers.paper_of(accessed, key)
    except PaperError as error:
        log.error("letter %s of %s: %s", key, accessed.case.reference, error)
        messages.error(request, why_not(error))
        return redirect("desk_case", accessed.case.reference)
    return made(paper.content, paper.name, letter_papers.PDF)


@require_GET
@desk
def to_sign(request: HttpRequest, reference: str, key: int) -> HttpResponseBase:
    """Hand out a letter that is to be signed, as DOCX."""
    accessed = access_case(person(request), reference, EVIDENCE)
    paper = letter_papers.to_sign(accessed, key)
    return made(paper.content, paper.name, DOCX)


def why_not(error: PaperError) -> str:
    """Return why a paper cannot be made, and what to do."""
    if isinstance(error, MissingFont):
        words = _("The PDF cannot be made: no font here has {scripts}. The administrator can install {packages}.")
        return words.format(scripts=", ".join(error.scripts), packages=", ".join(error.packages))
    return _("The PDF cannot be made: setting it took too long, or failed. The log says why.")
