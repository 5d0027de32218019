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
