"""The page of a person's data: what is found, the package, asking for the erasure; for whom the pack names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from builders import after, make_history, publish_policy
from cast import Cast
from ombud.cases.access.case_access import access_case
from ombud.cases.commands import perform
from ombud.cases.keeping import erasure_requests
from ombud.cases.models import Case, ErasureRequest
from ombud.cases.references import shown
from ombud.channels.intake import receive
from ombud.engine.model import COMPLAINANT_ACTOR
from ombud.organisation.models import Department, Membership
from ombud.papers import case_files
from ombud.papers.models import CaseFile

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
POLICY = "data-protection"


@pytest.fixture
def asked(cast: Cast) -> Case:
    publish_policy(POLICY)
    desk = Department.objects.get(policy=POLICY, key="privacy")
    Membership.objects.create(person=cast.deng, policy=POLICY, role="agent", department=desk)
    data = {"subject": "删除我的信息", "right": "erasure", "name": "王小明", "email": "wang@example.com"}
    at = after(200)
    return receive(POLICY, channel="web", language="zh", data=data, actor=COMPLAINANT_ACTOR, at=at, now=at).case


def confirm(cast: Cast, case: Case) -> None:
    for minutes, act, data in (
        (201, "register", {"right": "erasure", "law": "pipl", "name": "王小明"}),
        (202, "identify", {"identity_check": "document"}),
    ):
        actor = access_case(cast.deng, case.reference).actors[0]
        perform(case, act, actor=actor, at=after(minutes), now=after(minutes), data=data)


def test_what_is_ticked_is_packed_or_asked_to_be_erased(cast: Cast, sign_in: SignIn, asked: Case, media: Path) -> None:
    theirs = make_history(cast, "route")
    page, agent = f"/desk/cases/{asked.reference}/person/", sign_in("deng")
    assert page in agent.get(f"/desk/cases/{asked.reference}/").content.decode()
    listed = agent.get(page).content.decode()
    assert theirs.reference in listed
    assert "same e-mail address" in listed
    assert "Make the package" not in listed
    for do in ("package", "erase"):
        refused = agent.post(page, {"do": do, "case": theirs.reference}, follow=True).content.decode()
        assert "First confirm who asks" in refused
    assert not CaseFile.objects.exists()
    confirm(cast, asked)
    assert "A document was seen" in agent.get(page).content.decode()
    made = agent.post(page, {"do": "package", "case": theirs.reference}, follow=True).content.decode()
    assert "Is being made" in made
    assert case_files.make_waiting(now=after(211)) == 1
    ready = agent.get(page).content.decode()
    (address,) = [part.split('"')[0] for part in ready.split('href="') if part.startswith(page) and ".zip" in part]
    sent = agent.get(address)
    assert sent["Content-Type"] == "application/zip"
    assert b"".join(sent.streaming_content).startswith(b"PK")
    assert "tick the cases" in agent.post(page, {"do": "erase"}, follow=True).content.decode()
    assert (
        "A manager decides" in agent.post(page, {"do": "erase", "case": theirs.reference}, follow=True).content.decode()
    )
    assert ErasureRequest.objects.get().reference == theirs.reference
    assert theirs.reference in sign_in("mo").get("/desk/erasures/").content.decode()


def test_others_do_not_find_it(cast: Cast, sign_in: SignIn, asked: Case) -> None:
    theirs = make_history(cast, "route")
    page = f"/desk/cases/{asked.reference}/person/"
    for who, status in (("mo", 403), ("ai", 403), ("lin", 404), ("nobody", 404)):
        assert sign_in(who).get(page).status_code == status, who
        assert sign_in(who).post(page, {"case": theirs.reference}).status_code == status, who
    assert sign_in("lin").get(f"/desk/cases/{theirs.reference}/person/").status_code == 403
    stranger = make_history(cast, "route", email="li@example.com", phone="13911112222")
    confirm(cast, asked)
    assert sign_in("deng").post(page, {"case": stranger.reference}).status_code == 404


def test_the_page_marks_what_was_asked_to_be_erased_declined_and_erased(
    cast: Cast, sign_in: SignIn, asked: Case
) -> None:
    theirs, other = make_history(cast, "route"), make_history(cast, "route")
    page, agent = f"/desk/cases/{asked.reference}/person/", sign_in("deng")
    confirm(cast, asked)
    assert "Erasure asked for" not in agent.get(page).content.decode()
    agent.post(page, {"do": "erase", "case": [theirs.reference, other.reference]})
    assert agent.get(page).content.decode().count("Erasure asked for") == 2
    first, second = ErasureRequest.objects.order_by("pk")
    erasure_requests.reject(second, by=cast.mo, now=after(205))
    erasure_requests.approve(first, by=cast.mo, now=after(206))
    told = agent.get(page).content.decode()
    assert "Erasure asked for" not in told
    assert told.count("Erasure declined") == 1
    assert "Erased for this request" in told
    assert shown(first.reference) in told
    assert f'value="{first.reference}"' not in told, "nothing of it can be handed out any more"
