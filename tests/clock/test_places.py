"""Periodic duties of each office and department: on their own calendars, each a case that only they owe."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from builders import assert_refolds
from ombud.cases.access.case_access import access_case
from ombud.cases.errors import NoSuchCase
from ombud.cases.models import Case, Duty
from ombud.clock.models import Occurrence
from ombud.clock.occurrences import between
from ombud.clock.periodic import open_due
from ombud.clock.yearly import year
from ombud.organisation import editions
from regional import Regional, do, publish_next, regional_pack

pytestmark = pytest.mark.django_db


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]  # the parts are those of a datetime


def opened(**which: str) -> Case:
    return Occurrence.objects.get(**which).case


def test_each_office_begins_its_report_when_its_own_work_begins(regional: Regional) -> None:
    # Thursday 1 January 2026 is a holiday everywhere; 2 January is one in neither Germany nor the United States.
    open_due(now=at(2026, 1, 2, 7, 59))
    assert not Occurrence.objects.filter(periodic="report").exists()
    open_due(now=at(2026, 1, 2, 8, 0))  # 09:00 in Berlin
    assert [row.office.key for row in Occurrence.objects.filter(periodic="report") if row.office] == ["europe"]
    open_due(now=at(2026, 1, 2, 14, 0))  # 09:00 in New York
    assert open_due(now=at(2026, 1, 2, 14, 1)) == 0
    rows = Occurrence.objects.filter(periodic="report").order_by("due_at")
    assert [(row.period, row.office.key, row.due_at) for row in rows if row.office] == [
        ("2026-01", "europe", at(2026, 1, 2, 8, 0)),
        ("2026-01", "america", at(2026, 1, 2, 14, 0)),
    ]


def test_the_report_is_owed_by_the_head_of_that_office_alone(regional: Regional) -> None:
    open_due(now=at(2026, 3, 2, 15, 0))
    case = opened(periodic="report", period="2026-03", office__key="europe")
    duty = Duty.objects.get(case=case, duty="hand_in")
    assert duty.office == case.office
    # Monday 2 March + 3 working days in Berlin = Thursday 18:00.
    assert duty.due_at == at(2026, 3, 5, 17, 0)
    assert access_case(regional.hans, case.reference).case == case
    with pytest.raises(NoSuchCase):
        access_case(regional.nora, case.reference)
    done = do(case, "hand_in", "hans", regional, now=at(2026, 3, 3, 9, 0), summary="Three complaints").case
    assert not done.is_open
    assert_refolds(done)


def test_each_department_checks_itself_every_quarter(regional: Regional) -> None:
    open_due(now=at(2026, 3, 31, 1, 0))  # Tuesday 09:00 in Shanghai, the last working day of the quarter
    rows = Occurrence.objects.filter(periodic="check", period="2026-Q1")
    assert {row.department.key for row in rows if row.department} == {"service", "delivery", "legal"}
    case = opened(periodic="check", period="2026-Q1", department__key="delivery")
    assert case.department is not None
    assert case.department.key == "delivery"
    assert access_case(regional.deng, case.reference).case == case
    with pytest.raises(NoSuchCase):
        access_case(regional.lau, case.reference)
    assert_refolds(case)


def test_nothing_is_opened_that_fell_due_before_the_policy_was_in_force(regional: Regional) -> None:
    open_due(now=at(2026, 1, 1, 0, 30))
    assert not Occurrence.objects.exists()


def test_what_fell_due_while_no_clock_ran_is_opened_afterwards_at_its_own_instant(regional: Regional) -> None:
    open_due(now=at(2026, 2, 20, 0, 0))
    assert set(Occurrence.objects.filter(periodic="report").values_list("period", flat=True)) == {"2026-01", "2026-02"}


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ("month", ["2026-01", "2026-02", "2026-03"]),
        ("quarter", ["2026-Q1"]),
        ("half-year", ["2026-H1"]),
        ("year", ["2026"]),
        ("week", ["2026-W01", "2026-W02", "2026-W03"]),
    ],
)
def test_periods_have_names(regional: Regional, every: str, expected: list[str]) -> None:
    from dataclasses import replace

    row = editions.current()
    assert row is not None
    pack = regional_pack()
    periodic = replace(pack.periodic["report"], every=every, per=None, on=None)
    found = between(pack, periodic, editions.read(row.edition), date(2026, 1, 1), date(2026, 3, 31))
    assert [each.period for each in found][: len(expected)] == expected


@pytest.mark.parametrize(
    ("every", "year_from", "begins"),
    [
        # the accounts from April on; the first half-year of 2026 belongs to the second half of 2025/26 until March
        ("half-year", (4, 1), {"2025/26-H2": "2025-10-01", "2026/27-H1": "2026-04-01", "2026/27-H2": "2026-10-01"}),
        ("quarter", (2, 1), {"2025/26-Q4": "2025-11-01", "2026/27-Q1": "2026-02-01", "2026/27-Q4": "2026-11-01"}),
        ("year", (4, 6), {"2025/26": "2025-04-06", "2026/27": "2026-04-06"}),
        ("month", (1, 6), {"2025-12": "2025-12-06", "2026-01": "2026-01-06", "2026-12": "2026-12-06"}),
    ],
)
def test_periods_are_parts_of_the_year_of_the_accounts(
    regional: Regional, every: str, year_from: tuple[int, int], begins: dict[str, str]
) -> None:
    from dataclasses import replace

    row = editions.current()
    assert row is not None
    pack = regional_pack()
    periodic = replace(pack.periodic["report"], every=every, per=None, on="00:00", year_from=year_from)
    found = list(between(pack, periodic, editions.read(row.edition), date(2026, 1, 1), date(2026, 12, 31)))
    days = {
        each.period: str(datetime.fromtimestamp(each.at.timestamp(), ZoneInfo("Asia/Shanghai")).date())
        for each in found
    }
    assert {name: days.get(name) for name in begins} == begins
    assert next(iter(days)) == next(iter(begins))
    assert len(days) == len(found)


def test_the_calendar_shows_what_became_of_the_past_and_what_is_to_come(
    regional: Regional, django_assert_num_queries: Any
) -> None:
    for month in (1, 2, 3):
        open_due(now=at(2026, month, 4, 0, 0))
    done = opened(periodic="report", period="2026-02", office__key="europe")
    do(done, "hand_in", "hans", regional, now=at(2026, 2, 3, 9, 0), summary="Nothing happened")
    entries = year(regional.hans, 2026, now=at(2026, 3, 4, 0, 0))
    mine = [(entry.period, entry.status, entry.case is not None) for entry in entries]
    assert mine[:4] == [
        ("2026-01", "overdue", True),
        ("2026-02", "done", True),
        ("2026-03", "open", True),
        ("2026-04", "planned", False),
    ]
    assert [entry.at for entry in entries if entry.period == "2026-04"] == [at(2026, 4, 1, 7, 0)]  # 09:00 in summer
    assert len(entries) == 12
    assert {entry.office["en"] for entry in entries} == {"Europe"}
    # The service department sees every office's and department's: 2 x 12 reports and 3 x 4 checks.
    assert len(year(regional.dora, 2026, now=at(2026, 3, 4, 0, 0))) == 36
    assert len(year(regional.deng, 2026, now=at(2026, 3, 4, 0, 0))) == 4
    assert year(regional.nobody, 2026, now=at(2026, 3, 4, 0, 0)) == ()
    with django_assert_num_queries(8):
        year(regional.dora, 2026, now=at(2026, 3, 4, 0, 0))


def test_a_year_that_is_over_holds_only_what_was_opened(regional: Regional) -> None:
    assert year(regional.dora, 2025, now=at(2026, 3, 4, 0, 0)) == ()
    assert len(year(regional.dora, 2027, now=at(2026, 3, 4, 0, 0))) == 36


def test_an_occurrence_that_cannot_be_opened_does_not_keep_the_others_from_it(
    regional: Regional, caplog: pytest.LogCaptureFixture
) -> None:
    publish_next(("from: planned, to: writing,", "from: planned, to: writing, when: known(country),"))
    with caplog.at_level("CRITICAL"):
        open_due(now=at(2026, 7, 1))  # the reports of May and June come before the checks of 30 June
    assert not Occurrence.objects.filter(periodic="report").exists()
    assert Occurrence.objects.filter(periodic="check", period="2026-Q2").count() == 3
