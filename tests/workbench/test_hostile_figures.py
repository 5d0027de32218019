"""Figures, reports, warnings and mentions asked and filled in as nobody does: answered in words, never a fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from builders import START, make_case, make_history
from cast import POLICY, Cast
from ombud.cases.models import Case
from ombud.clock import periodic
from ombud.insight import keeping
from ombud.insight.alarms.models import Alarm, Mute
from ombud.insight.opinion.models import Mention
from ombud.insight.reports import drafting
from ombud.insight.reports.models import Report, Written

pytestmark = pytest.mark.django_db
DUE = datetime(2026, 3, 31, 1, tzinfo=UTC)
STRANGE = (
    "", "\0", "x", "-1", "²", "'\"<script>", "9" * 18, "9" * 5000, "-", "\ud7ff\uffff", "0001-01-01",
    "9999-12-31", "age", "__class__",
)  # fmt: skip
PAGES: dict[str, tuple[str, ...]] = {
    "/desk/overview/": ("policy", "span", "department", "office", "grade", "version", "by-category", "by-age", "by-x"),
    "/desk/overview/time/": ("policy", "span", "department", "grade", "version", "by-handler"),
    "/desk/overview/cases/": (
        "measure",
        "side",
        "cursor",
        "back",
        "by-version",
        "by-handler",
        "by-month",
        "by-severity",
        "by-case.phase",
    ),
    "/desk/overview/explore/": ("measure", "rows", "columns", "grade", "version", "by-department", "by-\0", "by-"),
    "/desk/overview/counted/": ("policy",),
    "/desk/overview/duties/": ("state", "due", "duty", "cited", "matters", "whose", "by-case.phase", "cursor", "back"),
    "/desk/compliance/": ("policy", "span", "department", "office", "grade", "version"),
    "/desk/compliance/1.1.6/": ("state", "month", "cursor", "back", "grade", "version"),
    "/desk/warnings/": ("policy", "show", "cursor", "back"),
    "/desk/opinion/": ("policy", "tone", "cursor", "back"),
}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_an_address_that_nobody_was_given_is_no_error_of_ours(cast: Cast, sign_in: Any, page: str) -> None:
    make_history(cast, "route")
    keeping.rebuild()
    browser = sign_in("mo")
    usual = {"policy": POLICY, "measure": "received"}
    assert browser.get(page, usual).status_code == 200
    for name in PAGES[page]:
        for value in STRANGE:
            answer = browser.get(page, {**usual, name: value})
            assert answer.status_code in (200, 404), (name, value)


#: Pages that not every policy fills: what each of their addresses asks for.
OTHERS: dict[str, tuple[str, ...]] = {
    "/desk/overview/causes/": ("policy", "span", "cause", "by", "cursor", "back"),
    "/desk/model-cases/": ("policy", "kind", "cause", "status", "q", "cursor", "back"),
    "/desk/performance/record/": ("policy", "person", "period", "span", "cursor"),
    "/desk/training/courses/": ("policy", "course", "period", "cursor"),
    "/desk/surveys/": ("policy", "survey", "span", "by", "cursor"),
    "/desk/surveys/cases/": ("policy", "survey", "state", "question", "given", "cursor", "back"),
    "/desk/exports/": ("show", "cursor", "back"),
    "/desk/cases/together/": ("case", "act"),
    "/desk/people/": ("q",),
    "/desk/held/": ("cursor", "back", "policy"),
    "/desk/proof/clock/": ("cursor", "show"),
}


@pytest.mark.slow
@pytest.mark.parametrize("page", OTHERS)
def test_nor_is_one_of_a_page_that_a_policy_may_not_fill(cast: Cast, sign_in: Any, page: str) -> None:
    make_history(cast, "route")
    browser = sign_in("mo")
    for name in OTHERS[page]:
        for value in STRANGE:
            answer = browser.get(page, {"policy": POLICY, name: value})
            assert answer.status_code in (200, 302, 403, 404, 422), (name, value)


@pytest.mark.parametrize("clause", ["\0", "9" * 3000, "..%2f..", "§", "x y", "<b>"])
def test_a_clause_that_there_is_not_is_not_there(cast: Cast, sign_in: Any, clause: str) -> None:
    assert sign_in("mo").get(f"/desk/compliance/{clause}/", {"policy": POLICY}).status_code == 404


def test_measures_and_sides_that_do_not_go_together_are_shown_by_what_there_is(cast: Cast, sign_in: Any) -> None:
    from ombud.insight.measures import DIMENSIONS, MEASURES

    make_history(cast, "route")
    keeping.rebuild()
    browser = sign_in("mo")
    for measure in MEASURES:
        for rows, columns in (("age", "month"), ("month", "age"), ("day", "week"), ("handler", "version")):
            query = {"policy": POLICY, "span": "this-month", "measure": measure, "rows": rows, "columns": columns}
            assert browser.get("/desk/overview/explore/", query).status_code == 200, query
    for dimension in DIMENSIONS:
        query = {"policy": POLICY, "measure": "on_time", "rows": dimension}
        assert browser.get("/desk/overview/explore/", query).status_code == 200, query


@pytest.fixture
def alarm(cast: Cast) -> Alarm:
    make_case()
    return Alarm.objects.create(
        policy=POLICY, dimension="channel", value="web", direction="rise", since=START, found_at=START, seen_at=START,
        span="week", days=7, observed=12, expected=4.0, limit=9, chance=0.0001, method="ears", weeks=[[12, 4.0, 9]] * 3,
    )  # fmt: skip


@pytest.mark.parametrize("value", [*STRANGE, "x" * 100_000])
def test_a_warning_is_answered_and_muted_with_words_and_a_day_or_not_at_all(
    cast: Cast, sign_in: Any, alarm: Alarm, value: str
) -> None:
    browser = sign_in("mo")
    for act, typed in (
        ("mute", {"until": value, "reason": "known"}),
        ("mute", {"until": "2026-03-05", "reason": value}),
        ("done", {"words": value}),
    ):
        answer = browser.post(f"/desk/warnings/{alarm.pk}/{act}/", typed)
        assert answer.status_code == 422 or answer["Location"] == "/desk/warnings/", (act, value)
    assert browser.get("/desk/warnings/").status_code == 200
    assert not any("\0" in row.reason for row in Mute.objects.all())


@pytest.mark.parametrize("key", ["0", "9" * 18, "9" * 25])
def test_a_warning_or_mention_that_there_is_not_is_not_there(cast: Cast, sign_in: Any, key: str) -> None:
    for act in ("mute", "done"):
        assert sign_in("mo").post(f"/desk/warnings/{key}/{act}/", {"words": "x"}).status_code == 404


@pytest.mark.parametrize("value", [*STRANGE, "x" * 100_000, "javascript:alert(1)", "https://[", "0001-01-01T00:00"])
def test_a_mention_is_recorded_as_it_can_be_or_said_to_be_wrong(cast: Cast, sign_in: Any, value: str) -> None:
    given = {
        "policy": POLICY, "medium": "X", "words": "It leaks", "tone": "negative", "published_at": "2026-03-03T08:00",
        "link": "", "reach": "", "case": "",
    }  # fmt: skip
    browser = sign_in("mo")
    for name in given:
        answer = browser.post("/desk/opinion/", {**given, name: value})
        assert answer.status_code == 422 or answer["Location"] == "/desk/opinion/", name
    assert browser.get("/desk/opinion/").status_code == 200
    for row in Mention.objects.all():
        assert "\0" not in row.medium + row.link


@pytest.fixture
def matter(cast: Cast, media: Path) -> Iterator[Case]:
    make_case()
    with time_machine.travel(DUE, tick=False):
        periodic.open_due(now=DUE)
        keeping.keep(now=DUE)
        drafting.begin_owed(now=DUE)
        yield Case.objects.get(procedure="monthly_analysis", received_at=DUE)


@pytest.fixture
def writer(cast: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.wei)
    return client


@pytest.mark.parametrize("what", ["\0", "a\0b\x08\x0b\ufffec\u202e", "x" * 50_000, "\n" * 9000, "{{7*7}}#let x"])
def test_words_of_a_report_are_kept_and_printed_whatever_they_are(matter: Case, writer: Client, what: str) -> None:
    page = f"/desk/cases/{matter.reference}/reports/submit_analysis/"
    typed = {"analysis": what, "improvements": what}
    assert writer.post(page, {**typed, "do": "keep", "seen": "0"}).status_code == 200
    assert writer.get(page).status_code == 200
    for kind in ("pdf", "docx", "xlsx"):
        assert writer.get(f"{page}{kind}/").status_code == 200, kind
    for row in Written.objects.all():
        assert row.number == 1


@pytest.mark.parametrize("value", STRANGE)
def test_what_a_reports_form_carries_along_may_be_anything(matter: Case, writer: Client, value: str) -> None:
    page = f"/desk/cases/{matter.reference}/reports/submit_analysis/"
    for name in ("do", "seen", "figures"):
        typed = {"analysis": "a", "improvements": "b", "do": "save", "seen": "0", name: value}
        answer = writer.post(page, typed)
        assert answer.status_code in (409, 422) or "sign-in" not in answer["Location"], name
    typed = {"analysis": "a", "improvements": "b", "do": "hand-in", "seen": value, "figures": value}
    assert writer.post(page, typed).status_code in (302, 409, 422)
    assert writer.get(page, {"today": value}).status_code == 200
    assert Report.objects.filter(case=matter).exists()
