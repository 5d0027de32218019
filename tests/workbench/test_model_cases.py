"""The library of model cases: told without names, published by a second person, read by whoever works there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from builders import USUAL, do, make_case, make_history
from cast import POLICY, Cast
from ombud.cases.access.case_access import access_case
from ombud.cases.models import Case
from ombud.insight.model_cases import choosing
from ombud.insight.model_cases.choosing import ModelCaseError, Retold, StillNames
from ombud.insight.model_cases.models import ModelCase
from ombud.insight.reports import freezing, tables
from ombud.insight.reports.models import Frozen, Report
from ombud.insight.scopes import Scope
from ombud.insight.spans import Span
from shipped_packs import pack_of

pytestmark = pytest.mark.django_db
LIST = "/desk/model-cases/"
TOLD = {"kind": "bad", "title": "水壶漏水后拖了三天", "story": "门店没有登记就让人回家。", "lesson": "先登记，再解释。"}

SHARING = pack_of("overseas-customers").reports["case_sharing"]


@pytest.fixture
def case(cast: Cast) -> Case:
    case = make_case().case
    for act, who, minutes, data in USUAL:
        found = {"cause": "manufacture", "finding_notes": "王小明在三号柜台付款"} if act == "investigate" else {}
        do(case, act, cast, who, minutes=minutes, data={**data, **found})
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def browser(sign_in: Any, later: Any) -> Any:
    later(400)
    return sign_in


def proposed(cast: Cast, case: Case, by: str = "wei") -> ModelCase:
    person = cast.people[by]
    return choosing.propose(access_case(person, case.reference), Retold(**TOLD), by=person, now=case.closed_at)


def test_a_proposal_begins_with_the_words_of_the_case_without_names(cast: Cast, browser: Any, case: Case) -> None:
    page = browser("wei").get(f"/desk/cases/{case.reference}/model/").content.decode()
    assert "三号柜台付款" in page
    assert "王小明" not in page
    assert (
        f"/desk/cases/{case.reference}/model/" in browser("wei").get(f"/desk/cases/{case.reference}/").content.decode()
    )


@pytest.mark.parametrize("said", ["王小明来了", "138 0013 8000", "wang@example.com", "小王先生来了"])
def test_words_that_name_somebody_come_back_struck_out(cast: Cast, browser: Any, case: Case, said: str) -> None:
    answer = browser("wei").post(f"/desk/cases/{case.reference}/model/", {**TOLD, "story": f"当天，{said}。"})
    assert answer.status_code == 422
    assert "still names somebody" in answer.content.decode()
    assert "***" in answer.content.decode()
    assert said not in answer.content.decode()
    assert not ModelCase.objects.exists()


def test_a_second_person_publishes_it_and_then_it_is_read(cast: Cast, browser: Any, case: Case) -> None:
    answer = browser("wei").post(f"/desk/cases/{case.reference}/model/", TOLD)
    row = ModelCase.objects.get()
    assert answer.url == f"{LIST}{row.pk}/"
    address, seen = f"{LIST}{row.pk}/", row.written_at.isoformat()
    assert (row.cause, browser("deng").get(address).status_code) == ("manufacture", 404)
    assert "another person does" in browser("wei").get(address).content.decode()
    browser("wei").post(f"{address}decide/", {"what": "publish", "seen": seen})
    assert ModelCase.objects.get().status == "proposed"  # nobody approves what they wrote
    browser("mo").post(f"{address}decide/", {"what": "publish", "seen": seen})
    assert ModelCase.objects.get().status == "published"
    page = browser("deng").get(address).content.decode()
    assert "先登记，再解释。" in page
    assert case.reference not in page  # whoever may not see the case is not led to it
    assert browser("nobody").get(address).status_code == 404


def test_who_decides_is_told_what_waits_for_them(cast: Cast, browser: Any, case: Case) -> None:
    proposed(cast, case)
    assert "One waits for your approval" in browser("mo").get(LIST).content.decode()
    for name in ("wei", "chen"):  # who wrote it, and who decides nothing
        assert "waits for your approval" not in browser(name).get(LIST).content.decode(), name


def test_changed_words_are_not_published_unread(cast: Cast, browser: Any, case: Case) -> None:
    row = proposed(cast, case)
    address, seen = f"{LIST}{row.pk}/", row.written_at.isoformat()
    browser("wei").post(f"{address}words/", {**TOLD, "story": "另一个说法。"})
    browser("mo").post(f"{address}decide/", {"what": "publish", "seen": seen})
    assert ModelCase.objects.get().status == "proposed"


def test_declining_and_withdrawing_want_a_reason_and_leave_room_for_another(cast: Cast, case: Case) -> None:
    row = proposed(cast, case)
    with pytest.raises(ModelCaseError, match="twice"):
        proposed(cast, case)
    with pytest.raises(ModelCaseError, match="reason"):
        choosing.decline(row, reason=" ", by=cast.mo, now=row.written_at)
    choosing.decline(row, reason="太短", by=cast.mo, now=row.written_at)
    again = proposed(cast, case)
    choosing.publish(again, by=cast.mo, now=again.written_at)
    with pytest.raises(ModelCaseError, match="decided"):
        choosing.decline(again, reason="太短", by=cast.mo, now=again.written_at)
    choosing.withdraw(again, reason="已过时", by=cast.wei, now=again.written_at)
    assert sorted(ModelCase.objects.values_list("status", flat=True)) == ["declined", "withdrawn"]


def test_only_who_sees_every_case_chooses_and_only_what_is_over(cast: Cast, browser: Any, case: Case) -> None:
    assert browser("chen").get(f"/desk/cases/{case.reference}/model/").status_code == 403
    running = make_history(cast, "register", minutes=3)
    assert browser("wei").get(f"/desk/cases/{running.reference}/model/").status_code == 404
    row = proposed(cast, case)
    choosing.publish(row, by=cast.mo, now=row.written_at)
    sent = {"what": "withdraw", "reason": "x", "seen": row.written_at.isoformat()}
    assert browser("chen").post(f"{LIST}{row.pk}/decide/", sent).status_code == 403


def test_the_list_is_searched_and_narrowed(cast: Cast, browser: Any, case: Case) -> None:
    row = proposed(cast, case)
    choosing.publish(row, by=cast.mo, now=row.written_at)
    for query, number in (
        ({}, 1),
        ({"q": "没有登记"}, 1),
        ({"q": "没有登记 解释"}, 1),
        ({"q": "退款"}, 0),
        ({"kind": "good"}, 0),
        ({"policy": POLICY, "cause": "manufacture"}, 1),
        ({"policy": POLICY, "cause": "design"}, 0),
        ({"status": "proposed"}, 0),
    ):
        assert browser("deng").get(LIST, query).content.decode().count(TOLD["title"]) == number, query
    for strange in ({"kind": "x"}, {"policy": "x"}, {"cause": "manufacture"}, {"status": "x"}, {"cursor": "x"}):
        assert browser("deng").get(LIST, strange).status_code == 404


def test_the_list_takes_as_many_queries_for_two_as_for_one(cast: Cast, browser: Any, case: Case) -> None:
    chen, counts = browser("chen"), []
    for each in (case, make_history(cast, "follow_up", minutes=2)):
        row = proposed(cast, each)
        choosing.publish(row, by=cast.mo, now=row.written_at)
        chen.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            chen.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]


HOUR = timedelta(hours=1)


def told_in(report: Any, begin: datetime) -> list[str]:
    scope = Scope(reader=None, policy=POLICY, span=Span(begin=begin, end=begin + 2 * HOUR))
    return [each["lesson"] for each in freezing._model_cases(report, scope)]


def test_a_report_holds_what_the_library_took_in_within_its_period(cast: Cast, case: Case) -> None:
    row = proposed(cast, case)
    choosing.publish(row, by=cast.mo, now=row.written_at)
    assert told_in(SHARING, row.written_at - HOUR) == [TOLD["lesson"]]
    assert told_in(SHARING, row.written_at + HOUR) == []
    scope = Scope(reader=None, policy=POLICY, span=Span(begin=row.written_at - HOUR, end=row.written_at + HOUR))
    told = tables.model_cases(freezing._model_cases(SHARING, scope))
    assert [[cell.text for cell in line][1:3] for line in told.rows] == [[TOLD["story"], TOLD["lesson"]]]


@pytest.mark.parametrize(
    ("counted", "handed_in", "about", "is_told"),
    [
        (-1, -0.5, {}, True),  # published once the report was handed in, in what was left of its period
        (1, 1, {}, False),  # it was in that report
        (9, 9, {}, False),  # which was handed in after its period
        (-1, None, {}, False),  # that report will tell it
        (-1, -0.5, {"office": 7}, False),  # another office's
        (-1, -0.5, {"report": "monthly"}, False),  # or another report
    ],
)
def test_the_next_report_tells_what_was_published_after_the_last_one(
    cast: Cast, case: Case, counted: float, handed_in: float | None, about: dict[str, Any], is_told: bool
) -> None:
    row = proposed(cast, case)
    choosing.publish(row, by=cast.mo, now=row.written_at)
    begin = row.written_at + 2 * HOUR  # of the next report's period
    last = Report.objects.create(
        case=case,
        report=about.get("report", SHARING.id),
        act="minute",
        begun_at=row.written_at - HOUR,
        handed_in_at=None if handed_in is None else row.written_at + handed_in * HOUR,
    )
    span = {"begin": (begin - 24 * HOUR).isoformat(), "end": begin.isoformat()}
    Frozen.objects.create(
        report=last,
        number=1,
        as_of=row.written_at + counted * HOUR,
        content={**span, "department": None, "office": about.get("office")},
    )
    assert told_in(SHARING, begin) == [TOLD["lesson"]] * is_told


def test_it_goes_out_as_pdf(cast: Cast, browser: Any, case: Case) -> None:
    row = proposed(cast, case)
    choosing.publish(row, by=cast.mo, now=row.written_at)
    for address in (f"{LIST}?pdf=1", f"{LIST}{row.pk}/?pdf=1"):
        answer = browser("deng").get(address)
        assert answer["Content-Type"] == "application/pdf"
        assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_what_names_somebody_is_refused_by_the_command_too(cast: Cast, case: Case) -> None:
    accessed = access_case(cast.wei, case.reference)
    with pytest.raises(StillNames) as caught:
        choosing.propose(accessed, Retold(**{**TOLD, "title": "王小明的水壶"}), by=cast.wei, now=case.closed_at)
    assert "王小明" not in caught.value.without.title
