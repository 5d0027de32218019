"""Links by which people choose a password: by mail, once, and nobody learns who has an account."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from builders import after
from cast import Cast
from ombud.notices.alerts import passwords
from ombud.notices.alerts.post import Post
from ombud.organisation import password_links
from ombud.organisation.models import Person
from ombud.organisation.password_mail import PasswordLink

NOW = after(10)
NEW = "quite another word 7"


@pytest.fixture
def _post(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ombud.notices.alerts.post.post", lambda: Post("desk@example.com", mail.get_connection))


def link_to(person: Person) -> str:
    """Send what waits for somebody, and return the link in the mail."""
    link = PasswordLink.objects.get(person=person, sent_at=None)
    passwords.deliver(link.pk, now=NOW)
    sent = mail.outbox[-1]
    assert sent.to == [person.email]
    found = re.search(r"/desk/password/\S+", sent.body)
    assert found, sent.body
    return found[0]


def choose(client: Client, link: str, password: str = NEW) -> Any:
    page = client.get(link, follow=True)
    if not page.redirect_chain:
        return page
    return client.post(page.redirect_chain[-1][0], {"new_password1": password, "new_password2": password})


@pytest.mark.usefixtures("_post")
def test_an_invitation_lets_somebody_in_once(cast: Cast) -> None:
    cast.lin.set_unusable_password()
    cast.lin.save()
    password_links.ask(cast.lin, by=cast.mo, now=NOW)
    link, client = link_to(cast.lin), Client()
    assert cast.lin.username in mail.outbox[-1].body
    assert "\u8d26\u53f7" in mail.outbox[-1].subject, "nobody said what Lin reads: in the installation's language"
    assert choose(client, link).status_code == 302
    assert Person.objects.get(pk=cast.lin.pk).check_password(NEW)
    again = choose(Client(), link)
    assert "password_forgotten" not in again.content.decode()
    assert "/desk/password/forgotten/" in again.content.decode()  # it works no more, and says how to go on


@pytest.mark.usefixtures("_post")
def test_a_weak_password_is_refused_in_words(cast: Cast) -> None:
    password_links.ask(cast.lin, by=cast.mo, now=NOW)
    answer = choose(Client(), link_to(cast.lin), "lin")
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Person.objects.get(pk=cast.lin.pk).check_password("lin")


@pytest.mark.usefixtures("_post")
def test_who_forgot_it_asks_by_name_or_address_and_hears_the_same_as_a_stranger(cast: Cast) -> None:
    said = set()
    for name in ("lin", "LIN@example.com", "stranger", "stranger@example.com"):
        answer = Client().post("/desk/password/forgotten/", {"name": name})
        said.add(answer.content.decode().partition('<div class="card">')[2].partition("</main>")[0])
    assert len(said - {""}) == 1
    assert PasswordLink.objects.get().person == cast.lin


def test_who_left_who_has_no_address_and_an_address_of_two_get_nothing(cast: Cast) -> None:
    Person.objects.filter(pk=cast.lin.pk).update(is_active=False)
    Person.objects.filter(pk=cast.wei.pk).update(email="")
    Person.objects.filter(pk__in=[cast.chen.pk, cast.zhou.pk]).update(email="both@example.com")
    for name in ("lin", "wei", "both@example.com"):
        assert Client().post("/desk/password/forgotten/", {"name": name}).status_code == 200
    assert not PasswordLink.objects.exists()


def test_one_address_asks_ten_times_an_hour(cast: Cast) -> None:
    client = Client()
    for number in range(12):
        client.post("/desk/password/forgotten/", {"name": ["lin", "wei", "chen"][number % 3] if number < 3 else "zhou"})
    assert set(PasswordLink.objects.values_list("person__username", flat=True)) == {"lin", "wei", "chen", "zhou"}
    PasswordLink.objects.all().delete()
    client.post("/desk/password/forgotten/", {"name": "lin"})
    assert not PasswordLink.objects.exists()


def test_asking_again_at_once_sends_nothing_more(cast: Cast) -> None:
    first = password_links.ask(cast.lin, by=None, now=NOW)
    PasswordLink.objects.update(sent_at=NOW)
    assert password_links.ask(cast.lin, by=None, now=NOW + timedelta(minutes=9)) == first
    assert password_links.ask(cast.lin, by=None, now=NOW + timedelta(minutes=11)) != first


def test_what_the_mail_server_refuses_is_tried_again_later_and_said(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = password_links.ask(cast.lin, by=cast.mo, now=NOW)
    monkeypatch.setattr("ombud.notices.alerts.post.post", lambda: None)
    assert passwords.send(now=NOW) == 1
    link.refresh_from_db()
    assert (link.sent_at, link.attempts, link.answer) == (None, 1, "no-post")
    assert passwords.send(now=NOW + timedelta(seconds=1)) == 0
    assert passwords.send(now=link.available_at) == 1


def test_one_changes_ones_own_and_is_signed_out_elsewhere(cast: Cast) -> None:
    cast.lin.set_password("a sound password")
    cast.lin.save()
    here, there = Client(), Client()
    for client in (here, there):
        assert client.login(username="lin", password="a sound password")
    given = {"old_password": "a sound password", "new_password1": NEW, "new_password2": NEW}
    assert here.post("/desk/password/", {**given, "old_password": "wrong"}).status_code == 200
    assert here.post("/desk/password/", given).status_code == 302
    assert here.get("/desk/").status_code in (200, 302)
    assert here.get(reverse("desk_register")).status_code == 200
    assert there.get(reverse("desk_register")).status_code == 302
    assert Client().get("/desk/password/").status_code == 302
