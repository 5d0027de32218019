"""The pages of what runs beside complaints: rectifications, groups, training, performance, exchange rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ombud.cases.models import Case
from ombud.clock.tick import tick
from ombud.organisation import rates, training
from ombud.organisation.models import ExchangeRate, TrainingRecord
from regional import POLICY, Regional, after, do, file

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_week_later():
    with time_machine.travel(after(days=7), tick=False):
        yield


def ordered(regional: Regional) -> tuple[Case, Case]:
    """Return a complaint and the rectification that was ordered on it."""
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    do(case, "order_rectification", "hans", regional, now=after(hours=2), measure="Call before delivery")
    return case, Case.objects.get(parent=case)


def seen(client: Client, regional: Regional, who: str, path: str, **query: str) -> str:
    """Return the page as somebody sees it."""
    client.force_login(regional.people[who])
    answer = client.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_ledger_lists_each_measure_with_where_it_came_from(client: Client, regional: Regional):
    case, child = ordered(regional)
    page = seen(client, regional, "hans", "/desk/matters/")
    assert "Call before delivery" in page
    assert f"/desk/cases/{child.reference}/" in page
    assert f"/desk/cases/{case.reference}/" in page
    assert child.reference not in seen(client, regional, "nora", "/desk/matters/")


def test_a_matter_of_an_office_says_of_which_wherever_it_is_listed(client: Client, regional: Regional):
    with time_machine.travel(after(days=32), tick=False):
        tick(after(days=32))
        matters = Case.objects.filter(procedure="report", office__isnull=False)
        mine = next(each for each in matters if each.office and each.office.key == "europe")
        named = f"区域月报 · {mine.office}"
        assert named in seen(client, regional, "hans", "/desk/")
        assert named in seen(client, regional, "hans", f"/desk/cases/{mine.reference}/")


def test_the_ledger_narrows_to_what_is_overdue(client: Client, regional: Regional):
    _case, child = ordered(regional)
    assert child.reference not in seen(client, regional, "dora", "/desk/matters/", overdue="1")
    with time_machine.travel(after(days=30), tick=False):
        assert child.reference in seen(client, regional, "dora", "/desk/matters/", overdue="1")
    assert client.get("/desk/matters/", {"colour": "red"}).status_code == 404


def test_the_two_cases_lead_to_each_other(client: Client, regional: Regional):
    case, child = ordered(regional)
    assert child.reference in seen(client, regional, "hans", f"/desk/cases/{case.reference}/")
    assert case.reference in seen(client, regional, "hans", f"/desk/cases/{child.reference}/")


def test_the_lead_case_shows_its_members_and_a_member_its_lead(client: Client, regional: Regional):
    lead, member = file(), file()
    for case in (lead, member):
        do(case, "accept", "anna", regional, now=after(hours=1))
    do(member, "join_group", "anna", regional, now=after(hours=2), lead_case=lead.reference)
    tick(after(hours=3))
    page = seen(client, regional, "anna", f"/desk/cases/{lead.reference}/")
    assert f"/desk/cases/{member.reference}/" in page
    assert f"/desk/cases/{lead.reference}/" in seen(client, regional, "anna", f"/desk/cases/{member.reference}/")


def record(client: Client, person: int, **changed: Any) -> Any:
    given = {"person": person, "exam": "handling", "passed_on": "2026-03-04", "score": "88", **changed}
    return client.post(f"/desk/training/?policy={POLICY}", given)


def test_an_exam_is_recorded_and_the_gate_opens(client: Client, regional: Regional):
    page = seen(client, regional, "mo", "/desk/training/", policy=POLICY)
    assert "请选择" in page
    assert "---------" not in page
    assert page.count("pill-bad") >= 1  # Ben has not passed
    assert record(client, regional.ben.pk).status_code == 302
    row = TrainingRecord.objects.get(person=regional.ben)
    assert (row.passed_on, row.score, row.recorded_by) == (date(2026, 3, 4), "88", regional.mo)


@pytest.mark.parametrize(
    "changed", [{"passed_on": "2026-04-01"}, {"passed_on": "x"}, {"valid_until": "2026-01-01"}, {"exam": "flying"}]
)
def test_a_record_that_cannot_be_is_refused_with_what_was_typed(client: Client, regional: Regional, changed: Any):
    client.force_login(regional.mo)
    answer = record(client, regional.ben.pk, **changed)
    assert answer.status_code == 422
    assert "88" in answer.content.decode()
    assert not TrainingRecord.objects.filter(person=regional.ben).exists()


def test_an_agent_sees_their_own_records_and_enters_none(client: Client, regional: Regional):
    page = seen(client, regional, "anna", "/desk/training/", policy=POLICY)
    assert "Nora" not in page
    assert record(client, regional.ben.pk).status_code == 403


def test_a_record_is_taken_back_with_a_reason_and_once(client: Client, regional: Regional):
    row = TrainingRecord.objects.get(person=regional.anna)
    client.force_login(regional.mo)
    client.post(f"/desk/training/{row.pk}/revoke/", {"reason": " "})
    assert TrainingRecord.objects.get(pk=row.pk).revoked_at is None
    client.post(f"/desk/training/{row.pk}/revoke/", {"reason": "The exam was another's"})
    assert TrainingRecord.objects.get(pk=row.pk).revoked_because == "The exam was another's"
    client.force_login(regional.nora)
    assert client.post(f"/desk/training/{row.pk}/revoke/", {"reason": "x"}).status_code == 403
    assert client.post("/desk/training/999999/revoke/", {"reason": "x"}).status_code == 404


def test_performance_is_shown_to_who_oversees_it_and_to_the_person(client: Client, regional: Regional):
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    given = {"at_fault": regional.ben.key, "points": 3, "proven": True}
    do(case, "blame", "hans", regional, now=after(hours=2), **given)
    for who in ("mo", "ben"):
        page = seen(client, regional, who, "/desk/performance/")
        assert "Ben" in page
        assert "3分" in page
    assert case.reference not in seen(client, regional, "nora", "/desk/performance/")
    assert seen(client, regional, "mo", "/desk/performance/", person="1" * 30, ledger="none")


def test_people_whom_a_fact_names_have_their_names_there(client: Client, regional: Regional):
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    given = {"at_fault": regional.ben.key, "points": 3, "proven": True}
    do(case, "blame", "hans", regional, now=after(hours=2), **given)
    page = seen(client, regional, "hans", f"/desk/cases/{case.reference}/")
    assert "Ben" in page
    assert f'<dd class="">{regional.ben.key}</dd>' not in page


def test_a_rate_entered_by_the_manager_is_what_holds(client: Client, regional: Regional):
    client.force_login(regional.mo)
    given = {"currency": "vnd", "rate": "0.00028", "into": "CNY", "day": "2026-03-04", "source": "Bank of China"}
    assert client.post("/desk/rates/", given).status_code == 302
    assert ExchangeRate.objects.get().rate == Decimal("0.00028")
    page = client.get("/desk/rates/").content.decode()
    assert "VND" in page
    assert "Bank of China" in page


@pytest.mark.parametrize("changed", [{"rate": "0"}, {"rate": "x"}, {"currency": "CNY"}, {"source": " "}, {"day": ""}])
def test_a_rate_that_cannot_be_is_refused(client: Client, regional: Regional, changed: dict[str, str]):
    client.force_login(regional.mo)
    given = {"currency": "VND", "rate": "1", "into": "CNY", "day": "2026-03-04", "source": "Bank of China", **changed}
    assert client.post("/desk/rates/", given).status_code == 422
    assert not ExchangeRate.objects.exists()


def test_only_managers_enter_rates(client: Client, regional: Regional):
    assert '<form class="card-body form"' not in seen(client, regional, "anna", "/desk/rates/")
    assert client.post("/desk/rates/", {}).status_code == 403


@pytest.mark.parametrize("path", ["/desk/matters/", "/desk/training/", "/desk/performance/", "/desk/rates/"])
def test_each_page_takes_the_same_queries_for_any_number_of_rows(client: Client, regional: Regional, path: str):
    client.force_login(regional.mo)
    counts = []
    for _more in range(3):
        case, _child = ordered(regional)
        given = {"at_fault": regional.ben.key, "points": 3, "proven": True}
        do(case, "blame", "hans", regional, now=after(hours=3), **given)
        day = date(2026, 2, 3 + len(counts))
        training.record(regional.ben, POLICY, "handling", passed_on=day, by=regional.mo, now=after(days=7))
        rates.enter("VND", "0.00028", day=day, source="Bank of China", by=regional.mo, now=after(days=7))
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        counts.append(len(asked))
    assert counts[0] == counts[1] == counts[2]
