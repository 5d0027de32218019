"""How many queries each endpoint takes: the same however long the lists are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from builders import COMPLAINT, GRADES, after, make_case, make_history
from cast import POLICY

pytestmark = pytest.mark.django_db
IS_POSTGRESQL = connection.vendor == "postgresql"
FILED = {"policy": POLICY, "channel": "web", "language": "zh", "data": COMPLAINT}


def queries_of(call, status=200):
    """Return how many queries a call takes once everything that is kept is warm."""
    with CaptureQueriesContext(connection) as captured:
        answer = call()
    assert answer.status_code == status, answer.content
    return len(captured)


def test_filing_a_complaint(calling, at_start):
    lin = calling("lin")
    lin.post("/complaints", FILED)
    plain = queries_of(lambda: lin.post("/complaints", FILED), 201)
    keyed = queries_of(lambda: lin.post("/complaints", FILED, **{"idempotency-key": "1"}), 201)
    again = queries_of(lambda: lin.post("/complaints", FILED, **{"idempotency-key": "1"}), 201)
    # Keyed ones are in a savepoint of the test's own transaction; PostgreSQL is sent what it can be at once.
    assert (plain, keyed, again) == ((4, 7, 9) if IS_POSTGRESQL else (14, 17, 19))


def test_filing_with_a_public_key(public, at_start):
    public.post("/complaints", FILED)
    assert queries_of(lambda: public.post("/complaints", FILED), 201) == (9 if IS_POSTGRESQL else 17)


def test_listing_cases(calling, at_start):
    lin = calling("lin")
    make_case()
    lin.get("/cases")
    one = queries_of(lambda: lin.get("/cases"))
    for _ in range(9):
        make_case()
    assert queries_of(lambda: lin.get("/cases")) == one == 5


def test_reading_a_case(calling, cast, at_start):
    lin, found = calling("lin"), {}
    for path in ("", "/events", "/duties"):
        lin.get(f"/cases/{make_history(cast, 'route').reference}{path}")  # departments are read once a process
    for upto in ("register", "propose"):
        case = make_history(cast, upto)
        lin.get(f"/cases/{case.reference}")
        for path in ("", "/events", "/duties"):
            found.setdefault(path, []).append(queries_of(lambda at=f"/cases/{case.reference}{path}": lin.get(at)))
    assert found == {"": [7, 8], "/events": [8, 8], "/duties": [7, 7]}


def test_performing_an_act(calling, at_start):
    lin = calling("lin")
    at_start.move_to(after(30))
    counts = []
    for _ in range(2):
        case = make_case().case
        body = {"seen": case.seq, "data": GRADES}
        counts.append(queries_of(lambda at=f"/cases/{case.reference}/acts/register", b=body: lin.post(at, b)))
    assert counts[-1] == 23
