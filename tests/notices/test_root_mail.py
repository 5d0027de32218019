"""Daily roots by mail: to whom managers choose, each once, and nobody else changes who that is."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from builders import START, after, make_case
from cast import Cast
from ombud.cases.keeping import daily_roots, verifications
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import DailyRecord, Verification
from ombud.notices import root_mail
from ombud.notices.models import RootMail, RootReceiver
from ombud.organisation.models import Change

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _sends(settings: Any) -> None:
    settings.OMBUD_SENDS_MAIL = True


def chosen(cast: Cast) -> RootReceiver:
    return root_mail.add(email="A.Notary@example.org", name="Notary", language="en", by=cast.mo, now=START)


def test_each_root_leaves_once_with_those_since_the_last_mail(cast: Cast) -> None:
    make_case()
    daily_roots.make_root(now=START)
    chosen(cast)
    assert root_mail.send(now=START) == 1
    assert root_mail.send(now=after(1)) == 0
    for day in (1, 2):
        make_case(minutes=day)
        daily_roots.make_root(now=START + day * DAY)
    assert root_mail.send(now=START + 2 * DAY) == 1
    first, second = mail.outbox
    assert first.to == ["a.notary@example.org"]
    roots = [json.loads(line) for line in daily_roots.export()]
    assert roots[-1]["root"] in second.body
    files = [each.attachments[0][1] for each in (first, second)]
    assert [len(each.splitlines()) for each in files] == [1, 2]
    assert verify_all("".join(files).splitlines())["problems"] == []


def test_what_does_not_leave_is_tried_again_and_says_why(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    make_case()
    daily_roots.make_root(now=START)
    chosen(cast)
    monkeypatch.setattr(root_mail.post, "post", lambda: None)
    assert root_mail.send(now=START) == 0
    assert RootMail.objects.get().failure == "NoPost"
    monkeypatch.undo()
    assert root_mail.send(now=after(1)) == 0  # not yet
    assert root_mail.send(now=after(10)) == 1
    assert (RootMail.objects.get().failure, RootMail.objects.get().attempts) == ("", 2)


@pytest.mark.parametrize(("email", "name", "code"), [("x", "N", "address"), ("a@example.org", " ", "name")])
def test_who_is_added_has_an_address_and_a_name(cast: Cast, email: str, name: str, code: str) -> None:
    with pytest.raises(root_mail.RootMailError, match=code):
        root_mail.add(email=email, name=name, language="en", by=cast.mo, now=START)


def test_nobody_is_added_twice_and_who_is_taken_out_gets_no_more(cast: Cast) -> None:
    row = chosen(cast)
    with pytest.raises(root_mail.RootMailError, match="known"):
        chosen(cast)
    root_mail.end(row, by=cast.mo, now=after(1))
    make_case()
    daily_roots.make_root(now=after(2))
    assert root_mail.send(now=after(3)) == 0
    assert [each.content is None for each in Change.objects.filter(kind=root_mail.CHANGE)] == [False, True]
    assert chosen(cast).pk != row.pk


def test_managers_choose_on_the_page_proof_and_auditors_see(cast: Cast, client: Client) -> None:
    given = {"email": "notary@example.org", "name": "Notary", "language": "en"}
    client.force_login(cast.ai)
    assert client.post("/desk/proof/mail/", given).status_code == 403
    client.force_login(cast.mo)
    client.post("/desk/proof/mail/", given)
    row = RootReceiver.objects.get()
    assert (row.email, row.added_by) == ("notary@example.org", cast.mo)
    make_case()
    daily_roots.make_root(now=START)
    root_mail.send(now=START)
    client.force_login(cast.ai)
    page = client.get("/desk/proof/").content.decode()
    assert "notary@example.org" in page
    assert client.post(f"/desk/proof/mail/{row.pk}/end/").status_code == 403
    client.force_login(cast.mo)
    client.post(f"/desk/proof/mail/{row.pk}/end/")
    row.refresh_from_db()
    assert row.ended_by == cast.mo


def test_what_a_verification_found_is_under_the_next_root(cast: Cast) -> None:
    make_case()
    verifications.record(verify_all(), begun_at=START)
    daily_roots.make_root(now=START + DAY)
    assert DailyRecord.objects.filter(kind="verified").count() == 1
    assert verify_all()["problems"] == []
    Verification.objects.update(problems=3)
    (problem,) = verify_all()["problems"]
    assert problem.startswith("verified ")
