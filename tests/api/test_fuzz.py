"""Bodies that nobody would write by hand: filed, done or refused, and never an error of ours."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as pace
from hypothesis import strategies as st

from builders import COMPLAINT, GRADES, make_case
from ombud.cases.models import Case

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
FUZZ = pace(
    max_examples=60, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip


@pytest.fixture
def lin(calling: Any) -> Any:
    make_case()
    return calling("lin")


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.dates().map(str)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
FIELDS = st.sampled_from(
    ["subject", "narrative", "occurred_on", "loss", "complainants", "evidence", "country", "demanded_by", "name",
     "phone", "email", "language", "channel", "category", "spread", "urgency", "nonsense"]
)  # fmt: skip


@FUZZ
@given(data=st.dictionaries(FIELDS, ANYTHING, max_size=4))
def test_whatever_a_complaint_holds_it_is_filed_or_refused(lin: Any, data: Any) -> None:
    body = {"policy": "customer-complaints", "channel": "web", "data": {**COMPLAINT, **data}}
    answer = lin.post("/complaints", body)
    assert answer.status_code in (201, 400, 409, 422), answer.content


@FUZZ
@given(
    data=st.dictionaries(FIELDS, ANYTHING, max_size=4), act=st.sampled_from(["register", "note", "correct", "attach"])
)
def test_whatever_an_act_holds_it_is_done_or_refused(lin: Any, data: Any, act: str) -> None:
    case = Case.objects.earliest("pk")
    given = GRADES if act == "register" else {}
    answer = lin.post(f"/cases/{case.reference}/acts/{act}", {"seen": case.seq, "data": {**given, **data}})
    assert answer.status_code in (200, 400, 409, 422), answer.content


@FUZZ
@given(body=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_bytes_a_body_is_made_of_it_is_refused(lin: Any, body: bytes) -> None:
    answer = lin.post("/complaints", body)
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"
