"""Open work of people whose access a directory ended: managers are told, and see who it waits to be handed over by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from ombud.cases.access.kept_out import admitting
from ombud.cases.handing_over import open_cases
from ombud.cases.models import Case
from ombud.notices.alerts import asking
from ombud.notices.models import Notice
from ombud.organisation.models import Person
from ombud.organisation.staff import managers


def tell(person: Person, *, now: datetime) -> None:
    """Tell every manager once that somebody left with open cases in their hands, at the oldest that they may see."""
    told = [(manager, case) for manager in managers() if (case := open_cases(person, manager).first()) is not None]
    asking.tell(
        [
            Notice(
                person=manager,
                case=case,
                kind=Notice.Kind.LEAVER,
                at=now,
                asked_by=person,
                dedupe=f"leaver/{person.pk}/{now:%Y%m%d%H%M%S}/{manager.pk}",
            )
            for manager, case in told
        ],
        now=now,
    )


def with_open_work(reader: Person) -> Sequence[tuple[Person, int]]:
    """Return whoever may not sign in and has open cases in their hands, with how many of them the reader may see."""
    rows = Case.objects.filter(admitting(reader, case="pk"), handler__is_active=False, closed_at=None)
    numbers = Counter(pk for pk in rows.values_list("handler", flat=True) if pk is not None)
    people = Person.objects.in_bulk(numbers)
    found = [(people[pk], number) for pk, number in numbers.items()]
    return sorted(found, key=lambda each: (-each[1], each[0].pk))
