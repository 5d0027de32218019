"""What is derived from a case's events: its row, its duties, its wake-up, who may see it, its words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ombud.cases import attachments, contacts, eventlog, search, wake_ups
from ombud.cases.access import assignees
from ombud.cases.bulk_sql import Batch, insert, new_row, rows_of_cases, update
from ombud.cases.eventlog import decoded
from ombud.cases.models import Attachment, Case, Confidant, Duty, Event, Grade, Participation, Recusal, WakeUp
from ombud.engine import State
from ombud.engine import model as engine
from ombud.engine.ladder import next_wake
from ombud.engine.readiness import waits
from ombud.organisation import library as packs
from ombud.organisation.library import edition_of, hash_of, version_of
from ombud.organisation.round_trips import one_round_trip
from ombud.organisation.staff import Roster
from ombud.policy.event_names import RESERVED_EVENTS
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import BEHALF, NAMING, NARRATIVE, SUBJECT
from ombud.privacy.blind import Blinded
from ombud.privacy.masking import mask_text
from ombud.privacy.sealing import Vault, is_sealed

OWED = frozenset({"open", "paused"})
# What lists show of a case, sealed; the narrative only without a subject, the others to mask them in it.
SUMMARY = (SUBJECT, NARRATIVE, *NAMING)

CASE_FIELDS = (
    "policy_version_id",
    "edition_id",
    "phase",
    "grades",
    "department_id",
    "office_id",
    "handler_id",
    "closed_at",
    "next_due_at",
    "next_duty",
)
CASE_COLUMNS = tuple(name.removesuffix("_id") for name in CASE_FIELDS)
DUTY_FIELDS = (
    "revision", "clauses", "do", "role", "department_id", "office_id", "person_id", "holder", "status", "opened_at",
    "opened_seq", "due_at", "done_at", "breached_at", "is_provisional", "is_outsiders", "waits",
)  # fmt: skip
BEARER_FIELDS = frozenset({"role", "department_id", "office_id", "person_id", "holder"})


_GRADE, _VIEWER, _WAKE = ("name", "value", "received_at"), ("viewer", "received_at"), ("at", "failures")
_APART = " | "  # between two texts, so that no pair of characters reaches from one into the other
_FILTERED = [(f"{name}_id" if f"{name}_id" in CASE_FIELDS else name, kind) for name, kind in search.FILTERED.items()]


def instant(seconds: int | None) -> datetime | None:
    """Return epoch seconds as an aware instant."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


@dataclass(kw_only=True, slots=True)
class Projection:
    """Everything derived from one state, not written yet."""

    case: Mapping[str, Any]  # CASE_FIELDS
    duties: tuple[Duty, ...]  # unsaved rows, one per instance ever
    wake_at: int | None
    viewers: set[str] = field(default_factory=set)
    recused: Mapping[int, tuple[str, datetime]] = field(default_factory=dict)  # whom acts took out: which, when
    confidants: frozenset[int] = frozenset()  # whom the list of a confidential case names


def project(case: Case, state: State, roster: Roster) -> Projection:
    """Return what the state says about the case."""
    duties: list[Duty] = []
    viewers: set[str] = set()
    soonest: tuple[int, str] | None = None
    for view in state.duties():
        holder = assignees.assignee_of_duty(view, state, roster)
        duties.append(_duty(case, view, holder, _waits(state, view)))
        if view.is_outsiders:
            continue
        if view.status in OWED:
            viewers.update(holder.viewers)
        if view.status == "open" and view.due_at is not None and (soonest is None or view.due_at < soonest[0]):
            soonest = (view.due_at, view.duty)
    department = assignees.department_id(case.policy, state.department)
    office = assignees.office_id(state.office)
    handler = assignees.known_person(state.handler)
    if department is not None:
        viewers.add(assignees.viewer_department(department))
    if office is not None:
        viewers.add(assignees.viewer_office(case.policy, office))
    if handler is not None:
        viewers.add(assignees.viewer_person(handler))
    viewers.update(_named_viewers(case, state))
    viewers.update(map(assignees.viewer_person, confidants := assignees.known_people(state.confidants)))
    return Projection(
        case={
            "policy_version_id": version_of(state.program.pack.hash),
            "edition_id": edition_of(state.program.edition),
            "phase": state.phase,
            "grades": state.grades,
            "department_id": department,
            "office_id": office,
            "handler_id": handler,
            "closed_at": instant(state.stays[-1][1]) if state.ended else None,
            "next_due_at": instant(soonest[0]) if soonest else None,
            "next_duty": soonest[1] if soonest else "",
        },
        duties=tuple(duties),
        wake_at=next_wake(state),
        viewers=viewers,
        recused=_recused(state),
        confidants=confidants,
    )


