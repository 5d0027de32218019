"""Withdrawing: the complainant does it, staff record it with consent, and nothing overdue vanishes with it."""

from __future__ import annotations

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from builders import GRADES, after, assert_refolds, do, make_case
from carried import carry
from cast import Cast
from ombud.cases.access.case_access import access_case
from ombud.cases.commands import pass_time
from ombud.cases.errors import Refused
from ombud.cases.models import Case, Duty
from ombud.cases.reading import queries
from ombud.notices.models import Notice

pytestmark = pytest.mark.django_db
SAID = {"reason": "已经解决", "withdrawal_consent": "客户来电要求撤回"}


def withdrawn(cast: Cast, minutes: float, **data: Any) -> Case:
    """Return a case that Lin registered, whose dispatch is due after 90 minutes, and recorded as withdrawn."""
    case = make_case().case
    do(case, "register", cast, "lin", minutes=30, data=GRADES)
    do(case, "record_withdrawal", cast, "lin", minutes=minutes, data={**SAID, **data})
    return Case.objects.get(pk=case.pk)


def test_staff_cannot_withdraw_and_record_it_only_with_a_reason_and_the_consent(cast: Cast) -> None:
    case = make_case().case
    with pytest.raises(Refused) as refused:
        do(case, "withdraw", cast, "lin", minutes=5, data={"reason": "已经解决"})
    assert [each.code for each in refused.value.refusals] == ["role"]
    for missing in SAID:
        with pytest.raises(Refused) as refused:
            do(case, "record_withdrawal", cast, "lin", minutes=5, data={**SAID, missing: ""})
        assert [(each.code, each.field) for each in refused.value.refusals] == [("needs", missing)]
    do(case, "withdraw", cast, "complainant", minutes=6)
    assert Case.objects.get(pk=case.pk).phase == "withdrawn"


def test_the_boss_of_whoever_records_a_withdrawal_is_told(cast: Cast) -> None:
    case = withdrawn(cast, 60)
    carry(now=after(61))
    told = Notice.objects.filter(case=case, act="record_withdrawal", person__isnull=False)
    assert set(told.values_list("person__username", flat=True)) == {"wei"}
    assert_refolds(case)


def test_what_was_overdue_stays_in_lists_and_figures_after_a_withdrawal(cast: Cast) -> None:
    late, early = withdrawn(cast, 200), withdrawn(cast, 60)
    row = Duty.objects.get(case=late, duty="dispatch")
    assert (row.status, row.breached_at) == ("cancelled", after(90))
    wanted = queries.filters_from({"breached": "1"}, cast.wei)
    found = [line.case.reference for line in queries.register(cast.wei, now=after(300), filters=wanted).rows]
    assert found == [late.reference]
    assert Duty.objects.get(case=early, duty="dispatch").breached_at is None


def test_the_list_of_what_was_ever_overdue_knows_what_is_overdue_before_the_clock_does(cast: Cast) -> None:
    case = make_case().case
    wanted = queries.filters_from({"breached": "1"}, cast.wei)
    assert len(queries.register(cast.wei, now=after(59), filters=wanted).rows) == 0
    assert len(queries.register(cast.wei, now=after(95), filters=wanted).rows) == 1
    pass_time(case.pk, now=after(95))
    do(case, "register", cast, "lin", minutes=96, data=GRADES)
    assert len(queries.register(cast.wei, now=after(97), filters=wanted).rows) == 1


def test_the_case_page_says_that_a_cancelled_duty_was_overdue(cast: Cast) -> None:
    case = withdrawn(cast, 200)
    lines = {line.duty.duty: line for line in queries.duties(access_case(cast.wei, case.reference), now=after(201))}
    with translation.override("en"):
        context = {"case": case, "pack": None}
        late = render_to_string("workbench/_duty.html", {**context, "line": lines["dispatch"]})
        other = render_to_string("workbench/_duty.html", {**context, "line": lines["follow_up"]})
    assert "Cancelled, was overdue" in late
    assert "Cancelled" in other
    assert "was overdue" not in other
