"""The parts of a dossier that prove the others: events, rules and roots, each as the text that its hash is over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any

from django.db.models import Q

from ombud.cases import eventlog
from ombud.cases.access.case_access import Accessed
from ombud.cases.keeping import daily_roots, records
from ombud.organisation import editions
from ombud.organisation.library import edition_of, hash_of, name_of, version_of
from ombud.organisation.models import PolicyVersion
from ombud.papers.box import Box
from ombud.papers.dossier.verdicts import verdicts
from ombud.policy.event_names import MIGRATE, RECALENDAR
from ombud.policy.loader import resolved_text

FOLDER = "proof"


def put_proofs(box: Box, accessed: Accessed) -> Iterator[dict[str, Any]]:
    """Put what proves a case into its file, and yield the line of the list for each part."""
    for name, text in _texts(accessed):
        yield box.put_text(f"{FOLDER}/{name}", text, what="proof")
    for number, answer in daily_roots.stamps(accessed.case.reference):
        yield box.put(f"{FOLDER}/stamps/{number}.tsr", answer, what="proof")
    yield box.put("verify.py", _program("stand_alone.py"), what="program")
    yield box.put("verify.html", page(), what="program")


def _texts(accessed: Accessed) -> Iterator[tuple[str, str]]:
    rows, case = accessed.rows, accessed.case
    yield "events.jsonl", _lines(eventlog.linked_text(row, case.reference) for row in rows)
    yield "clauses.json", json.dumps(verdicts(accessed), ensure_ascii=False, indent=1)
    versions = [version_of(each) for each in _policies(accessed)]
    for version in PolicyVersion.objects.filter(pk__in=versions).order_by("pk"):
        yield f"policies/{version.hash}.json", resolved_text(version.sources)
    known = [editions.read(name) for name in _editions(accessed)]
    for edition in known:
        yield f"editions/{edition.hash}.json", edition.text
    chosen = {
        **records.of_case(case),
        "policy": Q(pk__in=versions),
        "step": Q(version__in=versions),
        "edition": Q(pk__in=[edition_of(edition.id) for edition in known]),
    }
    beside = list(records.texts(chosen))
    yield "records.jsonl", _lines(text for _, _, text in beside)
    keys: dict[str, list[str]] = {}
    for kind, key, _ in beside:
        keys.setdefault(kind, []).append(key)
    yield "inclusions.jsonl", _lines(map(json.dumps, daily_roots.inclusions(case.reference, keys)))
    yield "roots.jsonl", _lines(daily_roots.export())


def _lines(texts: Iterator[str]) -> str:
    return "".join(f"{text}\n" for text in texts)


def _policies(accessed: Accessed) -> list[str]:
    """Return the hashes of the policy versions that the case was ever under."""
    later = (row.data["pack"] for row in accessed.rows if row.act == MIGRATE)
    return list(dict.fromkeys([hash_of(accessed.case.first_version_id), *later]))


def _editions(accessed: Accessed) -> list[str]:
    later = (row.data["edition"] for row in accessed.rows if row.act in (MIGRATE, RECALENDAR))
    return list(dict.fromkeys([name_of(accessed.case.first_edition_id), *later]))


def _program(name: str) -> bytes:
    return resources.files("ombud.papers.dossier").joinpath(name).read_bytes()


def page() -> bytes:
    """Return the page that checks a dossier in a browser, with the words of the program that does it elsewhere."""
    from ombud.papers.dossier.stand_alone import WORDS

    words = json.dumps(WORDS, ensure_ascii=False).replace("<", "\\u003c")
    return _program("verify.html").replace(b"/*WORDS*/{}", words.encode())
