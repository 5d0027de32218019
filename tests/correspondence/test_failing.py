"""What reached nobody is an event of its case, and a duty to tell them in another way."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils.timezone import get_default_timezone
from django.utils.translation import override

from builders import after, do, make_case
from carried import carry
from cast import Cast
from ombud.cases.access.case_access import access_case
from ombud.cases.models import Duty, Event
from ombud.correspondence.models import Message
from ombud.interface.fact_text import fact_text
from ombud.notices.models import Notice

pytestmark = pytest.mark.django_db


def test_a_letter_that_reached_nobody_opens_a_duty_until_they_are_told(cast: Cast) -> None:
    case = make_case(email=None).case
    carry(now=after(1))
    carry(now=after(2))
    event = Event.objects.get(case=case, act="report_undelivered")  # once
    assert event.actor == "system"
    accessed = access_case(cast.lin, case.reference)
    field, told = accessed.state.program.pack.fields["undelivered"], accessed.state.facts["undelivered"]
    with override("zh-hans"):
        assert fact_text(field, told) == "受理提醒"
    with override("en"):
        assert fact_text(field, told) == "Acceptance notice", "each reads it in one language, their own"
    duty = Duty.objects.get(case=case, duty="tell_otherwise")
    # START is Tuesday 3 March 2026, 09:00; the end of the next working day:
    assert duty.due_at == datetime(2026, 3, 4, 18, tzinfo=get_default_timezone())
    assert duty.status == Duty.Status.OPEN
    case.refresh_from_db()
    do(case, "tell_otherwise", cast, "lin", minutes=30, data={"told_otherwise": "已致电"})
    duty.refresh_from_db()
    assert duty.status == Duty.Status.MET
    message = Message.objects.get(case=case)
    assert message.failed_seq == event.seq


def test_a_closed_case_takes_no_event_and_the_service_department_is_told(cast: Cast) -> None:
    case = make_case().case
    carry(now=after(5))
    do(case, "withdraw", cast, "complainant", minutes=10, data={})
    Notice.objects.all().delete()
    message = Message.objects.filter(case=case, is_out=True).latest("seq")
    Message.objects.filter(pk=message.pk).update(state=Message.State.FAILED)
    carry(now=after(11))
    assert not Event.objects.filter(case=case, act="report_undelivered").exists()
    assert Notice.objects.filter(case=case, kind="undelivered").exists()
    message.refresh_from_db()
    assert message.failed_seq == 0
