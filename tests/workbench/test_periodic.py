"""The page of periodic duties: the year of the policies that the reader works under, one month in detail."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from cast import Cast
from ombud.cases.models import Case
from ombud.clock import periodic

DUE = datetime(2026, 1, 30, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def at_month_end():
    with time_machine.travel(DUE, tick=False):
        yield


def test_the_month_shows_each_occurrence_with_its_clause_and_its_case(client: Client, cast: Cast, at_month_end):
    periodic.open_due(now=DUE)
    client.force_login(cast.wei)
    page = client.get("/desk/periodic/").content.decode()
    assert "月度分析与改进" in page
    assert 'data-ref="3.2"' in page
    assert f"/desk/cases/{Case.objects.get().reference}/" in page


def test_who_may_not_see_the_case_is_not_led_to_it(client: Client, cast: Cast, at_month_end):
    periodic.open_due(now=DUE)
    client.force_login(cast.deng)
    page = client.get("/desk/periodic/").content.decode()
    assert "月度分析与改进" in page
    assert Case.objects.get().reference not in page


@pytest.mark.parametrize("month", ["2026-13", "x", "1999-01", "2026-03-01"])
def test_a_month_that_is_none_shows_this_one(client: Client, cast: Cast, at_month_end, month: str):
    client.force_login(cast.wei)
    assert "2026年1月" in client.get("/desk/periodic/", {"month": month}).content.decode()


def test_the_page_takes_the_same_queries_for_any_number_of_occurrences(
    client: Client, cast: Cast, at_month_end, django_assert_num_queries
):
    client.force_login(cast.wei)
    client.get("/desk/periodic/")
    with django_assert_num_queries(18):
        client.get("/desk/periodic/")
    periodic.open_due(now=DUE)
    with django_assert_num_queries(21):
        client.get("/desk/periodic/")


def test_who_works_under_no_policy_sees_an_empty_page(client: Client, cast: Cast, at_month_end):
    client.force_login(cast.nobody)
    assert "没有定期事项" in client.get("/desk/periodic/").content.decode()
