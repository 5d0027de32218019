"""One case as a reader may see it: what happened, what is known, what is owed, what can be done."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from ombud.cases import eventlog, switches
from ombud.cases.access.case_access import Accessed
from ombud.cases.access.permissions import scoped
from ombud.cases.access.stand_ins import absent_from
from ombud.cases.attachments import name_of as file_name
from ombud.cases.fold import program_of, seconds
from ombud.cases.messages import text
from ombud.cases.models import Attachment, Duty, Event
from ombud.cases.money import lacks_rate
from ombud.cases.reading.passed import Passed, hindsight, passed, people_told
from ombud.cases.reading.titles import acts_for, bearer_title, duty_title
from ombud.cases.references import normal_reference
from ombud.cases.switches import MovedDue
from ombud.engine import Program, available_act, explain_duty, is_reported
from ombud.engine import available_acts as engine_offers
from ombud.engine.late_reason import LATE_REASON_FIELD
from ombud.engine.looking_back import Hindsight
from ombud.engine.model import BY_OCCURRENCE, Actor, AvailableAct
from ombud.engine.side_effects import is_foreign
from ombud.organisation import own_roles, staff, standing_in
from ombud.organisation.models import Person, words
from ombud.organisation.standing_in import Away
from ombud.policy.complainant import concerns_complainant, told
from ombud.policy.event_names import (
    BESIDE,
    CLOCK_REPAIR,
    LETTERS_TO,
    MIGRATE,
    OPENED,
    REISSUE,
    RESERVED_EVENTS,
    RUNG,
    SHOW_FILE,
)
from ombud.policy.model.acts import Act
from ombud.policy.model.values import Field, FieldType
from ombud.policy.outsiders import fields_of_others
from ombud.policy.vocabulary import BEHALF, COMPLAINANT, EMAIL, EVIDENCE, LATE_REASON, MESSAGE_LANGUAGE, REASON, SYSTEM
from ombud.privacy.masking import BLANK, mask, mask_text
from ombud.privacy.sealing import is_sealed
from ombud.texts import Text, same

_NAMED = frozenset({FieldType.PERSON, FieldType.DEPARTMENT, FieldType.CASE})  # fields whose values are keys


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One fact as a reader may see it."""

    field: str
    title: Text
    value: Any  # plain, masked, or None once erased
    is_personal: bool
    is_masked: bool
    is_erased: bool
    names: Mapping[str, str] = dataclasses.field(default_factory=dict)  # of whom the value names, by key
    lacks_rate: bool = False  # foreign money whose worth nobody knows: it counts for nothing until a rate is entered


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineEntry:
    """One event as a reader may see it."""

    seq: int
    act: str  # an act's id, CHAIN.approve, or rung, open, migrate, recalendar, reissue
    title: Text
    occurred_at: datetime
    recorded_at: datetime
    actor: str  # the person's name for staff; empty for the machine and the complainant
    actor_key: str
    behalf: str  # in words, the absent person whose deputy it was; empty for others
    role: Text
    department: Text
    facts: tuple[Shown, ...]
    late_reason: Shown | None  # why it was entered late, where that was said: nothing for the complainant
    clauses: tuple[str, ...]
    is_public: bool
    duty: str | None  # of a rung or opening
    breached: bool  # a rung at or after the due time
    is_late: bool  # entered so long after it happened that the policy has it reported
    is_foreign: bool  # it spoke to the complainant in a language neither agreed nor the office's
    moves: tuple[MovedDue, ...]  # of another edition or version: the due times that it moved
    passed: Passed | None  # of a rung: what it was


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyLine:
    """One duty instance on the case page."""

    duty: Duty
    title: Text
    bearer: Text  # role, department or person in words
    acts: tuple[tuple[str, Text], ...]
    is_overdue: bool
    is_mine: bool = False  # the reader owes it, by name or with others
    away: Away | None = None  # of an open one: whoever owes it is away
    entered_at: datetime | None = None  # when it was written down that it was done, where that was after its time


def timeline(accessed: Accessed) -> tuple[TimelineEntry, ...]:
    """Return the events of a case, oldest first; for a complainant only the public ones."""
    program = program_of(accessed.case)
    rows, found = accessed.rows, hindsight(accessed)
    people = {} if accessed.is_public else staff.people(_actors(rows) | people_told(found))
    entries = [_entry(accessed, program, row, people, found) for row in rows]
    return tuple(entry for entry in entries if entry.is_public or not accessed.is_public)


