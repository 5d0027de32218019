"""The outbox: everything that is to be told is told once, to whoever holds the role now."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from builders import START, after, make_case, make_history
from carried import carry
from cast import Cast
from ombud.cases import outbox
from ombud.cases.fold import folded
from ombud.cases.models import Case, Duty, Outbox, Recusal
from ombud.clock.sweep import sweep
from ombud.engine import Notification
from ombud.notices import by_case, reading
from ombud.notices.carrying import TOGETHER
from ombud.notices.models import Notice
from ombud.organisation.models import Membership
from ombud.organisation.staff import Roster
from ombud.policy.model.duties import Bearer

pytestmark = pytest.mark.django_db


def test_an_act_tells_the_roles_that_it_names_but_not_who_did_it(cast: Cast) -> None:
    make_history(cast, "route")
    carry(now=after(41))
    told = set(Notice.objects.filter(act="route", person__isnull=False).values_list("person__username", flat=True))
    assert "wei" in told
    assert "lin" not in told
    assert not Outbox.objects.filter(done_at=None).exists()


def test_carrying_twice_tells_once(cast: Cast) -> None:
    make_history(cast, "route")
    carry(now=after(41))
    number = Notice.objects.count()
    Outbox.objects.update(done_at=None)  # as if the process had died before it wrote this down
    carry(now=after(42))
    assert Notice.objects.count() == number


def test_however_much_is_to_be_told_the_statements_are_the_same_and_all_of_it_is_told(cast: Cast) -> None:
    def waiting(number: int) -> int:
        for _ in range(number):
            make_case()
        sweep(now=after(61))
        Outbox.objects.filter(kind=outbox.LETTER).delete()  # each is mailed on its own
        return Outbox.objects.filter(done_at=None).count()

    def statements(number: int) -> int:
        told = waiting(number)
        with CaptureQueriesContext(connection) as captured:
            assert carry(now=after(61)) == told < TOGETHER
        return len(captured)

    statements(1)  # what is kept once read
    assert statements(1) == statements(9)
    told = waiting(TOGETHER)
    assert carry(now=after(61)) == told > TOGETHER


def test_an_empty_role_is_told_through_its_boss_and_the_recused_are_not_told(cast: Cast) -> None:
    case = make_history(cast, "route")
    Membership.objects.filter(person=cast.wei).delete()
    Recusal.objects.create(case=case, person=cast.gao, reason="亲属", at=START)
    carry(now=after(41))
    assert not Notice.objects.filter(person__in=[cast.wei, cast.gao]).exists()


def test_where_nobody_whom_the_policy_means_is_left_the_managers_are_told_what_is_overdue(cast: Cast) -> None:
    case = make_case().case
    for person in (cast.lin, cast.wei, cast.gao):
        Recusal.objects.create(case=case, person=person, reason="亲属", at=START)
    sweep(now=after(61))
    carry(now=after(61))
    told = Notice.objects.filter(case=case, kind=Notice.Kind.BREACH)
    assert {row.person for row in told} == {cast.mo}


def test_notices_are_read_in_the_readers_words_and_counted_until_read(cast: Cast) -> None:
    case = make_history(cast, "route")
    carry(now=after(41))
    (group,) = by_case.notices_of(cast.wei).rows
    assert reading.unread_count(cast.wei) == len(group.told) > 0
    assert group.case == case
    assert group.told[0].line.words
    reading.mark_read(cast.wei, now=after(42))
    assert reading.unread_count(cast.wei) == 0


def test_notices_of_a_case_are_gone_for_who_was_taken_out_of_it_since(cast: Cast) -> None:
    case = make_history(cast, "route")
    carry(now=after(41))
    assert reading.unread_count(cast.wei) > 0
    Recusal.objects.create(case=case, person=cast.wei, reason="亲属", at=after(42))
    assert reading.unread_count(cast.wei) == 0
    assert by_case.notices_of(cast.wei).rows == ()


def test_whoever_holds_a_role_that_is_told_is_not_told_of_what_they_did_themselves(cast: Cast) -> None:
    wei = Membership.objects.get(person=cast.wei)
    Membership.objects.create(person=cast.lin, policy=wei.policy, role=wei.role, department=wei.department)
    make_history(cast, "route")
    carry(now=after(41))
    told = set(Notice.objects.filter(act="route", person__isnull=False).values_list("person__username", flat=True))
    assert "wei" in told
    assert "lin" not in told  # who did it


def _told(cast: Cast, why: str) -> Case:
    """Return a case of whose first open duty somebody is to be told, 23:00 in the evening, after their quiet time."""
    case = make_case().case
    state = folded(case)
    duty = next(view for view in state.duties() if view.status == "open")
    tell = Notification(
        to=Bearer(kind="role", name="supervisor"), department="service", why=why,
        at=int(after(14 * 60).timestamp()), not_before=int(after(22 * 60).timestamp()),
        duty=duty.duty, instance=duty.instance, rung=0,
    )  # fmt: skip
    case.seq += 1  # as if the rung had just been recorded
    rows = outbox.rows(case, [tell], state, Roster(case.policy), actors={}, now=after(14 * 60))
    Outbox.objects.bulk_create(rows)
    return case


def _heard(why: str) -> int:
    return Notice.objects.filter(kind=why, person__isnull=False).count()


@pytest.mark.parametrize("why", ["warning", "breach"])
def test_what_somebody_hears_in_their_quiet_time_is_carried_when_it_is_over(cast: Cast, why: str) -> None:
    _told(cast, why)
    carry(now=after(22 * 60 - 1))
    assert _heard(why) == 0
    carry(now=after(22 * 60))
    assert _heard(why) == 1
    assert Notice.objects.get(kind=why).at == after(14 * 60)  # when it was so, not when it was told


def test_a_warning_that_waited_is_dropped_once_the_duty_is_done_and_a_breach_is_not(cast: Cast) -> None:
    for why in ("warning", "breach"):
        case = _told(cast, why)
        Duty.objects.filter(case=case).update(status=Duty.Status.MET)
    carry(now=after(23 * 60))
    assert (_heard("warning"), _heard("breach")) == (0, 1)
    assert not Outbox.objects.filter(kind="tell", done_at=None).exists()
