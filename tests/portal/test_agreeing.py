"""The privacy notice beside a complaint: agreed to as it was shown, kept on the case, asked for only where one is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from tests.portal.test_filing import STEPS, fill, send

from ombud.cases.models import Agreement, Case
from ombud.organisation import company
from ombud.organisation.models import NoticeVersion, Person

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def keeper(policy: object) -> Person:
    return Person.objects.create(username="mo", name="Mo")


def say(keeper: Person, **notice: str) -> str:
    """Let the company's notice be this and return its hash."""
    company.keep_house({"zh": "公司"}, {}, notice, pictures={}, by=keeper, now=AT)
    return company.notice_hash(company.house().notice)


def file(client: Client, here: str, **more: str) -> int:
    digest = client.get(f"{here}check/").context["draft"].digest
    return int(client.post(f"{here}send/", {"digest": digest, **more}).status_code)


def test_without_a_notice_nothing_is_asked_and_nothing_kept(client: Client, policy: object) -> None:
    assert send(client, fill(client, *STEPS)).status_code == 302
    assert Case.objects.count() == 1
    assert not Agreement.objects.exists()


def test_every_page_leads_to_the_notice_where_there_is_one(client: Client, keeper: Person) -> None:
    assert 'href="/privacy/"' not in client.get("/track/").content.decode()
    say(keeper, zh="我们这样处理您的信息。")
    assert client.get("/track/").content.decode().count('href="/privacy/"') == 1


def test_the_notice_is_agreed_to_and_kept_as_it_was(client: Client, keeper: Person) -> None:
    first = say(keeper, zh="我们这样处理您的信息。", en="This is how we treat your data.")
    here = fill(client, *STEPS)
    assert f'value="{first}" required' in client.get(f"{here}check/").content.decode()
    assert file(client, here) == 422
    assert file(client, here, agreed="\0") == 422
    assert not Case.objects.exists()
    assert file(client, here, agreed=first) == 302
    row = Agreement.objects.get()
    assert row.case == Case.objects.get()
    assert row.notice.hash == first
    assert row.language.lower().startswith("zh")
    say(keeper, zh="改了。")
    assert NoticeVersion.objects.get().texts["zh"] == "我们这样处理您的信息。"


def test_a_notice_that_was_changed_meanwhile_is_read_again(client: Client, keeper: Person) -> None:
    first = say(keeper, zh="旧的")
    here = fill(client, *STEPS)
    second = say(keeper, zh="新的")
    assert file(client, here, agreed=first) == 422
    assert not Case.objects.exists()
    assert file(client, here, agreed=second) == 302
    assert Agreement.objects.get().notice.hash == second


def test_sent_twice_is_agreed_to_once(client: Client, keeper: Person) -> None:
    said = say(keeper, zh="告知")
    here = fill(client, *STEPS)
    digest = client.get(f"{here}check/").context["draft"].digest
    for _ in range(2):
        assert client.post(f"{here}send/", {"digest": digest, "agreed": said}).status_code == 302
    assert Agreement.objects.count() == Case.objects.count() == 1
