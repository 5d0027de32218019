"""What is owed within the hour is told as it opens, to whoever chose to be told so, at night too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest

from builders import GRADES, after, do, make_case
from cast import Cast
from notices.alerts.ways import make_way
from ombud.cases.models import Duty, Recusal
from ombud.notices import opened, reading
from ombud.notices.alerts import sending
from ombud.notices.alerts.models import Alert, Way
from ombud.notices.models import Notice
from stand_in import StandIn

pytestmark = pytest.mark.django_db
CHOSEN: dict[str, Any] = {"topics": ["openings"], "quiet_from": time(0), "quiet_until": time(23, 59)}


@pytest.fixture
def server(settings: Any) -> Iterator[StandIn]:
    with StandIn() as stand_in:
        settings.OMBUD_OUTGOING_ALLOWED = [stand_in.url]
        yield stand_in


def test_a_duty_of_an_hour_is_told_at_once_and_once_to_who_chose_it(cast: Cast, server: StandIn) -> None:
    make_way(cast.lin, address=server.url, **CHOSEN)
    case = make_case().case
    assert opened.tell_opened(now=after(1)) == 1
    assert opened.tell_opened(now=after(2)) == 0
    sending.send(now=after(2))
    (call,) = server.calls
    assert call.content["text"]["content"].startswith("To be done within the hour: ")
    notice = Notice.objects.get(kind=Notice.Kind.OPENED)
    # Wei owes it too, and chose nothing.
    assert (notice.person, notice.case, notice.duty) == (cast.lin, case, "register")
    assert notice.due_at == after(60)
    assert reading.line_of(notice).tone == "warning"


def test_of_longer_duties_nobody_is_told_and_of_none_to_who_chose_other_topics(cast: Cast, server: StandIn) -> None:
    make_way(cast.lin, address=server.url, topics=["warnings"])
    case = make_case().case
    assert opened.tell_opened(now=after(1)) == 0
    way = Way.objects.get()
    way.topics = ["openings"]
    way.save()
    do(case, "register", cast, "lin", minutes=5, data=GRADES)
    do(case, "route", cast, "lin", minutes=6)
    opened.tell_opened(now=after(7))
    owed = Duty.objects.filter(case=case, status=Duty.Status.OPEN)
    longer = {row.duty for row in owed if row.due_at is None or row.due_at - row.opened_at > timedelta(hours=1)}
    assert longer
    assert not Notice.objects.filter(kind=Notice.Kind.OPENED, duty__in=longer).exists()


def test_what_was_done_meanwhile_and_what_opened_long_ago_is_not_told(cast: Cast, server: StandIn) -> None:
    make_way(cast.lin, address=server.url, **CHOSEN)
    case = make_case().case
    opened.tell_opened(now=after(1))
    do(case, "register", cast, "lin", minutes=2, data=GRADES)
    sending.send(now=after(3))
    assert server.calls == []
    assert Alert.objects.get().state == Alert.State.DROPPED
    make_case(minutes=10)
    assert opened.tell_opened(now=after(71)) == 0


def test_a_group_is_told_and_who_was_taken_out_of_the_case_is_not(cast: Cast, server: StandIn) -> None:
    make_way(None, address=server.url, policy="customer-complaints", role="agent", **CHOSEN)
    case = make_case().case
    Recusal.objects.create(case=case, person=cast.lin, reason="亲属", at=after(0))
    assert opened.tell_opened(now=after(1)) == 0
    make_case(minutes=1)
    assert opened.tell_opened(now=after(2)) == 1
