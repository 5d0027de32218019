"""What time did to a case, in words for its timeline: which rung passed, whom it told, what it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ombud.cases import eventlog
from ombud.cases.access.case_access import Accessed
from ombud.engine import Program
from ombud.engine.looking_back import PERSON, Hindsight, PassedRung, Told, look_back
from ombud.engine.messages import joined
from ombud.organisation.library import hash_of, library, name_of
from ombud.organisation.models import Person
from ombud.policy.event_names import CLOCK_REPAIR, MIGRATE, RECALENDAR, RUNG
from ombud.policy.vocabulary import DEPARTMENT
from ombud.texts import Text, same


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """One rung that passed, as a reader sees it."""

    kind: str  # reminder, overdue, or over: a time in which nobody owed anything
    due_at: datetime | None
    offset: Text  # "1 working day before"; no words for a rung that passes just when the duty is due
    told: Text  # whom it told; no words where nobody was to be told
    act: Text | None  # what it was to do
    is_refused: bool  # ... and could not


def hindsight(accessed: Accessed) -> Hindsight:
    """Return what the rules add to the log; a case on which time did nothing is not folded for it."""
    case, rows = accessed.case, accessed.rows
    if accessed.is_public or not any(row.act in (RUNG, RECALENDAR, MIGRATE, CLOCK_REPAIR) for row in rows):
        return Hindsight()
    program = library.program(hash_of(case.first_version_id), name_of(case.first_edition_id), case.procedure)
    return look_back(program, eventlog.decoded(rows, accessed.vault), library)


def people_told(found: Hindsight) -> set[str]:
    """Return the keys of the people whom rungs told by name."""
    return {told.key for each in found.rungs.values() for told in each.told if told.kind == PERSON}


def passed(program: Program, rung: PassedRung, people: Mapping[str, Person]) -> Passed:
    """Return a passed rung in words."""
    late = "over" if rung.is_nobodys else "overdue"
    return Passed(
        kind=late if rung.is_breach else "reminder",
        due_at=None if rung.due_at is None else datetime.fromtimestamp(rung.due_at, UTC),
        offset=rung.offset,
        told=joined(_distinct(_words(program, told, people) for told in rung.told)),
        act=program.title_of(rung.act) if rung.act else None,
        is_refused=rung.is_refused,
    )


def _distinct(texts: Iterable[Text]) -> list[Text]:
    found: list[Text] = []
    for each in texts:
        if each not in found:
            found.append(each)
    return found


def _words(program: Program, told: Told, people: Mapping[str, Person]) -> Text:
    pack = program.pack
    if told.kind == PERSON:
        person = people.get(told.key)
        return same(told.key) if person is None else {**same(str(person)), **_spoken(person.names)}
    if told.kind == DEPARTMENT:
        return pack.departments[told.key].title if told.key in pack.departments else same(told.key)
    role, place = pack.roles.get(told.key), pack.departments.get(told.department or "")
    if role is None:
        return same(told.key)
    if place is None or role.department:
        return role.title
    return {tag: f"{place.title.get(tag, '')} \u00b7 {words}".strip(" \u00b7") for tag, words in role.title.items()}


def _spoken(names: Mapping[str, str]) -> dict[str, str]:
    return {tag: name for tag, name in names.items() if name}
