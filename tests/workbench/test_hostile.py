"""Addresses and forms as nobody fills them in: answered, and never with an error of ours."""

from __future__ import annotations

import pytest

from builders import START, make_history
from ombud.cases.access.case_access import unmask
from ombud.cases.models import Event, Recusal
from ombud.privacy.keys import key_of
from ombud.privacy.log import reason_of
from ombud.privacy.models import Access
from ombud.privacy.sealing import Vault

HUGE = "9" * 5000


SHOWN = (  # what is strange in them is not heard
    f"/desk/cases/?handler={'9' * 30}",
    f"/desk/cases/?handler={HUGE}",
    "/desk/cases/?department=-1",
    "/desk/cases/?phase=%00",
    "/desk/cases/?grade.severity=%00",
    "/desk/cases/?q=%00",
    "/desk/board/?policy=%00",
    "/desk/record/?policy=%00&channel=%00",
    "/desk/cases/?sort=due&cursor=999999999999999999-1",
    "/desk/cases/?cursor=12",
    "/desk/cases/?q=x&cursor=1-999999999999999999",
    "/desk/cases/?q=%EE%80%80q%27%22%2A&from=1900-01-01&to=2200-01-01&overdue=1",
    "/desk/cases/?from=0001-01-01",
    "/desk/board/?procedure=monthly_analysis",
    f"/desk/calendar/?year={HUGE}",
    "/desk/cases/?sort=nothing",
    "/desk/training/?cursor=x",
    f"/desk/training/?policy={HUGE}",
    f"/desk/performance/?cursor={HUGE}",
    f"/desk/performance/?person={HUGE}",
    f"/desk/periodic/?month={HUGE}",
    "/desk/periodic/?month=0000-01&policy=%00",
)
NOT_THERE = (
    "/desk/?cursor=x",
    "/desk/?cursor=1-1-1",
    "/desk/?cursor=999999999999999999-1",
    "/desk/?show=paused&cursor=x",
    "/desk/notices/?cursor=x",
    "/desk/policies/x%00/1/",
    "/desk/cases/%00/",
    "/desk/board/?open=7",
    "/desk/board/?procedure=nothing",
    f"/desk/board/?department={'9' * 30}",
    "/desk/board/?nothing=1",
    "/desk/matters/?sort=nothing",
    "/desk/matters/?cursor=x",
    "/desk/matters/?procedure=%00",
)


@pytest.mark.parametrize(
    ("address", "status"), [*((each, 200) for each in SHOWN), *((each, 404) for each in NOT_THERE)]
)
def test_an_address_that_nobody_was_given_is_no_error_of_ours(cast, sign_in, address, status):
    make_history(cast, "route")
    assert sign_in("lin").get(address).status_code == status


def test_a_duty_that_the_case_never_had_is_not_there(cast, sign_in):
    case = make_history(cast, "route")
    assert sign_in("lin").get(f"/desk/cases/{case.reference}/duties/nothing/1/").status_code == 404
    assert sign_in("lin").get(f"/desk/cases/{case.reference}/duties/nothing/{HUGE}/").status_code == 404


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"seen": HUGE}, 302),  # as if nothing had been seen, which nobody contradicts here
        ({"seen": "²"}, 302),
        ({"occurred": "0001-01-01T00:00"}, 422),
        ({"occurred": HUGE}, 422),
    ],
)
def test_what_a_form_never_sends_is_not_heard_or_refused(cast, sign_in, typed, status):
    case = make_history(cast, "route")
    sent = sign_in("lin").post(f"/desk/cases/{case.reference}/acts/note/", {"remark": "x", **typed})
    assert sent.status_code == status
    assert Event.objects.filter(case=case, act="note").count() == (status == 302)


def test_a_reason_with_what_no_database_keeps_is_a_reason(cast, sign_in):
    case = make_history(cast, "route")
    sent = sign_in("ai").post(f"/desk/cases/{case.reference}/unmask/", {"reason": "a \0 reason", "seen": HUGE})
    assert sent.status_code == 200
    vault = Vault(key_of(case.complainant), case.reference)
    assert reason_of(Access.objects.get(), vault) == "a  reason"


def test_who_looked_into_a_case_is_not_told_to_who_was_taken_out_of_it(cast, sign_in):
    case = make_history(cast, "route")
    unmask(cast.ai, case.reference, reason="抽查", now=START)
    assert case.reference in sign_in("mo").get("/desk/proof/").content.decode()
    Recusal.objects.create(case=case, person=cast.mo, reason="亲属", at=START)
    assert case.reference not in sign_in("mo").get("/desk/proof/").content.decode()