def _named_viewers(case: Case, state: State) -> Iterator[str]:
    """Yield whom the policy's `access: members` lets in: the people and departments that these facts name."""
    for name in state.program.pack.access.members:
        value = state.facts.get(name)
        for key in value if isinstance(value, list) else [value]:
            if not isinstance(key, str):
                continue
            if (person := assignees.known_person(key)) is not None:
                yield assignees.viewer_person(person)
            elif (department := assignees.department_id(case.policy, key)) is not None:
                yield assignees.viewer_department(department)


def _recused(state: State) -> dict[int, tuple[str, datetime]]:
    """Return the people whom acts took out of the case, with the acts that may have done so and when."""
    if not state.recused:
        return {}
    acts = [plan.id for plan in state.program.acts.values() if plan.recuses and plan.id in state.log]
    at = datetime.fromtimestamp(max((state.log[act].occurred for act in acts), default=state.recorded), UTC)
    found = (assignees.known_person(key) for key in state.recused)
    return {person: (", ".join(acts), at) for person in found if person is not None}


def _waits(state: State, view: engine.DutyView) -> bool | None:
    """Return whether what is owed has to wait for others; None for what is settled."""
    return waits(state, state.program.duties[view.duty], view.bearer) if view.status in OWED else None


def _duty(case: Case, view: engine.DutyView, holder: assignees.Assignee, waiting: bool | None) -> Duty:
    return new_row(
        Duty,
        case=case,
        duty=view.duty,
        instance=view.instance,
        revision=view.revision,
        policy=case.policy,
        clauses=list(view.clauses),
        do=list(view.do),
        role=holder.role,
        department_id=holder.department_id,
        office_id=holder.office_id,
        person_id=holder.person_id,
        holder=holder.key,
        status=view.status,
        opened_at=datetime.fromtimestamp(view.opened_at, UTC),
        opened_seq=view.opened_seq,
        due_at=instant(view.due_at),
        done_at=instant(view.done_at),
        breached_at=instant(view.breached_at),
        is_provisional=view.is_provisional,
        is_outsiders=view.is_outsiders,
        waits=waiting,
    )


def viewers_of_actors(policy: str, rows: Iterable[Event]) -> set[str]:
    """Return the people who acted, their departments and offices: all had the case."""
    found: set[str] = set()
    for row in rows:
        # What a deputy did for somebody else lets that person see the case, not the deputy for ever.
        person = assignees.known_person(row.data.get(BEHALF) or row.actor)
        if person is not None:
            found.add(assignees.viewer_person(person))
            department, office = assignees.department_id(policy, row.department), assignees.office_id(row.office)
            if department is not None:
                found.add(assignees.viewer_department(department))
            if office is not None:
                found.add(assignees.viewer_office(policy, office))
    return found


def grade_rows(case: Case, grades: Mapping[str, Any]) -> list[Grade]:
    return [
        Grade(case=case, name=name, value=str(value), received_at=case.received_at) for name, value in grades.items()
    ]


def participations(case: Case, viewers: Iterable[str]) -> list[Participation]:
    return [Participation(case=case, viewer=viewer, received_at=case.received_at) for viewer in sorted(viewers)]


