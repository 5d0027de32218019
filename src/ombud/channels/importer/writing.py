"""Histories become cases through the same write path as everything else, one transaction a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from ombud.cases.commands import pass_time, perform
from ombud.cases.errors import Refused
from ombud.cases.models import Case
from ombud.channels import intake
from ombud.channels.importer.mapping import ImportMapping
from ombud.channels.importer.rows import History, PastAct, RowProblem, read_histories
from ombud.engine.model import COMPLAINANT_ACTOR, Actor
from ombud.policy.vocabulary import COMPLAINANT
from ombud.texts import spoken

IMPORTER = "import"  # the person of imported acts: who did it then is not known here


@dataclass(kw_only=True, slots=True)
class Report:
    """What became of the rows of one file."""

    imported: int = 0
    present: int = 0  # imported by an earlier run
    deviations: int = 0  # where the history did not keep to the policy
    skipped: list[RowProblem] = field(default_factory=list)


def import_table(
    path: Path, mapping: ImportMapping, *, now: datetime, progress: Callable[[Report], None] = lambda report: None
) -> Report:
    """Write every usable row of the table as a case and return what became of each.

    The receipt is held to the policy in force; the rest of the history is observed, and what did not keep to the
    policy is recorded as a deviation. Nobody is told of anything. Raises MappingError, NoPolicy.
    """
    report = Report()
    for row in read_histories(path, mapping, now=now):
        if isinstance(row, RowProblem):
            report.skipped.append(row)
        elif Case.objects.filter(source=_source(row, mapping)).exists():
            report.present += 1
        else:
            _take_in(row, mapping, report, now=now)
        progress(report)
    return report


def _take_in(history: History, mapping: ImportMapping, report: Report, *, now: datetime) -> None:
    try:
        deviations = _write(history, mapping, now=now)
    except Refused as refused:
        reason = "; ".join(spoken(refusal.message, "en") for refusal in refused.refusals)
        report.skipped.append(RowProblem(line=history.line, key=history.key, reason=reason))
    else:
        report.imported += 1
        report.deviations += deviations


@transaction.atomic
def _write(history: History, mapping: ImportMapping, *, now: datetime) -> int:
    """Write one history whole or not at all; return the number of deviations."""
    first, *rest = history.acts
    case = intake.receive(
        mapping.policy,
        channel=history.channel,
        language=mapping.language,
        data=first.data,
        actor=_actor(first),
        at=first.at,
        now=now,
        office=history.office,
        source=_source(history, mapping),
        is_telling=False,
    ).case
    deviations = 0
    for past in rest:
        performed = perform(
            case,
            past.act,
            actor=_actor(past),
            at=past.at,
            now=now,
            data=past.data,
            mode="observe",
            is_telling=False,
        )
        case = performed.case
        deviations += len(performed.deviations)
    pass_time(case.pk, now=now, is_telling=False)
    return deviations


def _actor(past: PastAct) -> Actor:
    return COMPLAINANT_ACTOR if past.role == COMPLAINANT else Actor(person=IMPORTER, role=past.role)


def _source(history: History, mapping: ImportMapping) -> str:
    return f"{mapping.source}:{history.key}"
