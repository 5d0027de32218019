"""A tracking code issued anew: an event that says who did it and why, after which the old one opens nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from builders import after, assert_refolds, make_case, make_history
from cast import Cast
from ombud.cases import commands
from ombud.cases.access.case_access import access_case, exchange, grant_of
from ombud.cases.errors import Forbidden, NoSuchCase, ReasonMissing, Stale
from ombud.cases.keeping.erasure import erase
from ombud.cases.keeping.verify import problems_of
from ombud.cases.models import Case, Event
from ombud.cases.reading import queries
from ombud.correspondence import delivery, parcels, resending, unsettled, wording
from ombud.correspondence.models import Message

pytestmark = pytest.mark.django_db
WHY = "Called back at the number on file; knew order and date."


def test_only_the_new_code_opens_the_case_and_old_browsers_are_locked_out(cast: Cast) -> None:
    received = make_case()
    case, browser = received.case, grant_of(received.case)
    secret = commands.reissue(case, actor=cast.actor("lin"), reason=WHY, now=after(30))
    assert exchange(case.reference, secret, client="a", now=after(31)).reference == case.reference
    with pytest.raises(NoSuchCase):
        exchange(case.reference, received.secret, client="a", now=after(31))
    with pytest.raises(NoSuchCase):
        access_case(browser, case.reference)
    assert_refolds(Case.objects.get(pk=case.pk))


def test_the_log_says_who_and_why_and_the_complainant_sees_that_but_not_why(cast: Cast) -> None:
    case = make_case().case
    commands.reissue(case, actor=cast.actor("lin"), reason=WHY, now=after(30))
    row = Event.objects.get(case=case, act="reissue")
    assert (row.actor, row.role) == (cast.lin.key, "agent")
    assert WHY not in str(row.data)
    told = queries.timeline(access_case(cast.lin, case.reference))[-1]
    assert (told.title["en"], [each.value for each in told.facts]) == ("New tracking code issued", [WHY])
    public = queries.timeline(access_case(grant_of(Case.objects.get(pk=case.pk)), case.reference))[-1]
    assert (public.act, public.facts) == ("reissue", ())
    erase(case.complainant, now=after(40))
    gone = queries.timeline(access_case(cast.lin, case.reference))[-1]
    assert [each.is_erased for each in gone.facts] == [True]


def test_it_makes_nobodys_open_form_out_of_date(cast: Cast) -> None:
    case = make_history(cast, "register")
    commands.reissue(case, actor=cast.actor("lin"), reason=WHY, now=after(30))
    note = {"actor": cast.actor("lin"), "at": after(31), "now": after(31), "data": {"remark": "x"}}
    commands.perform(case, "note", seen=case.seq, **note)
    with pytest.raises(Stale):
        commands.perform(case, "note", seen=case.seq, **note)


def test_a_code_that_was_put_in_behind_the_registers_back_is_found(cast: Cast) -> None:
    case = make_case().case
    commands.reissue(case, actor=cast.actor("lin"), reason=WHY, now=after(30))
    assert problems_of(Case.objects.get(pk=case.pk)) == []
    Case.objects.filter(pk=case.pk).update(secret="0" * 64)
    assert problems_of(Case.objects.get(pk=case.pk)) == ["the tracking code is not the one that event 3 issued"]


def test_it_needs_a_reason_and_somebody_outside(cast: Cast) -> None:
    case = make_case().case
    with pytest.raises(ReasonMissing):
        commands.reissue(case, actor=cast.actor("lin"), reason=" \u200b", now=after(30))
    Case.objects.filter(pk=case.pk).update(secret="")
    with pytest.raises(Forbidden):
        commands.reissue(case, actor=cast.actor("lin"), reason=WHY, now=after(30))


def test_nobody_gets_a_code_for_an_erased_case(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    case = make_case(minutes=200).case
    lin, here = sign_in("lin"), f"/desk/cases/{case.reference}/code/"
    erase(case.complainant, now=after(210))
    assert here not in lin.get(f"/desk/cases/{case.reference}/").content.decode()
    assert (lin.get(here).status_code, lin.post(here, {"reason": WHY}).status_code) == (403, 403)
    with pytest.raises(Forbidden):  # erased between the page and the command
        commands.reissue(case, actor=cast.actor("lin"), reason=WHY, now=after(211))


def test_staff_issue_it_on_a_page_that_tells_it_until_they_sign_out(
    cast: Cast, sign_in: Callable[[str], Client]
) -> None:
    case = make_case(minutes=200).case
    lin, here = sign_in("lin"), f"/desk/cases/{case.reference}/code/"
    assert here in lin.get(f"/desk/cases/{case.reference}/").content.decode()
    assert lin.post(here, {"reason": ""}).status_code == 422
    told = lin.post(here, {"reason": WHY}, follow=True)
    secret = told.context["secret"]
    assert secret in lin.get(here).content.decode()
    assert secret not in lin.get(f"{here}?again").content.decode()
    assert exchange(case.reference, secret, client="a", now=after(215))
    assert sign_in("ai").get(here).status_code == 403  # the auditor acts on nothing
    assert here not in sign_in("ai").get(f"/desk/cases/{case.reference}/").content.decode()
    assert sign_in("chen").get(here).status_code == 404


def test_a_new_code_is_mailed_to_the_address_on_file_and_nobody_here_reads_it(
    cast: Cast, sign_in: Callable[[str], Client], settings: Any
) -> None:
    settings.OMBUD_SENDS_MAIL = True
    case, lin = make_history(cast, "register"), sign_in("lin")
    assert "Send a new code" in lin.get(f"/desk/cases/{case.reference}/code/").content.decode()
    assert lin.post(f"/desk/cases/{case.reference}/code/", {"send": "1", "reason": ""}).status_code == 422
    answer = lin.post(f"/desk/cases/{case.reference}/code/", {"send": "1", "reason": WHY}, follow=True)
    assert "A new code is on its way" in answer.content.decode()
    message = Message.objects.get(case=case, act="reissue")
    assert (message.state, wording.part(message, wording.ADDRESS)) == ("queued", "Wang@Example.com")
    code = str(wording.part(message, wording.CODE))
    (secret,) = re.findall(rf"/track/{case.reference}/([\w-]+)/", code)
    assert exchange(case.reference, secret, client="a", now=after(211)).reference == case.reference
    assert secret not in answer.content.decode()
    assert secret not in lin.get(f"/desk/cases/{case.reference}/code/").content.decode()


def test_a_code_told_by_word_of_mouth_is_announced_to_the_address_on_file_without_it(
    cast: Cast, sign_in: Callable[[str], Client], settings: Any
) -> None:
    """Whoever talked staff into it by saying who they are not is found out by the complainant."""
    settings.OMBUD_SENDS_MAIL = True
    case, lin = make_history(cast, "register"), sign_in("lin")
    here = f"/desk/cases/{case.reference}/code/"
    secret = lin.post(here, {"reason": WHY}, follow=True).context["secret"]
    message = Message.objects.get(case=case, act="reissue")
    assert (message.state, wording.part(message, wording.ADDRESS)) == ("queued", "Wang@Example.com")
    told = parcels.packed(message, now=after(212))
    assert "若不是您本人要求" in told.text
    assert secret not in told.text
    assert "原查询码已失效" in told.text


def test_without_an_address_no_code_is_mailed(cast: Cast, sign_in: Callable[[str], Client], settings: Any) -> None:
    settings.OMBUD_SENDS_MAIL = True
    case, lin = make_case(email=None).case, sign_in("lin")
    address = f"/desk/cases/{case.reference}/code/"
    assert "Send a new code" not in lin.get(address).content.decode()
    assert "no address on file" in lin.post(address, {"send": "1", "reason": WHY}, follow=True).content.decode()
    assert not Message.objects.filter(act="reissue").exists()


def test_a_mail_whose_code_is_gone_is_not_sent_again_without_it(
    cast: Cast, sign_in: Callable[[str], Client], settings: Any
) -> None:
    settings.OMBUD_SENDS_MAIL = True
    case = make_history(cast, "register")
    sign_in("lin").post(f"/desk/cases/{case.reference}/code/", {"send": "1", "reason": WHY})
    message = Message.objects.get(case=case, act="reissue")
    delivery.fail(message, "No such mailbox.", now=after(212))
    assert not resending.again(unsettled.MESSAGES, str(message.pk), by=cast.mo, now=after(213))
    message.refresh_from_db()
    assert message.state == Message.State.FAILED