def summarise(case: Case, rows: Iterable[Event]) -> None:
    """Take over from new events what lists show; sealed values stay sealed and keep their place for opening."""
    for row in rows:
        for name in SUMMARY:
            if name in row.data and row.act not in RESERVED_EVENTS:
                value = row.data[name]
                kept = {"seq": row.seq, "token": value} if is_sealed(value) else {"value": value}
                case.summary = {**case.summary, name: kept}
    if SUBJECT in case.summary and NARRATIVE in case.summary:
        case.summary = {name: kept for name, kept in case.summary.items() if name != NARRATIVE}


def words_of(
    pack: Pack, events: Sequence[engine.Event], names: Iterable[str] = (), known: tuple[str, ...] = ()
) -> list[str]:
    """Return the terms of what people wrote in these events, and of the names of their files.

    `known` are the names and numbers of the case so far. What masked readers do not see is closed to their search.
    """
    personal = eventlog.personal_fields(pack.hash)
    known = tuple(dict.fromkeys([*known, *(word for event in events for word in eventlog.naming(event.data))]))
    shown: list[str] = []
    texts: list[str] = [*names]
    for event in events:
        for said, text in eventlog.texts_in(pack, event):
            (texts if said.id in personal else shown).append(text)
            if said.id in personal and eventlog.is_story(said):
                shown.append(mask_text(text, known))
    return search.document(_APART.join(shown), _APART.join(texts))


def state_marks(case: Case) -> list[str]:
    """Return the marks of whatever lists are filtered by."""
    found = [(kind, getattr(case, column)) for column, kind in _FILTERED]
    found += [(search.GRADE, f"{name}={value}") for name, value in case.grades.items()]
    found.append((search.OPENNESS, int(case.is_open)))
    return [search.mark(kind, value) for kind, value in found if value not in (None, "")]


def viewer_marks(viewers: Iterable[str]) -> list[str]:
    return [search.mark(search.VIEWER, viewer) for viewer in sorted(viewers)]


def key_of(case: Case) -> int:
    """Return the key of the case's document in the search index."""
    return search.key_of(case.received_at, case.pk)


def reference_words(reference: str) -> list[str]:
    """Return the terms that find a case by its reference, with or without hyphens, whole or in parts."""
    return sorted({reference.replace("-", "").lower(), *reference.lower().split("-")})


def make_ready(batch: Batch, case: Case, projection: Projection) -> None:
    """Put the projections of a case that has none yet into the batch; its search document goes apart."""
    batch.add(projection.duties)
    at = case.received_at
    batch.add_plain(Grade, case, _GRADE, [(name, str(value), at) for name, value in case.grades.items()])
    batch.add_plain(Participation, case, _VIEWER, [(viewer, at) for viewer in sorted(projection.viewers)])
    batch.add(_recusals(case, projection), ignore_conflicts=True)
    batch.add([Confidant(case=case, person_id=person) for person in projection.confidants])
    if projection.wake_at is not None:
        batch.add_plain(WakeUp, case, _WAKE, [(projection.wake_at, 0)])


def new_document(case: Case, projection: Projection, words: Sequence[str]) -> search.Ready:
    """Return the search document of a case that has none yet."""
    return search.ready(
        [*reference_words(case.reference), *state_marks(case), *viewer_marks(projection.viewers), *words]
    )


def document(case: Case, rows: Sequence[Event], vault: Vault, known: Iterable[Blinded] = ()) -> list[str]:
    """Return the whole search document of a case; after erasure it holds no words of anybody."""
    viewers = Participation.objects.filter(case=case).values_list("viewer", flat=True)
    words = [*reference_words(case.reference), *state_marks(case), *viewer_marks(viewers)]
    if vault.is_erased:
        return words
    names = [attachments.name_of(row, vault) for row in Attachment.objects.filter(case=case)]
    said = words_of(packs.pack(hash_of(case.policy_version_id)), decoded(rows, vault), names)
    return [*words, *said, *known_words(known)]


def known_words(known: Iterable[Blinded]) -> list[str]:
    """Return the terms by which the case's person or order is found, as closed as the values that they come from."""
    return [search.CLOSED + term for term in contacts.terms(known)]


def apply(case: Case, projection: Projection) -> None:
    """Set the derived fields of the case row, not saved."""
    for name, value in projection.case.items():
        setattr(case, name, value)


