"""How reports fit to the rest of a pack: who owes each, and whether the act that hands it in takes what it holds."""

from __future__ import annotations

from collections.abc import Iterator

from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.model.reports import Report
from ombud.policy.reports import MEASURES, NAMED
from ombud.policy.symbol_table import SymbolTable
from ombud.policy.vocabulary import CASE


def report_act(procedure: Procedure, report: str | None = None) -> Act | None:
    """Return the act by which a report of this kind of matter is handed in: that which names it, or any report."""
    acts = [act for act in procedure.acts.values() if act.hands_in]
    return next((act for act in acts if report in (None, act.hands_in)), acts[0] if acts else None)


def check_reports(pack: Pack, scope: SymbolTable) -> None:
    """Add what does not fit to the scope's problems."""
    owed: set[str] = set()
    for report, procedure, act in _handed_in(pack, scope):
        owed.add(report.id)
        _check_taken(report, procedure, act, scope)
    for report in pack.reports.values():
        _check_named(report, pack, scope)
        if report.id not in owed:
            scope.problems.add(
                report.at,
                f'Nobody owes report "{report.id}". Add "report: {report.id}" to the act that hands it in, or to a '
                "periodic duty whose procedure has such an act.",
            )


def _handed_in(pack: Pack, scope: SymbolTable) -> Iterator[tuple[Report, Procedure, Act]]:
    periodics = [each for each in pack.periodic.values() if each.procedure in pack.procedures]
    for periodic in periodics:
        procedure = pack.procedures[periodic.procedure]
        act = report_act(procedure)
        if periodic.hands_in is None:
            continue
        if act is None:
            scope.problems.add(
                periodic.at,
                f'Periodic duty "{periodic.id}" has report "{periodic.hands_in}", but no act of procedure '
                f'"{procedure.id}" hands one in. Add "report: {periodic.hands_in}" to that act.',
            )
        else:
            yield pack.reports[periodic.hands_in], procedure, act
    for procedure in pack.procedures.values():
        for act in procedure.acts.values():
            if act.hands_in is None:
                continue
            report = pack.reports[act.hands_in]
            if report.subject != CASE and not any(each.procedure == procedure.id for each in periodics):
                scope.problems.add(
                    act.at,
                    f'Act "{act.id}" hands in report "{report.id}" about a period, but no periodic duty begins '
                    f'"{procedure.id}". Write "about: case", or add the periodic duty.',
                )
            yield report, procedure, act


def _check_taken(report: Report, procedure: Procedure, act: Act, scope: SymbolTable) -> None:
    """What is written in a report is what the act says: a text that it does not take would be lost."""
    wanted = [section.commentary for section in report.sections if section.commentary]
    for name in (*wanted, *([report.keeps] if report.keeps else [])):
        if name not in (*act.needs, *act.may):
            scope.problems.add(
                report.at,
                f'Report "{report.id}" holds "{name}", which act "{act.id}" of "{procedure.id}" does not take. Add it '
                'to its "may".',
            )
    for name in report.issued:
        if name not in scope.procedures[procedure.id].acts:
            scope.problems.unknown(
                report.at,
                f'act in "issued" of report "{report.id}"',
                name,
                scope.procedures[procedure.id].acts,
            )


def _check_named(report: Report, pack: Pack, scope: SymbolTable) -> None:
    """What a report counts by, or counts, stands on what `figures` names: without it nothing can be counted."""
    for section in report.sections:
        asked = {each: MEASURES[each] for each in section.figures}
        if section.by in NAMED:
            asked[section.by] = section.by
        if section.cases is not None and section.cases in MEASURES:
            asked[section.cases] = MEASURES[section.cases]
        for name, needs in asked.items():
            if needs and not getattr(pack.figures, needs):
                scope.problems.add(
                    report.at,
                    f'Report "{report.id}" has "{name}", for which "figures" must name its "{needs}". Add it there, '
                    "or leave it out.",
                )
