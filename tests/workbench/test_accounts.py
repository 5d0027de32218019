"""Mailboxes and accounts of providers are kept from a page; their secrets are never shown again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

import post_offices
from cast import Cast
from ombud.channels.registry import PROVIDERS
from ombud.correspondence import accounts
from ombud.correspondence.models import Account
from ombud.organisation.models import Change, Membership, Person
from provider_server import ProviderServer

pytestmark = pytest.mark.django_db

FILLED: dict[str, Any] = {
    "title": "Kettle care", "address": "complaints@example.com", "channel": "customer-complaints/email", "office": "",
    "takes_in": "on", "by_itself": "on", "sends": "on", "is_active": "on", "user": "", "auth": "password",
    "password": "wonderful-secret", "imap_host": "imap.example.com", "imap_port": "", "imap_security": "tls",
    "folder": "INBOX", "smtp_host": "smtp.example.com", "smtp_port": "", "smtp_security": "tls", "provider": "",
    "tenant": "", "client_id": "", "client_secret": "", "refresh_token": "",
}  # fmt: skip


@pytest.fixture
def boss(cast: Cast, client: Client) -> Client:
    person = Person.objects.create(username="boss", name="Boss")
    Membership.objects.create(person=person, policy="", role="manager")
    client.force_login(person)
    return client


def test_a_mailbox_is_entered_and_its_password_never_shown_again(boss: Client) -> None:
    assert boss.get("/desk/accounts/").status_code == 200
    assert boss.post("/desk/accounts/new/", FILLED).status_code == 302
    account = Account.objects.get()
    assert (account.policy, account.channel, account.kind) == ("customer-complaints", "email", "mail")
    assert accounts.secrets_of(account) == {"password": "wonderful-secret"}
    shown = boss.get(f"/desk/accounts/{account.key}/").content.decode() + boss.get("/desk/accounts/").content.decode()
    kept = str(account.secrets) + str(Change.objects.get(kind="account").content)
    assert "wonderful-secret" not in shown + kept
    assert boss.post(f"/desk/accounts/{account.key}/", {**FILLED, "password": "", "title": "Care"}).status_code == 302
    account.refresh_from_db()
    assert account.title == "Care"
    assert accounts.secrets_of(account) == {"password": "wonderful-secret"}
    assert Change.objects.filter(kind="account").count() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"imap_host": ""}, "imap_host"),
        ({"imap_security": "none"}, "imap_security"),
        ({"address": "nobody"}, "address"),
        ({"auth": "oauth2"}, "provider"),
        ({"channel": "customer-complaints/web"}, "channel"),
        ({"smtp_port": "70000"}, "smtp_port"),
    ],
)
def test_what_cannot_work_is_refused_at_its_field(boss: Client, wrong: dict[str, str], field: str) -> None:
    answer = boss.post("/desk/accounts/new/", {**FILLED, **wrong})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not Account.objects.exists()


def test_the_test_says_what_the_servers_answer(boss: Client) -> None:
    with post_offices.in_memory() as office:
        here = {"imap_host": "127.0.0.1", "imap_port": office.imap_port, "imap_security": "none"}
        there = {"smtp_host": "127.0.0.1", "smtp_port": post_offices.free_port(), "smtp_security": "none"}
        boss.post("/desk/accounts/new/", {**FILLED, "address": post_offices.USER, **here, **there})
        account = Account.objects.get()
        answer = boss.post(f"/desk/accounts/{account.key}/test/", follow=True)
    said = [(message.level_tag, str(message)) for message in answer.context["messages"]]
    assert [level for level, _words in said][-2:] == ["success", "error"]
    assert "refused" in said[-1][1].lower()


def test_agents_keep_no_mailboxes(cast: Cast, client: Client) -> None:
    client.force_login(cast.lin)
    for address in ("/desk/accounts/", "/desk/accounts/new/"):
        assert client.get(address).status_code == 403
    assert client.post("/desk/accounts/new/", FILLED).status_code == 403
    assert not Account.objects.exists()


MESSAGES: dict[str, Any] = {
    "title": "Our LINE", "address": "@kettle", "channel": "customer-complaints/social", "office": "", "asks": "on",
    "sends": "on", "is_active": "on", "channel_secret": "wonderful-secret", "token": "another-secret", "api": "",
    "data_api": "",
}  # fmt: skip


def test_an_account_of_a_provider_shows_its_hook_and_never_its_secrets(boss: Client) -> None:
    assert "LINE" in boss.get("/desk/accounts/").content.decode()
    assert boss.get("/desk/accounts/new/?kind=line").status_code == 200
    assert boss.post("/desk/accounts/new/?kind=line", MESSAGES).status_code == 302
    account = Account.objects.get()
    assert (account.kind, account.channel, account.files, account.takes_in) == ("line", "social", True, True)
    assert accounts.secrets_of(account) == {"channel_secret": "wonderful-secret", "token": "another-secret"}
    shown = boss.get(f"/desk/accounts/{account.key}/").content.decode()
    assert f"/hooks/{account.key}/" in shown
    assert "wonderful-secret" not in shown + str(Change.objects.get(kind="account").content)
    kept = {**MESSAGES, "channel_secret": "", "token": "", "title": "LINE"}
    assert boss.post(f"/desk/accounts/{account.key}/", kept).status_code == 302
    account.refresh_from_db()
    assert (account.title, len(accounts.secrets_of(account))) == ("LINE", 2)


def test_kept_secrets_are_not_told_to_another_server(boss: Client) -> None:
    boss.post("/desk/accounts/new/?kind=line", MESSAGES)
    account = Account.objects.get()
    moved = {**MESSAGES, "channel_secret": "", "token": "", "api": "https://elsewhere.example"}
    answer = boss.post(f"/desk/accounts/{account.key}/", moved)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"channel_secret", "token"}
    typed = {**moved, "channel_secret": "wonderful-secret", "token": "a-new-one"}
    assert boss.post(f"/desk/accounts/{account.key}/", typed).status_code == 302
    account.refresh_from_db()
    assert (account.options["api"], accounts.secrets_of(account)["token"]) == ("https://elsewhere.example", "a-new-one")
    kept = {**typed, "channel_secret": "", "token": "", "title": "LINE"}
    assert boss.post(f"/desk/accounts/{account.key}/", kept).status_code == 302


def test_the_password_of_a_mailbox_is_not_told_to_another_server(boss: Client) -> None:
    boss.post("/desk/accounts/new/", FILLED)
    account = Account.objects.get()
    moved = {**FILLED, "password": "", "imap_host": "imap.elsewhere.example"}
    answer = boss.post(f"/desk/accounts/{account.key}/", moved)
    assert (answer.status_code, [*answer.context["form"].errors]) == (422, ["password"])
    assert boss.post(f"/desk/accounts/{account.key}/", {**moved, "password": "typed anew"}).status_code == 302


def test_the_servers_whose_word_on_senders_counts_are_kept_as_names(boss: Client) -> None:
    assert (
        boss.post(
            "/desk/accounts/new/", {**FILLED, "trusted_servers": " MX.example.com， mx2.example.com;"}
        ).status_code
        == 302
    )
    account = Account.objects.get()
    assert account.options["trusted_servers"] == ["mx.example.com", "mx2.example.com"]
    assert "mx.example.com, mx2.example.com" in boss.get(f"/desk/accounts/{account.key}/").content.decode()
    answer = boss.post(f"/desk/accounts/{account.key}/", {**FILLED, "trusted_servers": "mx.example.com/<b>"})
    assert (answer.status_code, [*answer.context["form"].errors]) == (422, ["trusted_servers"])


@pytest.mark.parametrize("kind", [kind for kind in PROVIDERS if kind != "webhook"])
def test_every_provider_says_what_is_missing(boss: Client, kind: str) -> None:
    answer = boss.post(f"/desk/accounts/new/?kind={kind}", {"title": "x"})
    needed = {entry.name for entry in PROVIDERS[kind].entries if entry.is_needed}
    assert answer.status_code == 422
    assert needed <= answer.context["form"].errors.keys()


def test_a_provider_that_nobody_knows_is_not_there(boss: Client) -> None:
    assert boss.get("/desk/accounts/new/?kind=pigeon").status_code == 404


def test_the_test_says_what_the_provider_answers(boss: Client, settings: Any) -> None:
    with ProviderServer({"/v2/bot/info": (401, {"message": "Authentication failed"})}) as server:
        settings.OMBUD_OUTGOING_ALLOWED = [server.url]
        boss.post("/desk/accounts/new/?kind=line", {**MESSAGES, "api": server.url})
        answer = boss.post(f"/desk/accounts/{Account.objects.get().key}/test/", follow=True)
    said = [(message.level_tag, str(message)) for message in answer.context["messages"]]
    assert said[-1][0] == "error"
    assert said[-1][1].endswith("401 Authentication failed")


@pytest.mark.parametrize(
    ("kind", "name", "url", "said"),
    [
        ("line", "api", "http://api.example.com", "Only https is called"),
        ("line", "api", "api.example.com", "no address that a program can call"),
        ("line", "api", "https://169.254.169.254/latest", "leads into a private network"),
        ("webhook", "url", "https://[::1]/in", "leads into a private network"),
        ("webhook", "url", "javascript:alert(1)", "no address that a program can call"),
        ("sms", "url", "https://{number}.example.com/", "name of the server is fixed"),
        ("sms", "url", "http://sms.example.com/?to={number}", "Only https is called"),
    ],
)
def test_an_address_that_is_never_called_is_refused_where_it_is_typed(
    boss: Client, kind: str, name: str, url: str, said: str
) -> None:
    typed = {"title": "x", "secret": "s" * 20, name: url}
    answer = boss.post(f"/desk/accounts/new/?kind={kind}", typed, headers={"accept-language": "en"})
    assert answer.status_code == 422
    assert said in str(answer.context["form"].errors[name])


def test_a_gateway_that_the_installation_names_may_be_its_own(boss: Client, settings: Any) -> None:
    settings.OMBUD_OUTGOING_ALLOWED = ["http://10.0.0.7:8080"]
    entered = {"title": "x", "method": "POST", "url": "http://10.0.0.7:8080/send?to={number}"}
    assert boss.post("/desk/accounts/new/?kind=sms", entered).status_code == 302
