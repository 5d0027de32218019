"""What lies with a case: files and letters."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from ombud.cases.access.case_access import EVIDENCE, Accessed, access_case
from ombud.cases.reading import queries
from ombud.interface.downloads import download
from ombud.notices import reading
from ombud.workbench.page import desk, person


def of(accessed: Accessed) -> dict[str, Any]:
    """Return the files and letters of a case for its page."""
    return {"files": queries.attachments(accessed), "letters": reading.letters_of(accessed)}


@require_GET
@desk
def file(request: HttpRequest, reference: str, file: str) -> HttpResponseBase:
    """Hand out a file; never shown inside our own pages, whatever it claims to be."""
    accessed = access_case(person(request), reference, EVIDENCE)
    for row, name in queries.attachments(accessed):
        if str(row.pk) == file and row.stored_as:
            return download(row, name)
    raise Http404
