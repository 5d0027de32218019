"""Histories become cases through the same write path as everything else, one transaction a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from ombud.cases.commands import pass_time, perform
from ombud.cases.errors import NoPolicy, Refused
from ombud.cases.models import Case
from ombud.channels import intake
from ombud.channels.importer.forms import for_field
from ombud.channels.importer.mapping import ImportMapping
from ombud.channels.importer.rows import History, PastAct, RowProblem, read_histories
from ombud.engine.model import COMPLAINANT_ACTOR, Actor
from ombud.organisation import library, publishing
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import COMPLAINANT

IMPORTER = "import"  # the person of imported acts: who did it then is not known here
# What a row says and the policy cannot even read: never observed away, since the words would be lost.
_UNREADABLE = frozenset({"value", "unknown-field", "unknown-act", "horizon"})


@dataclass(kw_only=True, slots=True)
class Report:
    """What became of the rows of one file."""

    imported: int = 0
    present: int = 0  # imported by an earlier run
    deviations: int = 0  # where the history did not keep to the policy
    skipped: list[RowProblem] = field(default_factory=list)
    doubtful: list[RowProblem] = field(default_factory=list)  # taken in; somebody should look


def import_table(
    path: Path,
    mapping: ImportMapping,
    *,
    now: datetime,
    is_dry: bool = False,
    progress: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Write every usable row of the table as a case and return what became of each; `is_dry` takes all back again.

    The receipt is held to the policy in force; the rest of the history is observed, and what did not keep to the
    policy is recorded as a deviation. Nobody is told of anything. Raises MappingError, TableError,
    OSError, NoPolicy.
    """
    rows = read_histories(path, mapping, now=now)
    version = publishing.in_force(mapping.policy, now=now)
    if version is None:
        raise NoPolicy(f"No version of the policy {mapping.policy!r} is in force.")
    pack = library.pack(version.hash)
    report = Report()
    for row in rows:
        if isinstance(row, RowProblem):
            report.skipped.append(row)
        elif _is_present(row, mapping):
            report.present += 1
        else:
            _take_in(row, pack, mapping, report, now=now, is_dry=is_dry)
        progress(report)
    return report


def _is_present(history: History, mapping: ImportMapping) -> bool:
    return Case.objects.filter(source=_source(history, mapping)).exists()


def _take_in(
    history: History, pack: Pack, mapping: ImportMapping, report: Report, *, now: datetime, is_dry: bool
) -> None:
    def problem(reason: str) -> RowProblem:
        return RowProblem(line=history.line, key=history.key, reason=reason)

    try:
        deviations = _write(history, pack, mapping, now=now, is_dry=is_dry)
    except Refused as refused:
        report.skipped.append(problem(str(refused)))
    except ValueError as error:
        report.skipped.append(problem(str(error)))
    except IntegrityError:
        if not _is_present(history, mapping):
            raise
        report.present += 1  # another import of the same file was quicker
    else:
        report.imported += 1
        report.deviations += deviations
        report.doubtful += [problem(reason) for reason in _doubts(history)]


@transaction.atomic
def _write(history: History, pack: Pack, mapping: ImportMapping, *, now: datetime, is_dry: bool) -> int:
    """Write one history whole or not at all; return the number of deviations."""
    first, *rest = history.acts
    case = intake.receive(
        mapping.policy,
        channel=history.channel,
        language=mapping.language,
        data=_data(first, pack, mapping),
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
            data=_data(past, pack, mapping),
            mode="observe",
            is_telling=False,
        )
        if unreadable := [each for each in performed.deviations if each.code in _UNREADABLE]:
            raise Refused(unreadable)
        case = performed.case
        deviations += len(performed.deviations)
    pass_time(case.pk, now=now, mode="observe", is_telling=False)
    if is_dry:
        transaction.set_rollback(True)
    return deviations


def _data(past: PastAct, pack: Pack, mapping: ImportMapping) -> dict[str, Any]:
    return {name: for_field(pack.fields.get(name), value, mapping) for name, value in past.data.items()}


def _doubts(history: History) -> Iterator[str]:
    """Yield what was taken in as it stands and looks wrong."""
    said = {name: value for past in history.acts for name, value in past.data.items()}
    if (phone := said.get("phone")) and not any(map(str.isdecimal, phone)):
        yield f"taken in, but the phone {phone!r} has no digit"
    if (email := said.get("email")) and "@" not in email:
        yield f"taken in, but the e-mail address {email!r} has no @"


def _actor(past: PastAct) -> Actor:
    return COMPLAINANT_ACTOR if past.role == COMPLAINANT else Actor(person=IMPORTER, role=past.role)


def _source(history: History, mapping: ImportMapping) -> str:
    return f"{mapping.source}:{history.key}"
