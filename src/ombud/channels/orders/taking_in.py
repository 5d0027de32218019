"""Makes a complaint of each new work order of a table; what cannot be taken in is told by its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError
from django.utils.translation import gettext as _

from ombud.cases.commands import Received
from ombud.cases.errors import Refused
from ombud.cases.models import Case
from ombud.channels import intake
from ombud.channels.filing import SUBJECT_LENGTH
from ombud.channels.orders.sheets import BY, NUMBER, RECEIVED, Line, Sheet, moment
from ombud.correspondence.models import OrderSheet, WorkOrder
from ombud.engine.model import Actor
from ombud.organisation import library, publishing
from ombud.organisation.models import Person, words
from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack
from ombud.policy.outsiders import BY as WANTED_BY
from ombud.policy.outsiders import NUMBER as THEIR_NUMBER
from ombud.policy.outsiders import address_fields
from ombud.policy.vocabulary import DEMAND, NAME, NARRATIVE, PHONE, RECEIVE, SUBJECT
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault
from ombud.worktime.ending import ending

SEQ, CELLS = 0, "work order"  # where the cells are sealed: beside the events
SOURCE = "order:"  # begins the source of such a case
LONGEST = 150  # characters of a number
SAID = {SUBJECT: SUBJECT, NARRATIVE: NARRATIVE, DEMAND: DEMAND, NAME: NAME, PHONE: PHONE}  # part -> field


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """A line that was not taken in, and why, in the reader's words."""

    line: int
    number: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What became of a table."""

    new: tuple[str, ...]  # references
    known: int
    problems: tuple[Problem, ...]


def take_in(sheet: OrderSheet, table: Sheet, *, actor: Actor, by: Person, now: datetime) -> Taken:
    """Take in the work orders that are new, each in a transaction of its own, and return what became of all.

    A number that is there already changes nothing: the same file twice does no harm. Each counts from when the
    authority handed it on, and is never entered late: the table says when.
    """
    known = set(sheet.orders.values_list("number", flat=True))
    new, problems, repeated = [], [], 0
    for line in table.lines:
        number = line.cells.get(sheet.columns[NUMBER], "")
        try:
            if number in known:
                repeated += 1
                continue
            new.append(_taken(sheet, line, number, actor=actor, by=by, now=now))
            known.add(number)
        except _Unusable as error:
            problems.append(Problem(line=line.line, number=number, why=str(error)))
    return Taken(new=tuple(new), known=repeated, problems=tuple(problems))


def order_of(case: Case) -> WorkOrder | None:
    """Return the work order that became the case, with its authority; None for all others, without asking."""
    if not (case.source or "").startswith(SOURCE):
        return None
    return WorkOrder.objects.select_related("sheet__authority").filter(case=case).first()


class _Unusable(ValueError):
    """A line cannot become a complaint."""


def _taken(sheet: OrderSheet, line: Line, number: str, *, actor: Actor, by: Person, now: datetime) -> str:
    """Return the reference of the complaint that a line became."""
    if line.problem:
        raise _Unusable(_("The row cannot be read. Keep long numbers as text."))
    if not number or len(number) > LONGEST:
        raise _Unusable(_("It has no number, or one that is too long."))
    version = publishing.in_force(sheet.policy, now=now)
    if version is None:
        raise _Unusable(_("The policy is not in force."))
    pack = library.pack(version.hash)
    at, due = _times(sheet, line, now)

    def along(received: Received) -> None:
        case = received.case
        vault = Vault(key_of(case.complainant), case.reference)
        WorkOrder.objects.create(
            sheet=sheet,
            number=number,
            case=case,
            due_at=due,
            cells=vault.seal(SEQ, CELLS, dict(line.cells)),
            taken_in_by=by,
            taken_in_at=now,
        )

    try:
        received = intake.receive(
            sheet.policy,
            channel=sheet.channel,
            language=sheet.language,
            data=_data(sheet, line, number, pack, due=due),
            actor=actor,
            at=at,
            now=now,
            source=f"{SOURCE}{sheet.pk}/{number}",
            is_history=False,
            along=along,
            version=version,
        )
    except Refused as error:
        raise _Unusable(" ".join(words(dict(each.message)) for each in error.refusals)) from error
    except IntegrityError as error:
        raise _Unusable(_("Somebody else took it in at the same moment.")) from error
    return received.case.reference


def _times(sheet: OrderSheet, line: Line, now: datetime) -> tuple[datetime, datetime | None]:
    """Return when the authority handed the order on, else now, and until when it wants an answer."""
    zone = ZoneInfo(sheet.zone)
    try:
        handed = moment(line.cells.get(sheet.columns.get(RECEIVED, ""), ""), zone)
        wanted = moment(line.cells.get(sheet.columns.get(BY, ""), ""), zone, is_end=True)
    except ValueError as error:
        raise _Unusable(_("“{said}” is no time that can be read.").format(said=error)) from error
    at = handed[0] if handed is not None else now
    if at > now:
        raise _Unusable(_("It was handed on in the future."))
    return at, wanted[0] if wanted is not None else None


def _data(sheet: OrderSheet, line: Line, number: str, pack: Pack, *, due: datetime | None) -> dict[str, Any]:
    act = pack.main.acts[RECEIVE]
    said = {field: line.cells.get(sheet.columns.get(part, ""), "") for part, field in SAID.items()}
    first = next(iter(said[NARRATIVE].splitlines()), "")
    said[SUBJECT] = (said[SUBJECT] or first or number)[:SUBJECT_LENGTH]
    of_theirs = address_fields(pack, sheet.authority.role)
    theirs = {
        NAME: str(sheet.authority),
        THEIR_NUMBER: number,
        WANTED_BY: ending(due.astimezone(ZoneInfo(sheet.zone)))[0].isoformat() if due else "",
    }
    data = {**sheet.same, **said, **{of_theirs[part]: value for part, value in theirs.items() if part in of_theirs}}
    return _takes(act, data)


def _takes(act: Act, data: Mapping[str, Any]) -> dict[str, Any]:
    allowed = {*act.needs, *act.may}
    return {name: value for name, value in data.items() if value and name in allowed}