Change = tuple[Case, Projection, Sequence[str], Collection[str] | None]


def write_changed(case: Case, projection: Projection) -> None:
    """Write what differs from the projections stored of a case whose search document is right already."""
    write_changes([(case, projection, (), None)])


def write_changes(changes: Sequence[Change]) -> None:
    """Write what differs from the projections stored: (case, projection, new terms, marks of the state before).

    No marks mean that these did not change. However many cases there are, the statements are the same.
    """
    if not changes:
        return
    cases = [case for case, *_ in changes]
    seen = _seen_by(cases)
    fresh = {case.pk: sorted(projection.viewers - seen[case.pk]) for case, projection, *_ in changes}
    duties, changed = _duties_that_differ(changes)
    grades = _grades_that_differ(cases)
    with one_round_trip():
        insert(duties)
        update(changed, DUTY_FIELDS)
        insert(grades)
        insert([row for case in cases for row in participations(case, fresh[case.pk])])
        insert([row for case, projection, *_ in changes for row in _recusals(case, projection)], ignore_conflicts=True)
        wake_ups.write([(case.pk, projection.wake_at) for case, projection, *_ in changes])
        for case, _projection, words, before in changes:
            after = state_marks(case)
            stood = after if before is None else before
            search.change(
                key_of(case),
                fresh=[*words, *viewer_marks(fresh[case.pk]), *(mark for mark in after if mark not in stood)],
                gone=[mark for mark in stood if mark not in after],
            )


def _seen_by(cases: Sequence[Case]) -> dict[int, set[str]]:
    """Return who may see each of the cases already."""
    found: dict[int, set[str]] = {case.pk: set() for case in cases}
    for row in rows_of_cases(Participation, list(found)):
        found[row.case_id].add(row.viewer)
    return found


def _recusals(case: Case, projection: Projection) -> list[Recusal]:
    return [
        Recusal(case=case, person_id=person, reason=reason, at=at)
        for person, (reason, at) in projection.recused.items()
    ]


def _duties_that_differ(changes: Sequence[Change]) -> tuple[list[Duty], list[Duty]]:
    """Return the duties that are new, and those that changed, with the keys of their rows."""
    cases = [case.pk for case, *_ in changes]
    stored = {(row.case_id, row.duty, row.instance): row for row in rows_of_cases(Duty, cases)}
    fresh, changed = [], []
    for row in (row for _, projection, *_ in changes for row in projection.duties):
        old = stored.get((row.case_id, row.duty, row.instance))
        if old is None:
            fresh.append(row)
        elif differences(old, row):
            if row.status not in OWED:
                _keep_bearer(row, old)
            row.pk = old.pk
            changed.append(row)
    return fresh, changed


def differences(old: Duty, new: Duty) -> list[str]:
    """Return the fields in which two rows of an instance differ.

    The bearer of a closed instance is whoever bore it then: the act that closed it or a later one may route the case.
    """
    is_closed = new.status not in OWED
    return [
        name
        for name in DUTY_FIELDS
        if not (is_closed and name in BEARER_FIELDS) and getattr(old, name) != getattr(new, name)
    ]


def _keep_bearer(row: Duty, old: Duty) -> None:
    for name in BEARER_FIELDS:
        setattr(row, name, getattr(old, name))


def _grades_that_differ(cases: Sequence[Case]) -> list[Grade]:
    """Return the grades to be inserted; what is there with another value, or for nothing any more, is written."""
    stored: dict[int, dict[str, Grade]] = {case.pk: {} for case in cases}
    for row in rows_of_cases(Grade, list(stored)):
        stored[row.case_id][row.name] = row
    fresh: list[Grade] = []
    for case in cases:
        there, wanted = stored[case.pk], {name: str(value) for name, value in case.grades.items()}
        fresh += grade_rows(case, {name: wanted[name] for name in wanted.keys() - there.keys()})
        for name, row in there.items():
            if name not in wanted:
                row.delete()
            elif row.value != wanted[name]:
                row.value = wanted[name]
                row.save(update_fields=["value"])
    return fresh