def _entry(
    accessed: Accessed, program: Program, row: Event, people: Mapping[str, Person], found: Hindsight
) -> TimelineEntry:
    pack = program.pack
    plan = program.acts.get(row.act)
    act: Act | None = plan.act if plan else None
    duty = row.data.get("duty") if row.act in (RUNG, OPENED) else None
    clauses: tuple[str, ...] = act.cite if act else plan.chain.chain.cite if plan and plan.chain else ()
    rung = found.rungs.get(row.seq)
    if duty in program.duties:
        clauses = program.duties[duty].clauses
    role, department = pack.roles.get(row.role), pack.departments.get(row.department or "")
    person, facts = people.get(row.actor), _facts_of(accessed, program, row)
    absent = people.get(row.data.get(BEHALF) or "")
    late_reason = next((each for each in facts if each.field == LATE_REASON), None)
    spoken = next((each.value for each in facts if each.field == MESSAGE_LANGUAGE), None)
    return TimelineEntry(
        seq=row.seq,
        act=row.act,
        title=_title(accessed, program, row, duty),
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        actor=str(person) if person else "",
        actor_key=row.actor,
        behalf="" if absent is None else str(absent),
        role=role.title if role else text(own_roles.TITLES.get(row.role, row.role)),
        department=department.title if department else {},
        facts=tuple(each for each in facts if each is not late_reason),
        late_reason=None if accessed.is_public else late_reason,
        clauses=clauses,
        is_public=row.act == REISSUE
        or (row.act == SHOW_FILE and row.data["open"])
        or (act is not None and act.is_public),
        duty=duty,
        breached=rung is not None and rung.is_breach,
        is_late=row.actor != SYSTEM
        and row.schema != BY_OCCURRENCE  # a past that was taken in
        and is_reported(program, row.occurred, row.recorded),
        is_foreign=bool(act is not None and spoken and is_foreign(accessed.state, act, spoken)),
        moves=switches.moves(found.moves.get(row.seq, ())),
        passed=passed(program, rung, people) if rung else None,
    )


def _actors(rows: Iterable[Event]) -> set[str]:
    """Return the keys of who acted, and for whom."""
    return {key for row in rows for key in (row.actor, row.data.get(BEHALF)) if key}


def _title(accessed: Accessed, program: Program, row: Event, duty: str | None) -> Text:
    """Return what happened in words: to a complainant in theirs, as far as the version has them."""
    if duty:
        return duty_title(program, duty)
    if accessed.is_public and row.act in program.procedure.acts:
        return told(program.procedure.acts[row.act])
    return switches.title(accessed.case, program, row, accessed.rows)


def _facts_of(accessed: Accessed, program: Program, row: Event) -> tuple[Shown, ...]:
    """Return what an event says; of the log's own what a person said to it: why to move a case, how they knew whom."""
    if row.act in RESERVED_EVENTS:
        if row.act in BESIDE and not accessed.is_public:
            given = eventlog.decode(row, accessed.vault).data.get(REASON)
        else:
            given = row.data.get(REASON) if row.act in (MIGRATE, CLOCK_REPAIR) and row.actor != SYSTEM else None
        known = _known_words(accessed)
        said = [_shown(accessed, program, REASON, given, known)] if given else []
        if row.act == LETTERS_TO and not accessed.is_public and EMAIL in program.pack.fields and EMAIL in row.data:
            address = eventlog.decode(row, accessed.vault).data[EMAIL]
            said.append(_shown(accessed, program, EMAIL, address, known))
        if row.act == SHOW_FILE and not accessed.is_public and EVIDENCE in program.pack.fields:
            said.append(_shown(accessed, program, EVIDENCE, [each["id"] for each in row.data["files"]], known))
        return tuple(said)
    opened = eventlog.decode(row, accessed.vault).data
    known = _known_words(accessed)
    others = (BEHALF, *(fields_of_others(program.pack, COMPLAINANT) if accessed.is_public else ()))
    return tuple(_shown(accessed, program, name, value, known) for name, value in opened.items() if name not in others)


def facts(accessed: Accessed) -> tuple[Shown, ...]:
    """Return what is known about a case, in the order of the pack's fields; to a complainant what public events say."""
    program = program_of(accessed.case)
    if accessed.is_public:
        latest = {shown.field: shown for entry in timeline(accessed) for shown in entry.facts}
        return tuple(latest[name] for name in program.pack.fields if name in latest)
    values, known = accessed.state.facts, _known_words(accessed)
    return tuple(_shown(accessed, program, name, values[name], known) for name in program.pack.fields if name in values)


