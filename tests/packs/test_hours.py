"""What is counted in hours needs to know the hour from which: a day would be a guess."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ombud.policy.model.limits import Limit
from ombud.policy.model.values import FieldType
from ombud.policy.vocabulary import OCCURRED_ON
from ombud.worktime import Unit
from shipped_packs import pack_of

COMPLAINTS = (
    "customer-complaints", "overseas-customers", "student-complaints", "training-service", "user-complaints",
)  # fmt: skip


def limits(limit: Limit | None) -> Iterator[Limit]:
    """Yield a limit with those that it chooses among."""
    if limit is not None:
        yield limit
        for each in (*limit.cases.values(), limit.otherwise):
            yield from limits(each)


@pytest.mark.parametrize("policy", [*COMPLAINTS, "data-protection"])
def test_hours_and_minutes_are_counted_from_instants_alone(policy: str) -> None:
    pack = pack_of(policy)
    anchored = {
        (procedure.id, duty.id): (duty.anchor, {each.unit for each in limits(duty.limit)})
        for procedure in pack.procedures.values()
        for duty in procedure.duties.values()
        if duty.anchor in pack.fields
    }
    for place, (name, units) in anchored.items():
        if units & {Unit.HOUR, Unit.MINUTE}:
            assert pack.fields[name].type is FieldType.INSTANT, place


@pytest.mark.parametrize("policy", COMPLAINTS)
def test_when_it_happened_is_asked_to_the_hour(policy: str) -> None:
    asked = pack_of(policy).fields[OCCURRED_ON]
    assert asked.type is FieldType.INSTANT
    assert asked.is_past
    assert "hour" in asked.help["en"]
