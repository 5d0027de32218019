"""Reading cases over HTTP: exactly what the person may see, page by page."""

import pytest

from builders import after, do, make_case, make_history

pytestmark = pytest.mark.django_db


def test_cases_come_newest_first_page_by_page(calling, at_start):
    made = [make_case().case.reference for _ in range(5)]
    lin, found, cursor = calling("lin"), [], None
    for _page in range(3):
        page = lin.get("/cases", limit=2, **({"cursor": cursor} if cursor else {})).json()
        found += [line["reference"] for line in page["cases"]]
        cursor = page["next"]
    assert found == made[::-1]
    assert cursor is None


@pytest.mark.parametrize("query", [{"sort": "due"}, {"from": "2026-03-01", "to": "2026-03-31"}, {"sort": "oldest"}])
def test_every_order_has_a_cursor_of_its_own(calling, at_start, query):
    for minutes in range(3):
        make_case(minutes=-minutes)
    lin = calling("lin")
    first = lin.get("/cases", limit=2, **query).json()
    rest = lin.get("/cases", limit=2, cursor=first["next"], **query).json()
    assert len({line["reference"] for line in first["cases"] + rest["cases"]}) == 3


def test_filters_narrow_the_list(calling, cast, at_start):
    make_case()
    routed = make_history(cast, "accept_work").reference
    at_start.move_to(after(70))
    lin = calling("lin")
    for query in (
        {"department": "quality"}, {"phase": "investigating"}, {"handler": cast.chen.key},
        {"department": "quality", "policy": "customer-complaints", "open": 1},
    ):  # fmt: skip
        assert [line["reference"] for line in lin.get("/cases", **query).json()["cases"]] == [routed], query
    assert len(lin.get("/cases", **{"grade.severity": "general"}).json()["cases"]) == 2
    assert lin.get("/cases", **{"grade.severity": "major"}).json()["cases"] == []
    assert len(lin.get("/cases", q="水壶").json()["cases"]) == 2
    assert lin.get("/cases", channel="hotline").json()["cases"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"colour": "red"}, {"cursor": "x"}, {"cursor": "\u0663"}, {"cursor": "9" * 30}, {"limit": 0}, {"limit": 201},
        {"limit": "many"}, {"limit": ""}, {"sort": "random"}, {"open": "maybe"}, {"from": "yesterday"},
        {"to": "9999-12-31"}, {"department": "nowhere"}, {"handler": "p99999999999999999999"}, {"handler": "me too"},
        {"phase": "a\0b"},
        {"q": "\0"}, {"policy": ""}, {"phase": ["a", "b"]}, {"cursor": "9" * 18 + "-1", "sort": "due"}, {"grade.": ""},
        {"cursor": "12"}, {"from": "0001-01-01"},
    ],
)  # fmt: skip
def test_a_query_that_does_not_fit_is_refused(calling, at_start, query):
    answer = calling("lin").get("/cases", **query)
    assert answer.status_code == 422, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["loc"][0] == "query"


@pytest.mark.parametrize("words", ["水", '"', "a* OR b", "NEAR(", "-", "'; --", "()", "\u202e", "%", "😀"])
def test_any_words_can_be_searched_for(calling, at_start, words):
    make_case()
    assert calling("lin").get("/cases", q=words).status_code == 200


def test_a_case_is_shown_with_its_facts_and_what_can_be_done(calling, cast, at_start):
    case = make_history(cast, "register")
    at_start.move_to(after(40))
    told = calling("lin").get(f"/cases/{case.reference}").json()
    assert (told["phase"], told["seq"], told["facts"]["name"], told["masked"]) == ("accepted", case.seq, "王小明", [])
    route = next(offer for offer in told["acts"] if offer["act"] == "route")
    assert (route["role"], route["blocked"]) == ("agent", [])
    assert route["clauses"]


def test_personal_data_is_masked_as_on_the_pages(calling, cast, at_start):
    case = make_history(cast, "register")
    told = calling("ai").get(f"/cases/{case.reference}").json()
    assert "王小明" not in str(told)
    assert {"name", "phone", "email"} <= set(told["masked"])
    assert "王小明" not in calling("ai").get(f"/cases/{case.reference}/events").content.decode()
    (line,) = calling("ai").get("/cases").json()["cases"]
    assert line["complainant"] != "王小明"


def test_events_and_duties_of_a_case_are_shown(calling, cast, at_start):
    case = make_history(cast, "propose")
    at_start.move_to(after(130))
    lin = calling("lin")
    events = lin.get(f"/cases/{case.reference}/events").json()
    assert [event["seq"] for event in events["events"]] == list(range(1, case.seq + 1))
    proposed = next(event for event in events["events"] if event["act"] == "propose")
    assert (proposed["actor"], proposed["role"], proposed["department"]) == (cast.chen.key, "contact", "quality")
    assert proposed["occurred_at"] == "2026-03-03T11:00:00+08:00"
    duties = lin.get(f"/cases/{case.reference}/duties").json()["duties"]
    assert {duty["status"] for duty in duties} >= {"open", "met"}
    assert any(duty["bearer"] == "head" and "plan.approve" in duty["acts"] for duty in duties)


def test_times_are_in_the_persons_zone(calling, cast, at_start):
    cast.lin.tz = "America/New_York"
    cast.lin.save()
    make_case()
    (line,) = calling("lin").get("/cases").json()["cases"]
    assert line["received_at"] == "2026-03-02T20:00:00-05:00"


@pytest.mark.parametrize("path", ["", "/events", "/duties"])
def test_a_case_that_one_may_not_see_does_not_exist(calling, cast, at_start, path):
    case = make_history(cast, "accept_work")
    outsider, unknown = calling("deng"), "KT-0000-0000-0"
    hidden = outsider.get(f"/cases/{case.reference}{path}")
    missing = outsider.get(f"/cases/{unknown}{path}")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    differing = {"instance"}
    assert {k: v for k, v in hidden.json().items() if k not in differing} == {
        k: v for k, v in missing.json().items() if k not in differing
    }
    assert outsider.get("/cases").json() == {"cases": [], "next": None}


@pytest.mark.parametrize("reference", ["x", "KT-", "%00", "%ff", "KT-7F3K-9Q2M-X" * 30, "\u0130\u0130", "..", "KT 1"])
def test_an_odd_reference_is_no_case(calling, at_start, reference):
    assert calling("lin").get(f"/cases/{reference}").status_code == 404


def test_a_parameter_where_there_is_none_is_an_error(calling, cast, at_start):
    case = make_case().case
    lin = calling("lin")
    for path in ("", "/events", "/duties"):
        assert lin.get(f"/cases/{case.reference}{path}", x=1).status_code == 422


def test_an_overdue_duty_says_so_before_the_clock_has_seen_it(calling, cast, at_start):
    case = make_case().case
    at_start.move_to(after(60 * 24))
    late = [duty for duty in calling("lin").get(f"/cases/{case.reference}/duties").json()["duties"] if duty["overdue"]]
    assert late
    assert all(duty["breached_at"] == duty["due_at"] and duty["status"] == "open" for duty in late)
    do(case, "register", cast, "lin", minutes=60 * 24 + 1, data={
        "category": "other", "aspect": "delay", "urgency": "normal", "spread": False, "routine": True,
        "legal_step": "none", "business_affected": False,
    })  # fmt: skip
    assert calling("lin").get("/cases", overdue=1).status_code == 200
