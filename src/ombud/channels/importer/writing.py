"""Histories become cases through the same write path as everything else, one transaction a row."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from ombud.cases import attachments
from ombud.cases.commands import pass_time, perform
from ombud.cases.errors import AttachmentRefused, NoPolicy, Refused
from ombud.cases.file_kinds import SNIFFED, sniff
from ombud.cases.models import Case
from ombud.channels import intake
from ombud.channels.importer.forms import for_field
from ombud.channels.importer.mapping import ImportMapping
from ombud.channels.importer.rows import History, PastAct, RowProblem, read_histories
from ombud.channels.importer.tables import NamedFile
from ombud.engine.model import COMPLAINANT_ACTOR, Actor
from ombud.organisation import library, publishing
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
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
        data, lost = _first_data(history, pack, mapping, now=now, is_dry=is_dry)
        deviations = _write(history, data, pack, mapping, now=now, is_dry=is_dry)
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
        report.doubtful += [problem(reason) for reason in (*_doubts(history), *lost)]


@transaction.atomic
def _write(
    history: History, data: Mapping[str, Any], pack: Pack, mapping: ImportMapping, *, now: datetime, is_dry: bool
) -> int:
    """Write one history whole or not at all; return the number of deviations."""
    first, *rest = history.acts
    case = intake.receive(
        mapping.policy,
        channel=history.channel,
        language=mapping.language,
        data=data,
        actor=_actor(first),
        owner=IMPORTER,
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


def _first_data(
    history: History, pack: Pack, mapping: ImportMapping, *, now: datetime, is_dry: bool
) -> tuple[dict[str, Any], list[str]]:
    """Return the data of the receipt, with the files of the row kept for it, and what of them is not taken in."""
    data = _data(history.acts[0], pack, mapping)
    names = [name for name in data if name in pack.fields and pack.fields[name].type is FieldType.FILES]
    if not names:
        return data, []
    kept, lost = [], []
    for file in history.files:
        try:
            kept += _kept(file, now=now, is_dry=is_dry)
        except AttachmentRefused as error:
            lost.append(f"taken in, but not its file {file.name!r}: {error}")
    # Of several fields the first: one file is one case's.
    return {name: value for name, value in data.items() if name not in names} | ({names[0]: kept} if kept else {}), lost


def _kept(file: NamedFile, *, now: datetime, is_dry: bool) -> list[str]:
    """Return the id of a file that is kept, none in a dry run. Raises AttachmentRefused."""
    if file.content is None:
        raise AttachmentRefused("unknown")
    if is_dry:
        sniff(file.content[:SNIFFED])
        return []
    stored = attachments.store(io.BytesIO(file.content), name=file.name, uploaded_by=IMPORTER, now=now)
    return [str(stored.pk)]


def _doubts(history: History) -> Iterator[str]:
    """Yield what was taken in as it stands and looks wrong."""
    said = {name: value for past in history.acts for name, value in past.data.items()}
    if (phone := said.get("phone")) and not any(map(str.isdecimal, phone)):
        yield f"taken in, but the phone {phone!r} has no digit"
    if (email := said.get("email")) and "@" not in email:
        yield f"taken in, but the e-mail address {email!r} has no @"
    for column in history.merged:
        yield f"taken in, but what column {column!r} says stands in cells merged over several rows"


def _actor(past: PastAct) -> Actor:
    return COMPLAINANT_ACTOR if past.role == COMPLAINANT else Actor(person=IMPORTER, role=past.role)


def _source(history: History, mapping: ImportMapping) -> str:
    return f"{mapping.source}:{history.key}"
