"""Letters on paper: the complainant's own as PDF, and whether a letter that somebody holds is genuine."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ombud.cases.access.case_access import EVIDENCE
from ombud.cases.errors import NoSuchCase
from ombud.interface.downloads import made
from ombud.papers import letter_papers
from ombud.papers.errors import PaperError
from ombud.papers.signing import DOCX
from ombud.papers.verifying import verify
from ombud.portal.pages import accessed, private

log = logging.getLogger(__name__)


@require_safe
@private
def letter(request: HttpRequest, reference: str, key: int) -> HttpResponseBase:
    """Send one of the complainant's letters as PDF; where it cannot be made they are told, and read it on the page."""
    found = accessed(request, reference, EVIDENCE)
    if found is None:
        raise Http404
    try:
        paper = letter_papers.paper_of(found, key)
    except NoSuchCase as error:
        raise Http404 from error
    except PaperError as error:
        log.error("letter %s of %s: %s", key, reference, error)
        messages.error(request, _("The PDF cannot be made at the moment. You can read and print the letter here."))
        return redirect("portal:status", reference=found.case.reference)
    return made(paper.content, paper.name, letter_papers.PDF)


@require_safe
@private
def to_sign(request: HttpRequest, reference: str, key: int) -> HttpResponseBase:
    """Send a letter that is to be signed, as DOCX."""
    found = accessed(request, reference, EVIDENCE)
    if found is None:
        raise Http404
    try:
        paper = letter_papers.to_sign(found, key)
    except NoSuchCase as error:
        raise Http404 from error
    return made(paper.content, paper.name, DOCX)


@require_safe
@private
def verified(request: HttpRequest, mark: str) -> HttpResponse:
    """Say whether the letter that bears this mark is ours; nothing personal."""
    found = verify(mark)
    status = 404 if found.title is None else 200
    return render(request, "portal/verified.html", {"found": found, "verdict": found.verdict.value}, status=status)
