"""What a work order is answered: the latest words of the field that its sheet names, as the reader may see them."""

from __future__ import annotations

from collections.abc import Iterable

from ombud.cases.access.case_access import access_case
from ombud.cases.errors import NoSuchCase
from ombud.cases.reading.case import timeline
from ombud.channels.orders.returning import Answered
from ombud.correspondence.models import WorkOrder
from ombud.organisation.models import Person
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.policy.vocabulary import COMPLAINANT, RECEIVE

_WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)


def answered(orders: Iterable[WorkOrder], field: str, reader: Person) -> list[Answered]:
    """Return those of the orders that were answered, each with its answer; without what the reader may not see."""
    found = []
    for order in orders:
        try:
            accessed = access_case(reader, order.case.reference)
        except NoSuchCase:
            continue
        for entry in reversed(timeline(accessed)):
            said = next((each.value for each in entry.facts if each.field == field and not each.is_masked), None)
            if said:
                found.append(Answered(order=order, words=str(said), at=entry.occurred_at))
                break
    return found


def fields_with_answers(pack: Pack, role: str) -> list[str]:
    """Return the fields in words that may answer an authority, the likeliest first.

    That is what the last act says that speaks to it, else to the complainant, else any act but the first.
    """
    acts = [act for act in pack.main.acts.values() if act.id != RECEIVE]
    ranks = {role: 0, COMPLAINANT: 1}
    ranked = sorted(reversed(acts), key=lambda act: ranks.get(act.contacts or "", len(ranks)))
    named = [name for act in ranked for name in (*act.needs, *act.may)]
    return [name for name in dict.fromkeys(named) if name in pack.fields and pack.fields[name].type in _WORDS]
