"""Addresses and forms as nobody fills them in: answered, and never with an error of ours."""

from __future__ import annotations

import pytest

from builders import START, make_history
from ombud.cases.access.case_access import unmask
from ombud.cases.models import Recusal
from ombud.privacy.keys import key_of
from ombud.privacy.log import reason_of
from ombud.privacy.models import Access
from ombud.privacy.sealing import Vault

HUGE = "9" * 5000


@pytest.mark.parametrize(
    "address",
    [
        "/desk/?cursor=x",
        "/desk/?cursor=1-1-1",
        "/desk/?cursor=999999999999999999-1",
        "/desk/?show=paused&cursor=x",
        "/desk/notices/?cursor=x",
        f"/desk/cases/?handler={'9' * 30}",
        f"/desk/cases/?handler={HUGE}",
        "/desk/cases/?department=-1",
        "/desk/cases/?phase=%00",
        "/desk/cases/?grade.severity=%00",
        "/desk/cases/?q=%00",
        "/desk/board/?policy=%00",
        "/desk/record/?policy=%00&channel=%00",
        "/desk/policies/x%00/1/",
        "/desk/cases/%00/",
        "/desk/cases/?sort=due&cursor=999999999999999999-1",
        "/desk/cases/?cursor=12",
        "/desk/cases/?q=x&cursor=1-999999999999999999",
        "/desk/cases/?q=%EE%80%80q%27%22%2A&from=1900-01-01&to=2200-01-01&overdue=1",
        "/desk/cases/?from=0001-01-01",
        "/desk/board/?open=7",
        "/desk/board/?procedure=nothing",
        "/desk/board/?procedure=monthly_analysis",
        f"/desk/calendar/?year={HUGE}",
        f"/desk/board/?department={'9' * 30}",
        "/desk/board/?nothing=1",
        "/desk/cases/?sort=nothing",
        "/desk/matters/?sort=nothing",
        "/desk/matters/?cursor=x",
        "/desk/matters/?procedure=%00",
        "/desk/training/?cursor=x",
        f"/desk/training/?policy={HUGE}",
        f"/desk/performance/?cursor={HUGE}",
        f"/desk/performance/?person={HUGE}",
        f"/desk/periodic/?month={HUGE}",
        "/desk/periodic/?month=0000-01&policy=%00",
    ],
)
def test_an_address_that_nobody_was_given_is_no_error_of_ours(cast, sign_in, address):
    make_history(cast, "route")
    assert sign_in("lin").get(address).status_code in (200, 404)


def test_a_duty_that_the_case_never_had_is_not_there(cast, sign_in):
    case = make_history(cast, "route")
    assert sign_in("lin").get(f"/desk/cases/{case.reference}/duties/nothing/1/").status_code == 404
    assert sign_in("lin").get(f"/desk/cases/{case.reference}/duties/nothing/{HUGE}/").status_code == 404


@pytest.mark.parametrize("typed", [{"seen": HUGE}, {"seen": "²"}, {"occurred": "0001-01-01T00:00"}, {"occurred": HUGE}])
def test_what_a_form_never_sends_is_refused(cast, sign_in, typed):
    case = make_history(cast, "route")
    sent = sign_in("lin").post(f"/desk/cases/{case.reference}/acts/note/", {"remark": "x", **typed})
    assert sent.status_code in (302, 409, 422)


def test_a_reason_with_what_no_database_keeps_is_a_reason(cast, sign_in):
    case = make_history(cast, "route")
    sent = sign_in("ai").post(f"/desk/cases/{case.reference}/unmask/", {"reason": "a \0 reason", "seen": HUGE})
    assert sent.status_code in (200, 302)
    vault = Vault(key_of(case.complainant), case.reference)
    assert reason_of(Access.objects.get(), vault) == "a  reason"


def test_who_looked_into_a_case_is_not_told_to_who_was_taken_out_of_it(cast, sign_in):
    case = make_history(cast, "route")
    unmask(cast.ai, case.reference, reason="抽查", now=START)
    assert case.reference in sign_in("mo").get("/desk/proof/").content.decode()
    Recusal.objects.create(case=case, person=cast.mo, reason="亲属", at=START)
    assert case.reference not in sign_in("mo").get("/desk/proof/").content.decode()
