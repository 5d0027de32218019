"""What happened to an account is mailed to its owner; rules are kept by administrators and shown to overseers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from builders import after
from cast import POLICY, Cast
from ombud.clock.tick import TIDYING
from ombud.notices.alerts import account_mail
from ombud.notices.alerts.post import Post
from ombud.organisation.models import ADMINISTRATOR, Membership
from ombud.signin import factors, happenings, rules
from ombud.signin.models import CodeGenerator, Happening

pytestmark = pytest.mark.django_db
NOW = after(10)
HERE = "/desk/sign-in-rules/"


@pytest.fixture
def _post(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ombud.notices.alerts.post.post", lambda: Post("desk@example.com", mail.get_connection))


@pytest.mark.usefixtures("_post")
def test_what_happened_is_mailed_once_in_the_owners_language_and_says_who_did_it(cast: Cast) -> None:
    cast.lin.language = "en"
    cast.lin.save()
    happenings.note(cast.lin, Happening.Kind.PASSKEY_ADDED, now=NOW, about="my phone", by=cast.lin)
    happenings.note(cast.lin, Happening.Kind.RESET, now=NOW, by=cast.mo)
    happenings.note(cast.wei, Happening.Kind.PASSWORD, now=NOW, by=cast.wei)
    assert account_mail.send(now=NOW) == 3
    assert account_mail.send(now=NOW + timedelta(hours=1)) == 0
    own, others, unsaid = mail.outbox
    assert own.to == ["lin@example.com"]
    assert "A passkey was added (my phone). If this was not you" in own.body
    assert "it was Mo" in others.body
    assert "\u5bc6\u7801" in unsaid.body, "where nobody said what Wei reads, the installation's language"
    assert "/desk/sessions/" in others.body


def test_who_has_no_address_is_told_on_the_page_alone_and_old_news_is_not_sent(cast: Cast) -> None:
    cast.wei.email = ""
    happenings.note(cast.wei, Happening.Kind.PASSWORD, now=NOW, by=cast.wei)
    happenings.note(cast.lin, Happening.Kind.PASSWORD, now=NOW - timedelta(days=3), by=cast.lin)
    assert account_mail.send(now=NOW) == 0
    assert len(happenings.of(cast.wei)) == 1


def test_without_a_mail_server_it_is_tried_again_later(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ombud.notices.alerts.post.post", lambda: None)
    happenings.note(cast.lin, Happening.Kind.PASSWORD, now=NOW, by=cast.lin)
    assert [account_mail.send(now=NOW + timedelta(minutes=each)) for each in (0, 1, 5)] == [1, 0, 1]
    assert Happening.objects.get().sent_at is None


def test_what_happened_is_kept_for_two_years(cast: Cast) -> None:
    happenings.note(cast.lin, Happening.Kind.PASSWORD, now=NOW, by=cast.lin)
    assert TIDYING["happenings at accounts"](now=NOW + timedelta(days=729)) == 0
    assert TIDYING["happenings at accounts"](now=NOW + timedelta(days=731)) == 1


def browser(cast: Cast, who: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.people[who])
    return client


def test_administrators_say_which_roles_need_one(cast: Cast) -> None:
    Membership.objects.create(person=cast.lin, role=ADMINISTRATOR)
    Membership.objects.filter(person=cast.wei).update(role="supervisor")
    admin = browser(cast, "lin")
    page = admin.get(HERE)
    assert "0 of 10 people have a second factor" in page.content.decode()
    sent = {"own": ["/auditor"], POLICY: [f"{POLICY}/supervisor"]}
    assert admin.post(HERE, sent).status_code == 302
    assert rules.asked() == {"/auditor", f"{POLICY}/supervisor"}
    assert {name for name, person in cast.people.items() if factors.is_asked(person)} == {"ai", "wei"}
    assert admin.post(HERE, {"own": ["/nobody"]}).status_code == 422
    assert admin.post(HERE, {"own": ["/auditor"]}).status_code == 302
    assert rules.asked() == {"/auditor"}
    assert [change.content["roles"] for change in rules.history()] == [
        ["/auditor"], sorted({"/auditor", f"{POLICY}/supervisor"}),
    ]  # fmt: skip
    CodeGenerator.objects.create(person=cast.ai, secret={}, added_at=NOW)
    assert "1 of 10 people has a second factor" in admin.get(HERE).content.decode()


@pytest.mark.parametrize(("who", "reads"), [("mo", 200), ("ai", 200), ("wei", 403), ("nobody", 403)])
def test_overseers_read_them_and_nobody_else_changes_them(cast: Cast, who: str, reads: int) -> None:
    client: Any = browser(cast, who)
    assert client.get(HERE).status_code == reads
    assert client.post(HERE, {"own": ["/auditor"]}).status_code == 403
    assert client.get(f"{HERE}providers/").status_code == reads
    assert rules.asked() == set()
