"""Looking up an order in another system: what it fills in, what is kept of it, and what happens where it fails."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from builders import make_case, make_history
from cast import POLICY, Cast
from ombud.cases import attachments
from ombud.cases.access.case_access import access_case
from ombud.cases.models import Attachment, Case
from ombud.cases.reading import queries
from ombud.channels.lookups import asking
from ombud.correspondence import accounts
from ombud.correspondence.models import Account
from provider_server import Called, ProviderServer
from shipped_packs import pack_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
ORDER = {
    "data": {
        "number": "SO-77", "date": "2026-02-20T00:00:00", "total": 199.5, "items": [{"name": "Kettle K2"}],
        "buyer": {"name": "Ann Lee", "phone": "13800138000"},
    },
}  # fmt: skip
FILLS = """
name = data.buyer.name
phone = data.buyer.phone
occurred_on = data.date
order_check = Order {data.number}: {data.items.0.name}
loss = data.total
"""


@pytest.fixture
def erp(settings: Any) -> Iterator[ProviderServer]:
    """The company's ERP, which knows one order."""
    with ProviderServer({"/orders/SO-77": (200, ORDER), "/orders/hangs": (503, {})}) as server:
        settings.OMBUD_OUTGOING_ALLOWED = [server.url]
        yield server


def entered(erp: ProviderServer, **more: Any) -> dict[str, Any]:
    return {
        "title": "Order in the ERP", "url": f"{erp.url}/orders/{{object}}", "headers": "X-Key: s3cret\nX-Site: north",
        "fills": FILLS, "acts": ["receive", "verify"], "is_active": "on", **more,
    }  # fmt: skip


@pytest.fixture
def source(erp: ProviderServer, cast: Cast, sign_in: SignIn, media: Path) -> Account:
    answer = sign_in("mo").post(f"/desk/look-ups/new/{POLICY}/", entered(erp))
    assert answer.status_code == 302, answer.content.decode()
    return Account.objects.get()


def tokens_in(page: str) -> list[str]:
    return re.findall(r'name="evidence-stored" value="([^"]+)"', page)


