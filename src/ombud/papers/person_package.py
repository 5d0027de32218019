"""The package of a person: all of their cases as they may read them, to read and for machines, in one ZIP."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import IO, Any

from django.template.loader import render_to_string

from ombud.cases.access.case_access import Accessed
from ombud.cases.keeping.persons import as_theirs
from ombud.cases.models import Case
from ombud.papers.box import Box, Progress, put_all
from ombud.papers.case_file import CaseFilePaper, case_file_pdf
from ombud.papers.case_file_contents import contents
from ombud.policy.vocabulary import EVIDENCE

TOLD = ("reference", "title", "facts", "events", "duties", "messages", "letters", EVIDENCE)


def write_package(
    out: IO[bytes], request: Accessed, others: Sequence[Case], *, now: datetime, progress: Progress
) -> None:
    """Write the ZIP: index.html and data.json of all, and of each case a folder with its PDF, letters and files."""
    cases = [request.case, *others]
    papers, told = [], []
    with zipfile.ZipFile(out, "w", allowZip64=True) as packed:
        box = Box(packed, now)
        for number, case in enumerate(cases, 1):
            paper, files = _case(box, as_theirs(case), now)
            papers.append((paper, files))
            told.append({**_plain(paper), "policy": case.policy, "received_at": case.received_at, "files": files})
            progress(100 * number // len(cases))
        data = {"request": request.case.reference, "made_at": now, "cases": told}
        box.put("data.json", json.dumps(data, ensure_ascii=False, indent=2, default=str).encode(), what="data")
        page = render_to_string("papers/person_package.html", {"papers": papers, "request": request.case, "now": now})
        box.put("index.html", page.encode(), what="page")


def _case(box: Box, accessed: Accessed, now: datetime) -> tuple[CaseFilePaper, list[dict[str, Any]]]:
    """Put the folder of one case and return what its paper says and which files are in it."""
    paper, folder = contents(accessed, now=now), f"{accessed.case.reference}/"
    pdf = box.put(f"{folder}{accessed.case.reference}.pdf", case_file_pdf(paper), what="case")
    return paper, [pdf, *put_all(box, accessed, now=now, folder=folder)]


def _plain(paper: CaseFilePaper) -> dict[str, Any]:
    """Return what the paper says for machines, without what is only for the setting of it."""
    told = dataclasses.asdict(paper)
    return {name: told[name] for name in TOLD}
