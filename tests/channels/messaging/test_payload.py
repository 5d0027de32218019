"""What outsiders send as JSON is read whole or refused: nothing beyond a bound is dropped in silence."""

from __future__ import annotations

import pytest

from ombud.channels import payload
from ombud.channels.providers import Unreadable


def test_a_list_is_read_to_its_end_or_refused() -> None:
    assert payload.listed({"rows": list(range(payload.MOST))}, "rows") == list(range(payload.MOST))
    with pytest.raises(Unreadable):
        payload.listed({"rows": list(range(payload.MOST + 1))}, "rows")
    assert payload.listed({"rows": "no list"}, "rows") == payload.listed({}, "rows") == []


@pytest.mark.parametrize(
    ("said", "read"),
    [(4912661846655238145, "4912661846655238145"), ("m-1", "m-1"), (2**64, ""), (True, ""), (-5, "-5"), ([], "")],
)
def test_an_id_may_be_a_number_of_64_bits(said: object, read: str) -> None:
    assert payload.digits({"id": said}, "id") == read