def test_a_source_is_entered_with_its_headers_sealed_and_tried_with_a_value(
    source: Account, erp: ProviderServer, sign_in: SignIn
) -> None:
    assert (source.kind, source.policy, source.takes_in, source.sends) == ("lookup", POLICY, False, False)
    assert "s3cret" not in str(source.secrets) + str(source.options)
    mo = sign_in("mo")
    page = mo.get(f"/desk/look-ups/{source.key}/").content.decode()
    assert "s3cret" not in page
    tried = mo.post(f"/desk/look-ups/{source.key}/try/", {"value-object": "SO-77"}).content.decode()
    assert "Order SO-77: Kettle K2" in tried
    assert erp.calls[-1].headers["x-key"] == "s3cret"
    assert (
        "Nothing is known there"
        in mo.post(f"/desk/look-ups/{source.key}/try/", {"value-object": "SO"}).content.decode()
    )
    assert "Order in the ERP" in mo.get("/desk/connections/").content.decode()
    assert "Order in the ERP" not in mo.get("/desk/accounts/").content.decode()
    assert mo.get(f"/desk/accounts/{source.key}/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "https://{object}.example.com/"}, "The name of the server is fixed"),
        ({"url": "https://erp.example.com/"}, "Put a field of the policy in braces"),
        ({"url": "https://erp.example.com/{colour}"}, "no field colour"),
        ({"url": "http://erp.example.com/{object}"}, "Only https is called"),
        ({"url": "ftp://erp.example.com/{object}"}, "no address that a program can call"),
        ({"fills": "loss"}, "is not of the form"),
        ({"fills": "loss = a\nloss = b"}, "fills already"),
        ({"fills": "loss = a..b"}, "holds a path that is none"),
        ({"fills": "colour = a"}, "no field colour"),
        ({"headers": "X-Key: a\u00e9"}, "one header a line"),
        ({"acts": []}, "required"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(
    cast: Cast, erp: ProviderServer, sign_in: SignIn, wrong: dict[str, Any], words: str
) -> None:
    page = sign_in("mo").post(f"/desk/look-ups/new/{POLICY}/", entered(erp, **wrong))
    assert page.status_code == 422
    assert words in page.content.decode()
    assert not Account.objects.exists()


def test_only_forms_that_staff_fill_in_are_offered(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("mo").get(f"/desk/look-ups/new/{POLICY}/")
    offered = {key for key, _title in page.context["form"].fields["acts"].choices}
    assert {"receive", "verify", "follow_up"} <= offered
    acts = pack_of(POLICY).main.acts
    assert {set(acts[each].by) <= {"complainant", "clock", "system"} for each in offered} == {False}
    assert "rate" not in offered


def test_kept_headers_are_told_to_no_other_server(source: Account, erp: ProviderServer, sign_in: SignIn) -> None:
    mo, here = sign_in("mo"), f"/desk/look-ups/{source.key}/"
    assert mo.post(here, entered(erp, headers="", title="ERP")).status_code == 302
    elsewhere = entered(erp, headers="", url="https://evil.example.com/{object}")
    assert mo.post(here, elsewhere).status_code == 422
    source.refresh_from_db()
    assert source.options["url"].startswith(erp.url)
    assert mo.post(here, {**elsewhere, "headers": "X-Key: other"}).status_code == 302


def test_recording_fills_what_is_empty_and_keeps_the_answer_as_evidence(
    source: Account, sign_in: SignIn, cast: Cast
) -> None:
    lin = sign_in("lin")
    assert f'hx-post="/desk/look-up/{source.key}/"' in lin.get("/desk/record/").content.decode()
    typed = {"policy": POLICY, "channel": "hotline", "object": "SO-77", "name": "Ann L.", "subject": "It leaks"}
    brought = lin.post(f"/desk/look-up/{source.key}/", typed).content.decode()
    assert 'hx-swap-oob="true"' in brought
    assert 'value="13800138000"' in brought
    assert 'name="name"' not in brought  # what was typed stays
    assert "What you had typed was left as it is: " in brought
    tokens = tokens_in(brought)
    assert len(tokens) == 2
    sent = {**typed, "language": "en", "phone": "13800138000", "loss": ["199.50", "CNY"], "evidence-stored": tokens}
    assert lin.post("/desk/record/", {**sent, "key": "k"}).status_code == 302
    case = Case.objects.get()
    files = Attachment.objects.filter(case=case).order_by("media_type")
    assert [each.media_type for each in files] == ["application/pdf", "text/plain"]
    with attachments.content(files[1]) as file:
        said = file.read().decode()
    assert '"source": "Order in the ERP"' in said
    assert '"asked_at": "2026-03-03T0' in said
    assert '"number": "SO-77"' in said
    assert "s3cret" not in said  # no header


def test_the_check_of_the_order_is_looked_up_by_what_the_case_says(
    source: Account, sign_in: SignIn, cast: Cast, erp: ProviderServer
) -> None:
    """Clause 1.3.1 of customer complaints: what is complained about is what was bought."""
    case = make_history(cast, "register", object="SO-77")
    lin = sign_in("lin")
    address = f"/desk/look-up/{source.key}/?case={case.reference}&act=verify"
    page = lin.get(f"/desk/cases/{case.reference}/?act=verify").content.decode()
    assert address.replace("&", "&amp;") in page
    brought = lin.post(address, {"seen": case.seq}).content.decode()
    assert "Order SO-77: Kettle K2" in brought
    sent = {"seen": case.seq, "order_check": "Order SO-77: Kettle K2", "evidence-stored": tokens_in(brought)}
    assert lin.post(f"/desk/cases/{case.reference}/acts/verify/", sent).status_code == 302
    facts = {each.field: each.value for each in queries.facts(access_case(cast.people["lin"], case.reference))}
    assert facts["order_check"] == "Order SO-77: Kettle K2"
    assert Attachment.objects.filter(case=case).count() == 2
    assert erp.calls[-1].target == "/orders/SO-77"


def test_what_is_typed_never_leads_to_another_address(source: Account, sign_in: SignIn, erp: ProviderServer) -> None:
    typed = {"policy": POLICY, "channel": "hotline", "object": "../../admin?x=1#@evil.example"}
    sign_in("lin").post(f"/desk/look-up/{source.key}/", typed)
    assert erp.calls[-1].target == "/orders/..%2F..%2Fadmin%3Fx%3D1%23%40evil.example"


@pytest.mark.parametrize("typed", [".", ".."])
def test_what_would_lead_upwards_is_not_asked(
    source: Account, sign_in: SignIn, erp: ProviderServer, typed: str
) -> None:
    calls = len(erp.calls)
    form = {"policy": POLICY, "channel": "hotline", "object": typed}
    answer = sign_in("lin").post(f"/desk/look-up/{source.key}/", form)
    assert (len(erp.calls), "Nothing is known there of it" in answer.content.decode()) == (calls, True)


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ((404, {}), "Nothing is known there of it"),
        ((401, {}), "It does not let us in"),
        ((422, {}), "status 422"),
        ((200, b"<html>"), "cannot be read"),
        ((200, b"[" * 3000), "cannot be read"),
        ((200, b"[" * 900 + b"]" * 900), "cannot be read"),
        ((200, b'{"data": {"buyer": {"name": "Ann \\ud800"}}}'), "Ann ?"),
        ((200, b'"' + b"x" * 300_000 + b'"'), "too long"),
        ((200, {"data": {"total": "much"}}), "Amount involved"),
        ((200, []), "says nothing for this form"),
    ],
)
def test_a_failure_is_said_in_words(
    source: Account, sign_in: SignIn, erp: ProviderServer, route: tuple[int, Any], words: str
) -> None:
    erp.routes["/orders/SO-77"] = route
    typed = {"policy": POLICY, "channel": "hotline", "object": "SO-77"}
    answer = sign_in("lin").post(f"/desk/look-up/{source.key}/", typed)
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_a_source_that_hangs_holds_up_nobody_but_who_asks_it_and_rests(
    source: Account, sign_in: SignIn, erp: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(call: Called) -> tuple[int, Any]:
        return waited.wait(5), {}

    waited = threading.Event()
    erp.routes["/orders/SO-77"] = hang
    monkeypatch.setattr(asking, "PATIENCE", 0.2)
    lin, typed = sign_in("lin"), {"policy": POLICY, "channel": "hotline", "object": "SO-77"}
    assert "does not answer just now" in lin.post(f"/desk/look-up/{source.key}/", typed).content.decode()
    calls = len(erp.calls)
    assert "is given a rest" in lin.post(f"/desk/look-up/{source.key}/", typed).content.decode()
    assert len(erp.calls) == calls
    waited.set()
    assert lin.get("/desk/record/").status_code == 200
    page = sign_in("mo").get("/desk/connections/").content.decode()
    assert "failing" in page


def test_more_than_a_few_do_not_wait_for_one_source(source: Account, sign_in: SignIn) -> None:
    turns = [asking._turns[source.pk].acquire(blocking=False) for _ in range(asking.AT_ONCE)]
    assert all(turns)
    typed = {"policy": POLICY, "channel": "hotline", "object": "SO-77"}
    page = sign_in("lin").post(f"/desk/look-up/{source.key}/", typed).content.decode()
    for _ in turns:
        asking._turns[source.pk].release()
    assert "Many are asking" in page


def test_an_address_inside_our_network_is_not_called(source: Account, sign_in: SignIn, settings: Any) -> None:
    settings.OMBUD_OUTGOING_ALLOWED = []
    source.options["url"] = "https://127.0.0.1/orders/{object}"
    source.save()
    typed = {"policy": POLICY, "channel": "hotline", "object": "SO-77"}
    page = sign_in("lin").post(f"/desk/look-up/{source.key}/", typed).content.decode()
    assert "may not be called from here" in page


def test_only_who_has_the_form_looks_up_and_only_managers_set_sources_up(source: Account, sign_in: SignIn) -> None:
    case = make_case(object="SO-77").case
    nobody = sign_in("nobody")
    assert nobody.post(f"/desk/look-up/{source.key}/?case={case.reference}&act=verify", {}).status_code in (403, 404)
    for address in ("/desk/connections/", f"/desk/look-ups/{source.key}/", f"/desk/look-ups/new/{POLICY}/"):
        assert sign_in("lin").get(address).status_code == 403
    assert sign_in("lin").post(f"/desk/look-ups/{source.key}/try/", {"value-object": "SO-77"}).status_code == 403
    assert accounts.secrets_of(source)["headers"] == "X-Key: s3cret\nX-Site: north"
