"""The parts of a version's page: clauses, checks, scenarios, assumptions, diagram, calendars, comparison, history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.utils.safestring import mark_safe
from django.utils.translation import get_language, pgettext

from ombud.checks import apart, check_unreadable, trace
from ombud.checks.findings import Report
from ombud.checks.rules.clauses import Trace
from ombud.checks.version_impact import StoryDifference
from ombud.organisation import drafting, reports
from ombud.organisation.models import PolicyVersion, reader_language
from ombud.policy import draw
from ombud.policy.compare import compare
from ombud.policy.model.pack import Pack, Scenario
from ombud.policy.problems import PackError
from ombud.texts import Text
from ombud.workbench import calendars, stories, versions
from ombud.workbench.versions import Hand

Status = PolicyVersion.Status


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a part of the page is made from."""

    pack: Pack
    version: PolicyVersion
    hand: Hand
    query: Mapping[str, str]
    now: datetime
    reader: str  # whose checks these are


_KEPT: dict[tuple[str, ...], Any] = {}
KEPT = 64  # drawings, traces and the like of the versions that were looked at last


def _kept(make: Callable[[], Any], kind: str, *packs: Pack, language: str = "") -> Any:
    """Return what was made of the same texts before: drawing, tracing and telling take a while."""
    key = (kind, language, *(versions.digest(pack.sources) for pack in packs))
    if key not in _KEPT:
        while len(_KEPT) >= KEPT:
            _KEPT.pop(next(iter(_KEPT)))
        made = make()
        if made is None:  # what was ended may come to its end on another day
            return None
        _KEPT[key] = made
    return _KEPT[key]


def clauses(asked: Asked) -> dict[str, Any]:
    """Return every clause beside the rules that carry it out."""
    found = _traced(asked.pack)
    return {"trace": found, "kinds": kind_words(), "total": len(found.clauses) - found.statements}


def _traced(pack: Pack) -> Trace:
    found: Trace = _kept(lambda: trace(pack), "trace", pack)
    return found


def checks(asked: Asked) -> dict[str, Any]:
    """Return what the checks found, answered warnings below; while nobody has come to it, what the quick ones say."""
    report = reports.report_of(asked.version, now=asked.now)
    if report is None and asked.version.status == Status.PUBLISHED:
        return {"part": "waiting"}
    is_quick = report is None
    if report is None:
        try:
            report = _kept(lambda: _quick_report(asked), "quick", asked.pack)
        except apart.Failed:
            return {"part": "failed"}
        if report is None:
            return {"part": "endless"}
    return {
        "report": report,
        "is_quick": is_quick,
        "open_findings": versions.marked(
            [each for each in report.findings if each.explained is None], asked.pack.sources
        ),
        "answered_findings": versions.marked(
            [each for each in report.findings if each.explained is not None], asked.pack.sources
        ),
    }


def _quick_report(asked: Asked) -> Report | None:
    checked = apart.check_quickly(asked.pack.sources, policy=asked.version.policy, owner=asked.reader)
    return None if checked.is_ended else checked.report


def unreadable(row: PolicyVersion, error: PackError) -> dict[str, Any]:
    """Return the mistakes for which a draft cannot be read."""
    report = check_unreadable(row.policy, error)
    return {"findings": versions.marked(report.findings, row.sources)}


def _told(asked: Asked) -> list[tuple[Scenario, list[Text]]] | None:
    if asked.version.status == Status.PUBLISHED:
        return stories.differences(asked.pack)
    return stories.differences_of_draft(asked.pack, policy=asked.version.policy, owner=asked.reader)


def scenarios(asked: Asked) -> dict[str, Any]:
    """Return the scenarios by file, each with whether it comes out as expected: all, or those that a clause is in."""
    told = _kept(lambda: _told(asked), "stories", asked.pack)
    if told is None:
        return {"part": "endless"}
    rows = [
        {"number": n, "scenario": scenario, "differences": differences}
        for n, (scenario, differences) in enumerate(told, 1)
    ]
    clause = asked.query.get("clause", "")
    if row := next((each for each in _traced(asked.pack).clauses if each.clause.ref == clause), None):
        rows = [each for each in rows if each["scenario"].name in row.scenarios]
    files = groupby(rows, key=lambda row: row["scenario"].at.file)
    return {
        "clause": row.clause if row else None,
        "files": [(file, list(found)) for file, found in files],
        "count": len(rows),
        "wrong": sum(1 for row in rows if row["differences"]),
    }


