"""What a field takes: the day of an event may be the one on which it is told, wherever the policy works."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ombud.engine.value_errors import Unfit, value_of
from ombud.policy import load

PACK = load("data-protection")
HALF_PAST_MIDNIGHT = int(datetime(2026, 3, 3, 16, 30, tzinfo=UTC).timestamp())  # on 4 March, in Shanghai


def test_an_event_may_be_of_the_day_on_which_it_is_told_although_london_is_a_day_behind() -> None:
    field = PACK.fields["occurred_on"]
    assert value_of(PACK, field, "2026-03-04", at=HALF_PAST_MIDNIGHT) == "2026-03-04"
    with pytest.raises(Unfit, match="lies in the future"):
        value_of(PACK, field, "2026-03-05", at=HALF_PAST_MIDNIGHT)
