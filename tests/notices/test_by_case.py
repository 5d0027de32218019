"""What somebody was told, case by case: who did what, what it decided, and what the reader owes by when."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from builders import after, do, make_case, make_history
from cast import Cast
from ombud.cases.access.case_access import access_case
from ombud.cases.reading.paging import NotOurs
from ombud.clock.tick import tick
from ombud.notices import by_case
from ombud.notices.models import Notice
from ombud.notices.reminding import remind

pytestmark = pytest.mark.django_db


def test_the_notices_of_a_case_stand_together_with_what_the_reader_owes_on_it(cast: Cast) -> None:
    case = make_history(cast, "route")
    tick(after(41))

    with override("en"):
        (group,) = by_case.notices_of(cast.chen).rows

    assert (group.case, group.subject) == (case, "电水壶漏水")
    assert [title["en"] for title, _due in group.owed] == ["Confirm receipt within 2 hours"]
    (told,) = group.told
    assert (told.who, told.role["en"]) == ("Lin", "Service agent")
    assert told.line.words == "Dispatch"


def test_an_answer_says_what_it_was(cast: Cast) -> None:
    make_history(cast, "answer")
    tick(after(241))

    found = [each for group in by_case.notices_of(cast.chen).rows for each in group.told]

    assert [(each.role["en"], each.outcome["en"]) for each in found if each.line.notice.act == "answer"] == [
        ("Complainant", "Accepted")
    ]


def test_what_is_overdue_names_who_owes_it_and_says_when_it_was_settled(cast: Cast) -> None:
    case = make_case().case
    tick(after(65))
    (told,) = [each for group in by_case.notices_of(cast.wei, show="due").rows for each in group.told]
    assert (told.bearer["en"], told.is_settled) == ("Service agent", False)

    do(case, "withdraw", cast, "complainant", minutes=70)
    (told,) = [each for group in by_case.notices_of(cast.wei, show="due").rows for each in group.told]
    assert told.is_settled


def test_filters_narrow_before_pages_and_an_unknown_one_is_an_error(cast: Cast) -> None:
    make_case()
    make_history(cast, "route")
    tick(after(65))
    make_case(minutes=1)
    tick(after(66))
    first = by_case.notices_of(cast.wei, limit=1)
    assert len(first.rows) == 1
    assert first.after
    found = [each.line.notice.kind for group in by_case.notices_of(cast.lin, show="due").rows for each in group.told]
    assert set(found) == {Notice.Kind.WARNING}
    with pytest.raises(NotOurs):
        by_case.notices_of(cast.lin, show="old")


def test_a_reminder_names_who_asks(cast: Cast) -> None:
    case = make_history(cast, "route")
    tick(after(41))
    Notice.objects.all().delete()
    remind(access_case(cast.wei, case.reference), "accept_work", by=cast.wei, now=after(45))

    (group,) = by_case.notices_of(cast.chen, show="acts").rows

    assert "Wei" in group.told[0].line.words
    assert not by_case.notices_of(cast.wei).rows


def test_any_number_of_notices_takes_the_same_queries(cast: Cast, django_assert_max_num_queries) -> None:
    for minute in range(4):
        make_case(minutes=minute)
    tick(after(70))
    by_case.notices_of(cast.wei)
    with django_assert_max_num_queries(12):
        by_case.notices_of(cast.wei)