def assumptions(asked: Asked) -> dict[str, Any]:
    """Return what the document leaves open: readings, parameters, clauses that were filled in."""
    return {
        "readings": asked.pack.readings,
        "parameters": asked.pack.parameters.values(),
        "completed": [each for each in asked.pack.clauses.values() if each.is_completed],
    }


def diagram(asked: Asked) -> dict[str, Any]:
    """Return the drawing of the phases and acts; it is our own SVG, its texts escaped by `draw`."""
    language = reader_language()
    procedures = list(asked.pack.procedures.values())
    chosen = asked.query.get("procedure", "")
    shown = asked.pack.procedures.get(chosen, asked.pack.main)
    drawing = _kept(lambda: draw(asked.pack, language, shown.id), f"drawing {shown.id}", asked.pack, language=language)
    return {"diagram": mark_safe(drawing), "procedures": procedures, "shown": shown}


def calendar_cards(asked: Asked) -> dict[str, Any]:
    """Return the working time that limits are counted on."""
    return {"calendars": calendars.described(asked.pack)}


def comparison(asked: Asked) -> dict[str, Any]:
    """Return what differs from another version; the stories that end differently only where they are asked for."""
    others = versions.others_of(asked.version, asked.hand)
    wanted = asked.query.get("with", "")
    usual = next((each for each in others if each.status == Status.PUBLISHED), None)
    other = next((each for each in others if each.version == wanted), usual or next(iter(others), None))
    found: dict[str, Any] = {"others": others, "other": other}
    if other is None:
        return found
    earlier, error = versions.readable(PolicyVersion.objects.get(pk=other.pk))
    if earlier is None:
        assert error is not None, "a pack is read or there is an error"
        return {**found, "other_error": True}
    if asked.query.get("part") == "stories":
        return found | _differing(earlier, asked)
    return {**found, "comparison": _kept(lambda: compare(earlier, asked.pack), "comparison", earlier, asked.pack)}


def _differing(earlier: Pack, asked: Asked) -> dict[str, Any]:
    """Return the stories that end differently, told apart: those of one version may never end under another."""
    try:
        stories = _kept(lambda: _compared(earlier, asked), "differing", earlier, asked.pack)
    except apart.Failed:
        return {"part": "failed"}
    return {"part": "endless"} if stories is None else {"part": "compare_stories", "stories": stories}


def _compared(earlier: Pack, asked: Asked) -> tuple[StoryDifference, ...] | None:
    return apart.compare_stories(
        earlier.sources, asked.pack.sources, policy=asked.version.policy, owner=asked.reader
    ).differing


def history(row: PolicyVersion) -> dict[str, Any]:
    """Return who did what with the version, latest first."""
    return {"steps": list(reversed(drafting.steps_of(row)))}


@lru_cache(maxsize=8)
def _kind_words(language: str) -> dict[str, str]:
    return {
        "act": pgettext("kind of rule", "Act"),
        "chain": pgettext("kind of rule", "Approval"),
        "duty": pgettext("kind of rule", "Duty"),
        "table": pgettext("kind of rule", "Table"),
        "periodic": pgettext("kind of rule", "Periodic duty"),
        "field": pgettext("kind of rule", "Field"),
        "channel": pgettext("kind of rule", "Channel"),
        "department": pgettext("kind of rule", "Department"),
        "office": pgettext("kind of rule", "Office"),
        "role": pgettext("kind of rule", "Role"),
        "parameter": pgettext("kind of rule", "Parameter"),
        "document": pgettext("kind of rule", "Letter"),
        "retention": pgettext("kind of rule", "Retention"),
        "calendar": pgettext("kind of rule", "Calendar"),
        "counting": pgettext("kind of rule", "Counting"),
        "access": pgettext("kind of rule", "Access"),
        "distribution": pgettext("kind of rule", "Distribution"),
        "watch": pgettext("kind of rule", "Early warning"),
        "course": pgettext("kind of rule", "Course"),
        "causes": pgettext("kind of rule", "Causes"),
        "exam": pgettext("kind of rule", "Exam"),
        "ledger": pgettext("kind of rule", "Ledger"),
        "report": pgettext("kind of rule", "Report"),
    }


def kind_words() -> dict[str, str]:
    """Return what each kind of rule is called."""
    return _kind_words(get_language() or "")
