"""How people are told outside the browser, set on pages: their own ways, and those of groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail

from notices.alerts.ways import make_way
from ombud.notices.alerts import addresses
from ombud.notices.alerts.models import Way
from ombud.organisation.models import Change, Person
from stand_in import StandIn

pytestmark = pytest.mark.django_db

TYPED = {
    "kind": "wecom",
    "topics": ["acts", "breaches"],
    "rhythm": "daily",
    "at": "09:00",
    "weekday": "0",
    "quiet_from": "22:00",
    "quiet_until": "07:00",
    "tz": "Asia/Shanghai",
    "language": "en",
}


@pytest.fixture
def server(settings: Any) -> Iterator[StandIn]:
    with StandIn() as stand_in:
        settings.OMBUD_OUTGOING_ALLOWED = [stand_in.url]
        yield stand_in


def test_a_way_is_added_tried_changed_turned_off_and_taken_away(cast: Any, sign_in: Any, server: StandIn) -> None:
    chen = sign_in("chen")
    assert "How I am told" in chen.get("/desk/notices/").content.decode()
    address = f"{server.url}/send?key=0123456789abcdef"
    assert chen.post("/desk/notices/ways/", {**TYPED, "address": address}).status_code == 302
    way = Way.objects.get()
    assert (way.person, way.topics, way.rhythm) == (cast.chen, ["acts", "breaches"], "daily")
    assert addresses.of(way)[0] == address

    url = f"/desk/notices/ways/{way.pk}/"
    page = chen.post(url, {"do": "test"}, follow=True).content.decode()
    assert "The service answered: 200" in page
    assert "0123456789abcdef" not in page
    assert "A test from the complaint desk" in server.calls[0].content["text"]["content"]

    server.answers = [(200, '{"errcode": 93000, "errmsg": "invalid webhook url"}', {})]
    assert "invalid webhook url" in chen.post(url, {"do": "test"}, follow=True).content.decode()

    assert chen.post(url, {**TYPED, "address": "", "rhythm": "now"}).status_code == 302
    way.refresh_from_db()
    assert (way.rhythm, addresses.of(way)[0]) == ("now", address)
    chen.post(url, {"do": "switch"})
    assert Way.objects.get().is_on is False
    chen.post(url, {"do": "remove"})
    assert not Way.objects.exists()
    log = Change.objects.filter(kind="way", key=str(way.pk))
    assert [row.content is None for row in log] == [False, False, False, True]
    assert "0123456789abcdef" not in str([row.content for row in log])


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"address": "https://qyapi.weixin.qq.com.example.invalid/"}, "Nobody is found"),
        ({"address": "https://127.0.0.1/"}, "private network"),
        ({"address": "http://example.com/"}, "https://"),
        ({"address": "qyapi"}, "no address such as"),
        ({"kind": "mail", "address": "nobody"}, "no e-mail address"),
        ({"kind": "carrier pigeon"}, "carrier pigeon"),
        ({"quiet_until": ""}, "Quiet hours have a beginning and an end"),
        ({"topics": []}, "required"),
        ({"tz": "Mars/Olympus"}, "Mars/Olympus"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(sign_in: Any, changed: Any, words: str) -> None:
    answer = sign_in("chen").post("/desk/notices/ways/", {**TYPED, "address": "https://127.0.0.1/", **changed})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Way.objects.exists()


def test_nobody_reaches_anothers_way(cast: Any, sign_in: Any) -> None:
    way = make_way(cast.chen, Way.Kind.MAIL, "chen@example.com")
    for who in ("lin", "mo"):
        for data in ({"do": "test"}, {"do": "remove"}, {**TYPED, "address": ""}):
            assert sign_in(who).post(f"/desk/notices/ways/{way.pk}/", data).status_code == 404
        assert addresses.hint(way) not in sign_in(who).get("/desk/notices/ways/").content.decode()
    assert mail.outbox == []


def test_managers_set_the_ways_of_groups_and_nobody_else(cast: Any, sign_in: Any, server: StandIn) -> None:
    given = {**TYPED, "address": server.url, "whose": "customer-complaints|department|quality"}
    assert sign_in("lin").get("/desk/notices/ways/groups/").status_code == 403
    assert sign_in("lin").post("/desk/notices/ways/groups/", given).status_code == 403
    manager = sign_in("mo")
    assert manager.post("/desk/notices/ways/groups/", given).status_code == 302
    way = Way.objects.get()
    assert (way.person, way.policy, way.department.key) == (None, "customer-complaints", "quality")
    page = manager.get("/desk/notices/ways/groups/").content.decode()
    assert "Quality control" in page
    assert sign_in("lin").get(f"/desk/notices/ways/{way.pk}/").status_code == 404
    changed = {**given, "address": "", "whose": "customer-complaints|role|management"}
    assert manager.post(f"/desk/notices/ways/{way.pk}/", changed).status_code == 302
    way.refresh_from_db()
    assert (way.department, way.role) == (None, "management")


def test_tests_are_counted_so_that_nobody_floods_an_address(cast: Any, sign_in: Any) -> None:
    way = make_way(cast.chen, Way.Kind.MAIL, "somebody@example.com")
    chen = sign_in("chen")
    pages = [chen.post(f"/desk/notices/ways/{way.pk}/", {"do": "test"}, follow=True) for _ in range(11)]
    assert len(mail.outbox) == 10
    assert "wait an hour" in pages[-1].content.decode()


def test_mail_is_offered_where_there_is_a_mail_server_and_the_own_address_stands_there(
    cast: Any, sign_in: Any, settings: Any
) -> None:
    chen = sign_in("chen")
    page = chen.get("/desk/notices/ways/").content.decode()
    assert Person.objects.get(username="chen").email in page
    assert 'value="mail"' in page
    settings.OMBUD_SENDS_MAIL = False
    assert 'value="mail"' not in chen.get("/desk/notices/ways/").content.decode()
