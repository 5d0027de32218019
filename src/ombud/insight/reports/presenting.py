"""A report in words: its frozen figures, with the titles of the policy that they were counted under."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ombud.cases.access.case_access import Accessed
from ombud.cases.access.kept_out import admitting
from ombud.cases.models import Case
from ombud.cases.references import shown
from ombud.insight import keys
from ombud.insight.reports import survey_rows, tables
from ombud.insight.reports.measuring import MEASURES
from ombud.insight.reports.models import Frozen, Report
from ombud.interface.clocks import distance, place_of
from ombud.interface.days import letter_day, period_words
from ombud.interface.lists import told_of
from ombud.organisation import library
from ombud.organisation.models import Department, Office, words
from ombud.organisation.sender import sender
from ombud.papers import case_file_contents
from ombud.papers.case_file import CaseFilePaper
from ombud.papers.case_file_messages import moment
from ombud.papers.report import Part, ReportPaper
from ombud.policy.model.pack import Pack
from ombud.policy.model.reports import Report as Wanted
from ombud.policy.model.reports import Section


@dataclass(frozen=True, kw_only=True, slots=True)
class _About:
    """What every section is told from."""

    pack: Pack
    said: Mapping[str, str]  # by field
    story: CaseFilePaper | None  # of a report about a case
    graded: Collection[str]  # the tables whose grades cases are listed with
    hidden: Collection[str]  # references of cases that the reader was taken out of


def paper(
    accessed: Accessed,
    report: Report,
    frozen: Frozen,
    said: Mapping[str, str],
    *,
    fresh: Mapping[str, Any] | None = None,
    is_kept: bool = False,
) -> ReportPaper:
    """Return what a report says in the reader's language; `fresh` are the same figures counted anew.

    Cases that the reader was taken out of are not named to them; the one that is kept with the matter is whole.
    """
    pack = library.pack(frozen.pack_hash)
    wanted, content = pack.reports[report.report], frozen.content
    story = _story(accessed, frozen) if "seq" in content else None
    known = _About(
        pack=pack, said=said, story=story, graded=_graded(pack, wanted), hidden=_hidden(accessed, content, is_kept)
    )
    again = fresh["sections"] if fresh else [None] * len(wanted.sections)
    parts = [
        _part(section, counted, now, known)
        for section, counted, now in zip(wanted.sections, content["sections"], again, strict=True)
    ]
    used = dict.fromkeys(measure for section in wanted.sections for measure in section.figures)
    return ReportPaper(
        language=get_language() or "",
        reference=shown(report.case.reference),
        policy=f"{words(dict(pack.title))} {frozen.version}",
        title=words(dict(wanted.title)),
        period=period(content),
        about=_about(accessed, frozen),
        parts=parts,
        counted=[(str(MEASURES[each].name), str(MEASURES[each].definition)) for each in used],
        counted_title=_("How this is counted"),
        nothing=_("Nothing."),
        unwritten=_("Not filled in."),
        hash=_("Figures of {at}, SHA-256 {hash}").format(at=moment(frozen.as_of), hash=frozen.hash),
        sender=sender(),
        at=frozen.as_of,
    )


def _graded(pack: Pack, report: Wanted) -> set[str]:
    """Return the tables that a report tells cases apart by, else that of the grade: the others say who does what."""
    asked = {section.by for section in report.sections if section.by in pack.tables}
    return {each for each in asked if each} or {pack.figures.grade or ""} & set(pack.tables)


def _hidden(accessed: Accessed, content: Mapping[str, Any], is_kept: bool) -> set[str]:
    named = {row["reference"] for each in content["sections"] for row in each.get("rows", ()) if "reference" in row}
    if not named or is_kept or accessed.reader is None:
        return set()
    rows = Case.objects.filter(~admitting(accessed.reader, case="pk"), reference__in=named)
    return set(rows.values_list("reference", flat=True))


def period(content: Mapping[str, Any]) -> str:
    """Return the period that figures are of, in days; empty for a report about a case."""
    if "begin" not in content:
        return ""
    first, end = (date.fromisoformat(content[name][:10]) for name in ("begin", "end"))
    last = date.fromordinal(end.toordinal() - 1)
    return f"{letter_day(first)} \u2013 {letter_day(last)}"


def _about(accessed: Accessed, frozen: Frozen) -> list[tuple[str, str]]:
    content = frozen.content
    department = Department.objects.filter(pk=content.get("department")).first()
    office = Office.objects.filter(pk=content.get("office")).first()
    lines = [
        (_("Figures as of"), f"{moment(frozen.as_of)} ({distance(timezone.localtime(frozen.as_of))})"),
        (_("Time zone"), place_of(ZoneInfo(timezone.get_current_timezone_name()))),
        (_("Period before"), period_words(content.get("period_before", ""))),
        (_("Department"), str(department or "")),
        (_("Office"), str(office or "")),
        (_("Matter"), shown(accessed.case.reference)),
    ]
    return [(name, value) for name, value in lines if value]


def _part(
    section: Section,
    counted: Mapping[str, Any],
    now: Mapping[str, Any] | None,
    about: _About,
) -> Part:
    only = _only(section, about.pack)
    part = Part(title=words(dict(section.title)), note=only)
    if section.commentary:
        name = section.commentary
        return replace(part, field=name, ask=words(dict(section.ask)), words=about.said.get(name, ""))
    if section.story and about.story is not None:
        return replace(part, table=tables.told(section.story, about.story))
    if section.figures and section.by:
        table = tables.by(section, counted["rows"], now["rows"] if now else None, about.pack)
        name = str(MEASURES[section.figures[0]].name)
        return replace(part, table=table, bars=tables.bars(section, table) if section.is_chart else (), bars_title=name)
    if section.figures:
        return replace(part, table=tables.figures(counted["rows"], now["rows"] if now else None, about.pack))
    if section.clauses:
        return replace(part, table=tables.clauses(counted["rows"], now["rows"] if now else None, about.pack))
    if section.survey:
        fresh = now["rows"] if now else None
        return replace(part, table=survey_rows.table(section.survey, counted["rows"], fresh, about.pack))
    if section.model_cases:
        return replace(part, table=tables.model_cases(counted["rows"]))
    note = _("{n} in all").format(n=counted["total"]) if counted.get("total") else ""
    if counted.get("total", 0) > len(counted.get("rows", ())):
        note += " \u00b7 " + _("the newest {n} are named").format(n=len(counted["rows"]))
    rows = [row for row in counted["rows"] if row["reference"] not in about.hidden]
    note = " \u00b7 ".join(each for each in (only, note) if each)
    return replace(part, note=note, table=tables.cases(rows, about.pack, about.graded), lists_cases=True)


def _only(section: Section, pack: Pack) -> str:
    """Return which cases alone a section counts, in words; empty for all."""
    told = ((keys.title(fact, pack), keys.one(fact, value, pack).words) for fact, value in section.only.items())
    return " \u00b7 ".join(told_of(str(title), str(value)) for title, value in told)


def _story(accessed: Accessed, frozen: Frozen) -> CaseFilePaper:
    """Return the case with its parties masked: the report goes to people who need not know who they are."""
    masked = replace(accessed, is_masked=True)
    masked.rows = [row for row in accessed.rows if row.seq <= frozen.content["seq"]]
    return case_file_contents.contents(masked, now=frozen.as_of)