def _shown(accessed: Accessed, program: Program, name: str, value: Any, known: tuple[str, ...]) -> Shown:
    field = LATE_REASON_FIELD if name == LATE_REASON else program.pack.fields.get(name)
    is_personal = name in eventlog.personal_fields(program.pack.hash) or name in accessed.sealed_fields
    is_erased = is_sealed(value)
    is_masked = is_personal and accessed.is_masked and not is_erased
    if is_masked:
        # Words that say what happened stay readable, without whom they name; everything else is hidden.
        is_story = field is not None and eventlog.is_story(field)
        value = mask_text(value, known) if is_story and isinstance(value, str) else mask(name, value)
    names = _names(accessed, program) if field is not None and _named_by(field) else {}
    if not (is_erased or is_masked) and _is_hidden(field, value, names):
        value, is_masked = BLANK, True
    return Shown(
        field=name,
        title=field.title if field else same(name),
        value=None if is_erased else value,
        is_personal=is_personal,
        is_masked=is_masked,
        is_erased=is_erased,
        names=names,
        lacks_rate=lacks_rate(program.pack, value),
    )


def _named_by(field: Field) -> bool:
    return bool({field.type, field.item} & _NAMED)


def _is_hidden(field: Field | None, value: Any, names: Mapping[str, str]) -> bool:
    """Return whether it names a case that does not exist for the reader, or to a complainant who works here."""
    if field is None or not {field.type, field.item} & {FieldType.CASE, FieldType.PERSON}:
        return False
    return any(key not in names for key in _keys(value))


def _names(accessed: Accessed, program: Program) -> Mapping[str, str]:
    """Return the names behind keys, read once a request."""
    if accessed.names is None:
        read_names([accessed])
    assert accessed.names is not None, "they have just been read"
    return accessed.names


def read_names(several: Sequence[Accessed]) -> None:
    """Read for one reader the names behind the keys of all these cases at once, so that a list does not ask for each.

    A complainant is told departments, not who works there; cases have names only for whom they exist.
    """
    people: set[str] = set()
    cases: set[str] = set()
    for accessed in several:
        people |= _keys_of(accessed, FieldType.PERSON)
        cases |= _keys_of(accessed, FieldType.CASE)
    names: dict[str, str] = {}
    if several and several[0].reader is not None:
        names |= {key: str(person) for key, person in staff.people(people).items()}
        names |= {key: key for key in people - names.keys()}  # a stand-in of an imported history
        names |= _seen(several[0], cases) if cases else {}
    for accessed in several:
        departments = program_of(accessed.case).pack.departments
        accessed.names = {**{id: words(dict(each.title)) for id, each in departments.items()}, **names}


def _keys_of(accessed: Accessed, kind: FieldType) -> set[str]:
    """Return the keys of people, or references, among a case's facts and in its events."""
    fields = {name for name, each in program_of(accessed.case).pack.fields.items() if kind in (each.type, each.item)}
    given = [value for row in accessed.rows for name, value in row.data.items() if name in fields]
    if fields and not accessed.is_public:
        known = accessed.state.facts
        given += [known[name] for name in fields if name in known]
    return {key for value in given for key in _keys(value)}


def _keys(value: Any) -> list[str]:
    return [key for key in (value if isinstance(value, list) else [value]) if isinstance(key, str)]


def _seen(accessed: Accessed, references: set[str]) -> dict[str, str]:
    """Return the cases that exist for the reader, by their references as they were given."""
    given = {key: normal_reference(key) or key for key in references}
    seen = set(
        scoped(accessed.permissions, is_leading=False)
        .filter(reference__in=given.values())
        .values_list("reference", flat=True)
    )
    return {key: reference for key, reference in given.items() if reference in seen}


def _known_words(accessed: Accessed) -> tuple[str, ...]:
    """Return the names and numbers of a masked case, which free text may repeat."""
    if not accessed.is_masked:
        return ()
    return eventlog.naming(accessed.state.facts)


