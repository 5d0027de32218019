"""What pages say of late entries."""

from __future__ import annotations

from builders import GRADES, after, make_case
from cast import Cast
from ombud.cases.commands import pass_time, perform


def test_a_late_entry_is_marked_and_a_duty_says_when_its_doing_was_entered(cast: Cast, sign_in):
    case = make_case().case
    address = f"/desk/cases/{case.reference}/"
    pass_time(case.pk, now=after(100))
    perform(case, "register", actor=cast.actor("lin"), at=after(50), now=after(100), data=GRADES)

    page = sign_in("lin").get(address).content.decode()

    assert ", entered" in page
    assert "entered late" not in page  # less than a day and a night

    note = {"remark": "called back"}
    done = perform(case, "note", actor=cast.actor("lin"), at=after(110), now=after(110 + 25 * 60), data=note)

    assert [each.code for each in done.reports] == ["backdated"]
    assert "entered late" in sign_in("lin").get(address).content.decode()
