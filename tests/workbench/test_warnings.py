"""The page of early warnings: what is unusual, for whom, and what people say and mute there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from builders import USUAL, make_case, make_history
from cast import POLICY, Cast
from ombud.insight.alarms.models import Alarm, Mute

pytestmark = pytest.mark.django_db
PAGE = "/desk/warnings/"
FOUND = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)


def make_alarm(*, value: str = "web", days: int = 0, **overrides: Any) -> Alarm:
    found = FOUND + timedelta(days=days)
    given = {
        "policy": POLICY, "dimension": "channel", "value": value, "direction": "rise",
        "since": found - timedelta(days=7), "found_at": found, "seen_at": found, "span": "week", "days": 7,
        "observed": 23, "expected": 9.25, "limit": 18, "chance": 0.000123, "method": "ears",
        "weeks": [[8, None, None], [9, 8.5, 17], [23, 9.25, 18]],
    }  # fmt: skip
    return Alarm.objects.create(**{**given, **overrides})


def test_an_alarm_says_what_how_unusual_since_when_and_opens_its_examples(cast: Cast, sign_in: Any):
    case = make_case().case
    make_alarm(examples=[case.pk], clauses=["1.1.1"])
    page = sign_in("mo").get(PAGE).content.decode()
    assert "23 complaints within 7 days, about 9.2 to be expected" in page
    assert "by chance about once in 8,100 times" in page
    assert f"/desk/cases/{case.reference}/" in page
    assert "§ 1.1.1" in page
    assert page.count('class="fill-still"></rect>') == 2
    assert page.count('class="fill-warn"></rect>') == 1


def test_only_who_sees_every_case_of_the_policy_sees_its_alarms(cast: Cast, sign_in: Any):
    make_alarm()
    for who, is_shown in (("mo", True), ("ai", True), ("lin", True), ("deng", False), ("nobody", False)):
        assert ("23 complaints" in sign_in(who).get(PAGE).content.decode()) is is_shown, who


def test_what_was_done_is_written_down_once(cast: Cast, sign_in: Any):
    alarm, manager = make_alarm(), sign_in("mo")
    manager.post(f"{PAGE}{alarm.pk}/done/", {"words": "已通知门店下架该批次"})
    answer = manager.post(f"{PAGE}{alarm.pk}/done/", {"words": "另一件"}, follow=True).content.decode()
    assert "Nothing was changed" in answer
    assert "已通知门店下架该批次" in answer
    alarm.refresh_from_db()
    assert (alarm.done, alarm.done_by) == ("已通知门店下架该批次", cast.mo)


def test_what_was_done_in_its_matter_stands_beside_the_alarm_once_that_is_over(cast: Cast, sign_in: Any):
    over, under_way = make_history(cast, "follow_up"), make_history(cast, "propose")
    make_alarm(matter=over)
    make_alarm(value="hotline", matter=under_way)
    page = sign_in("lin").get(PAGE).content.decode()
    assert page.count("What is done about it") == 2
    assert page.count('<dl class="said">') == 1
    [said] = [data["measures"] for _act, _who, _minutes, data in USUAL if "measures" in data]
    assert said in page


def test_a_series_is_muted_until_a_day_with_a_reason(cast: Cast, sign_in: Any):
    alarm, manager, today = make_alarm(), sign_in("mo"), timezone.localdate()
    answer = manager.post(
        f"{PAGE}{alarm.pk}/mute/", {"until": f"{today + timedelta(days=9)}", "reason": "促销"}, follow=True
    )
    assert "促销" in answer.content.decode()
    row = Mute.objects.get()
    assert (row.policy, row.dimension, row.value, row.direction) == (POLICY, "channel", "web", "rise")
    assert (row.until, row.reason, row.by) == (today + timedelta(days=9), "促销", cast.mo)


@pytest.mark.parametrize(
    "given",
    [{}, {"until": "x", "reason": "a"}, {"until": "2020-01-01", "reason": "a"}, {"until": "9999-12-31", "reason": "a"}],
)
def test_what_cannot_be_muted_is_said(cast: Cast, sign_in: Any, given: dict[str, str]):
    alarm = make_alarm()
    assert sign_in("mo").post(f"{PAGE}{alarm.pk}/mute/", given).status_code == 422
    assert not Mute.objects.exists()


@pytest.mark.parametrize("act", ["mute", "done"])
@pytest.mark.parametrize("who", ["ai", "deng", "nobody"])
def test_who_only_looks_answers_nothing(cast: Cast, sign_in: Any, act: str, who: str):
    alarm = make_alarm()
    data = {"until": f"{timezone.localdate()}", "reason": "a", "words": "a"}
    assert sign_in(who).post(f"{PAGE}{alarm.pk}/{act}/", data).status_code == 404
    assert sign_in("mo").post(f"{PAGE}{alarm.pk + 1}/{act}/", data).status_code == 404


@pytest.mark.parametrize("query", [{"policy": "none"}, {"show": "all"}, {"cursor": "x"}, {"policy": "\0"}])
def test_what_there_is_not_is_not_there(cast: Cast, sign_in: Any, query: dict[str, str]):
    assert sign_in("mo").get(PAGE, query).status_code == 404


def test_what_is_over_stands_apart_and_goes_on_to_the_next_page(cast: Cast, sign_in: Any):
    for number in range(22):
        make_alarm(value=f"v{number}", days=number, ended_at=FOUND + timedelta(days=60))
    manager = sign_in("mo")
    assert "Nothing unusual" in manager.get(PAGE).content.decode()
    first = manager.get(PAGE, {"show": "over"})
    assert len(first.context["alarms"]) == 20
    assert len(manager.get(first.context["older"]).context["alarms"]) == 2


def test_however_many_alarms_there_are_the_queries_are_the_same(
    cast: Cast, sign_in: Any, django_assert_max_num_queries: Any
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    manager = sign_in("mo")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert manager.get(PAGE).status_code == 200
        return len(seen)

    make_alarm(examples=[make_case().case.pk])
    queries()
    few = queries()
    for number in range(8):
        make_alarm(value=f"v{number}", examples=[make_case(minutes=number).case.pk])
    assert queries() == few
