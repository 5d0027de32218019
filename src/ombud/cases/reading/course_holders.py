"""Who enters the sessions of which course, and for whom: the keepers of the records all, who holds one their own."""

from __future__ import annotations

from collections.abc import Mapping

from ombud.cases.reading.training import may_record
from ombud.organisation.models import Membership, Person
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Course

#: The courses that somebody enters, each with the keys of the people who may be ticked; None is everybody.
Held = Mapping[str, frozenset[int] | None]


def held_by(reader: Person, pack: Pack) -> Held:
    """Return the courses whose sessions the reader enters.

    Whoever bears the periodic duty of a course holds it: in an office with the people of that office, else with all.
    """
    if may_record(reader, pack.id):
        return dict.fromkeys(pack.courses)
    mine = list(Membership.objects.filter(policy=pack.id, person=reader).values_list("role", "office"))
    found: dict[str, frozenset[int] | None] = {}
    for course in pack.courses.values():
        bearers = _bearers(course, pack)
        offices = {office for role, office in mine if role in bearers}
        if offices:
            found[course.id] = None if None in offices else _of_offices(pack, offices)
    return found


def is_of(held: Held, course: str, people: frozenset[int]) -> bool:
    """Return whether sessions of a course with these people are the reader's to enter."""
    return course in held and (held[course] is None or people <= (held[course] or frozenset()))


def _bearers(course: Course, pack: Pack) -> set[str]:
    return {each.bearer for each in pack.periodic.values() if course.procedure and each.procedure == course.procedure}


def _of_offices(pack: Pack, offices: set[int]) -> frozenset[int]:
    rows = Membership.objects.filter(policy=pack.id, office__in=offices, person__is_active=True)
    return frozenset(rows.values_list("person", flat=True))