def duties(accessed: Accessed, *, now: datetime) -> tuple[DutyLine, ...]:
    """Return all duty instances of a case: open ones by due time, paused ones, then the others, newest first.

    A complainant gets those that concern them.
    """
    program = program_of(accessed.case)
    rows = list(
        Duty.objects.filter(case=accessed.case).select_related("department", "person").order_by("opened_at", "pk")
    )
    if accessed.is_public:
        procedure = program.procedure
        shown = {id for id, duty in procedure.duties.items() if concerns_complainant(program.pack, procedure, duty)}
        rows = [row for row in rows if row.duty in shown]
    owed = sorted((row for row in rows if row.status == "open"), key=lambda row: (row.due_at or now, row.pk))
    paused = [row for row in rows if row.status == "paused"]
    reader = accessed.permissions if accessed.reader is not None else None
    named = {row.person_id for row in (*owed, *paused) if row.person_id is not None}
    away = {} if reader is None else standing_in.away(named, accessed.case.policy, now=now)
    others = [row for row in reversed(rows) if row.status not in ("open", "paused")]
    return tuple(
        DutyLine(
            duty=row,
            title=_owed(program, row.duty, is_public=accessed.is_public),
            bearer=bearer_title(program, row, is_public=accessed.is_public),
            acts=acts_for(program, row.do),
            is_overdue=row.is_overdue(now),
            away=away.get(row.person_id or 0) if row.status in ("open", "paused") else None,
            is_mine=row.status in ("open", "paused")
            and not row.is_outsiders
            and reader is not None
            and (row.holder in reader.assignee_keys or absent_from(row, accessed.lent) is not None),
        )
        for row in (*owed, *paused, *others)
    )


def _owed(program: Program, duty: str, *, is_public: bool) -> Text:
    """Return what is owed in words, to a complainant in theirs."""
    known = program.procedure.duties.get(duty)
    return told(known) if is_public and known is not None else duty_title(program, duty)


def explain(accessed: Accessed, duty: str, instance: int) -> tuple[Text, ...]:
    """Return why a duty is due when it is, line by line. Raises LookupError for one that the case never had."""
    state = accessed.state
    if not any(view.duty == duty and view.instance == instance for view in state.duties()):
        raise LookupError(duty)
    return tuple(explain_duty(state, duty, instance))


def offers(accessed: Accessed, *, now: datetime) -> tuple[tuple[AvailableAct, Actor], ...]:
    """Return the acts of the reader's roles with the actor to perform each as; the doable ones first."""
    best: dict[str, tuple[AvailableAct, Actor]] = {}
    roster = staff.Roster(accessed.case.policy)
    for actor in accessed.actors:
        for offer in engine_offers(accessed.state, actor, seconds(now), roster):
            known = best.get(offer.act)
            if known is None or (known[0].blocked and len(offer.blocked) < len(known[0].blocked)):
                best[offer.act] = (offer, actor)
    return tuple(sorted(best.values(), key=lambda pair: bool(pair[0].blocked)))


def other_offer(accessed: Accessed, act: str, *, now: datetime) -> tuple[AvailableAct, Actor] | None:
    """Return an act of the reader's roles that the phase does not have: a form may come late, a duty lie ahead."""
    plan = program_of(accessed.case).acts.get(act)
    if plan is None:
        return None
    roles = plan.act.by if plan.act else [stage.role for stage in plan.chain.chain.stages] if plan.chain else []
    for actor in accessed.actors:
        if actor.role in roles:
            roster = staff.Roster(accessed.case.policy)
            return available_act(accessed.state, act, actor, seconds(now), roster), actor
    return None


def is_seen_by_complainant(accessed: Accessed, row: Attachment) -> bool:
    """Return whether the complainant sees one of the case's files."""
    if row.is_open is not None:
        return row.is_open
    return any(entry.is_public for entry in timeline(accessed) if entry.seq == row.linked_seq)


def attachments(accessed: Accessed) -> Sequence[tuple[Attachment, str]]:
    """Return the case's attachments with their names (none for masked readers), oldest first.

    A complainant gets their own and those that staff showed them; from before staff chose, those of public events.
    """
    rows = Attachment.objects.filter(case=accessed.case).order_by("linked_seq", "uploaded_at", "id")
    rows = rows.select_related("content")
    if accessed.is_public:
        public = {entry.seq for entry in timeline(accessed)}
        rows = rows.filter(Q(is_open=True) | Q(is_open=None, linked_seq__in=public))
    return [(row, "" if accessed.is_masked else file_name(row, accessed.vault)) for row in rows]
