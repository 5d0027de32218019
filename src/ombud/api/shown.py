"""Cases, duties and facts as the API shows them: what the queries give this reader, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ombud.api import shapes, times
from ombud.api.problems import refused
from ombud.cases.access import assignees
from ombud.cases.access.case_access import Accessed
from ombud.cases.fold import program_of
from ombud.cases.models import Case, Duty
from ombud.cases.reading import queries
from ombud.cases.reading.queries import CaseLine, Shown
from ombud.cases.reading.titles import acts_for, duty_title, phase_title
from ombud.engine import Program
from ombud.engine.scenario.run import written
from ombud.organisation.models import Person, words
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType


def duties_of(case: Case, *, now: datetime) -> list[shapes.DutyOut]:
    """Return every duty instance of a case, open ones by due time first."""
    return duties(case, Duty.objects.filter(case=case).order_by("opened_at", "pk"), now=now)


def duties(case: Case, opened: Iterable[Duty], *, now: datetime) -> list[shapes.DutyOut]:
    """Return duty instances that are given in the order in which they were opened: open ones first, by due time."""
    program, rows = program_of(case), list(opened)
    owed = sorted((row for row in rows if row.status == "open"), key=lambda row: row.due_at or now)
    paused = [row for row in rows if row.status == "paused"]
    others = [row for row in reversed(rows) if row.status not in ("open", "paused")]
    return [_duty(program, row, now) for row in (*owed, *paused, *others)]


def _duty(program: Program, row: Duty, now: datetime) -> shapes.DutyOut:
    plan, is_overdue = program.duties.get(row.duty), row.is_overdue(now)
    due_at = None if row.status == Duty.Status.PAUSED else row.due_at
    return shapes.DutyOut(
        id=row.duty,
        instance=row.instance,
        title=words(dict(duty_title(program, row.duty))),
        clauses=row.clauses,
        bearer=written(plan.bearer) if plan else row.role,
        department=assignees.department_key(row.department_id),
        person=f"p{row.person_id}" if row.person_id else None,
        acts=[act for act, _title in acts_for(program, row.do)],
        opened_at=times.moment(row.opened_at),
        due_at=times.at(due_at),
        done_at=times.at(row.done_at),
        # Like a replay: the moment of a breach is the due time, whenever the clock gets to see it.
        breached_at=times.at((row.breached_at if row.was_late else None) or (due_at if is_overdue else None)),
        status=row.status,
        overdue=is_overdue,
        provisional=row.is_provisional,
    )


def line(found: CaseLine) -> shapes.LineOut:
    """Return one line of the list."""
    case = found.case
    return shapes.LineOut(
        reference=case.reference,
        policy=case.policy,
        procedure=case.procedure,
        channel=case.channel,
        language=case.language,
        phase=case.phase,
        grades=_grades(case),
        department=case.department.key if case.department else None,
        office=case.office.key if case.office else None,
        handler=_handler(case.handler),
        subject=found.subject,
        complainant=found.complainant,
        received_at=times.moment(case.received_at),
        closed_at=times.at(case.closed_at),
        next_due_at=times.at(case.next_due_at),
        next_duty=case.next_duty or None,
        overdue=found.is_overdue,
        seq=case.seq,
    )


def case_of(found: Accessed, *, now: datetime) -> shapes.CaseOut:
    """Return the case with its facts and what the reader may do."""
    case, program = found.case, program_of(found.case)
    return shapes.CaseOut(
        reference=case.reference,
        policy=case.policy,
        version=program.pack.version,
        procedure=case.procedure,
        channel=case.channel,
        language=case.language,
        phase=case.phase,
        phase_title=words(dict(phase_title(program, case.phase))),
        grades=_grades(case),
        department=case.department.key if case.department else None,
        office=case.office.key if case.office else None,
        handler=_handler(case.handler),
        received_at=times.moment(case.received_at),
        closed_at=times.at(case.closed_at),
        next_due_at=times.at(case.next_due_at),
        next_duty=case.next_duty or None,
        seq=case.seq,
        acts=[
            shapes.OfferOut(
                act=offer.act,
                title=words(dict(offer.title)),
                role=actor.role,
                needs=list(offer.needs),
                may=list(offer.may),
                choice=offer.choice,
                clauses=list(offer.clauses),
                discharges=list(offer.discharges),
                blocked=[shapes.RefusalOut(**each) for each in refused(offer.blocked)],
            )
            for offer, actor in queries.offers(found, now=now)
        ],
        **_facts(program.pack, queries.facts(found)),
    )


def events_of(found: Accessed) -> list[shapes.EventOut]:
    """Return the events of a case, oldest first."""
    pack = program_of(found.case).pack
    departments = {row.seq: row.department for row in found.rows}
    roles = {row.seq: row.role for row in found.rows}
    return [
        shapes.EventOut(
            seq=entry.seq,
            act=entry.act,
            title=words(dict(entry.title)),
            occurred_at=times.moment(entry.occurred_at),
            recorded_at=times.moment(entry.recorded_at),
            late_reason=entry.late_reason.value if entry.late_reason else None,
            actor=entry.actor_key,
            name=entry.actor,
            on_behalf_of=entry.behalf or None,
            role=roles[entry.seq],
            department=departments[entry.seq],
            clauses=list(entry.clauses),
            public=entry.is_public,
            duty=entry.duty,
            **_facts(pack, entry.facts),
        )
        for entry in queries.timeline(found)
    ]


def _facts(pack: Pack, found: Iterable[Shown]) -> dict[str, Any]:
    shown = [each for each in found]
    return {
        "facts": {each.field: _value(pack, each) for each in shown},
        "masked": [each.field for each in shown if each.is_masked],
        "erased": [each.field for each in shown if each.is_erased],
    }


def _value(pack: Pack, shown: Shown) -> Any:
    kind = pack.kinds.get(shown.field)
    if kind is not None and kind.type is FieldType.INSTANT and isinstance(shown.value, int):
        return times.at_seconds(shown.value)
    return shown.value


def _grades(case: Case) -> dict[str, str]:
    return {name: str(value) for name, value in case.grades.items() if value is not None}


def _handler(person: Person | None) -> shapes.HandlerOut | None:
    return shapes.HandlerOut(id=person.key, name=str(person)) if person else None
