"""Other systems are told of cases: signed, in order, again until they take it, and never of anybody's data."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from builders import COMPLAINT, START, after, do, make_case, make_history
from cast import POLICY, Cast
from ombud.cases import confidential
from ombud.cases.access.case_access import access_case
from ombud.cases.models import Case
from ombud.channels import calling, carrying, intake, signing
from ombud.channels.models import Delivery
from ombud.channels.subscribers import delivering, kinds, noting
from ombud.clock import sweep
from ombud.correspondence import accounts
from ombud.correspondence.carriers import AccountFailed
from ombud.correspondence.models import Account
from ombud.notices.models import Notice
from provider_server import Called, ProviderServer

pytestmark = pytest.mark.django_db
SECRET = "a secret of sixteen"
State = Delivery.State


@pytest.fixture
def crm(settings: Any) -> Iterator[ProviderServer]:
    """The CRM, which takes all that it is told."""
    with ProviderServer({"/hook": (200, {}), "/other": (200, {})}) as server:
        settings.OMBUD_OUTGOING_ALLOWED = [server.url]
        yield server


def subscribe(url: str, key: str = "crm", *what: str) -> Account:
    account = Account(
        key=key, kind=kinds.KIND, title="CRM", policy=POLICY, sends=False, files=False,
        options={"url": url, "kinds": list(what or kinds.KINDS)}, place={noting.PLACE: noting.newest()},
    )  # fmt: skip
    accounts.keep_secrets(account, {kinds.SECRET: SECRET})
    account.save()
    return account


@pytest.fixture
def account(crm: ProviderServer, cast: Cast) -> Account:
    return subscribe(f"{crm.url}/hook")


def tell(account: Account, minutes: float) -> int:
    """Note and tell, as the subscriber's thread does; a failure lets it rest."""
    now = after(minutes)
    account.refresh_from_db()
    noting.note(account, now=now)
    if account.paused_until is not None and account.paused_until > now:
        return 0
    try:
        return delivering.deliver(account, now=now)
    except AccountFailed as error:
        delivering.delivery.rest(account, error, now)
        return 0


def told(crm: ProviderServer) -> list[dict[str, Any]]:
    return [call.json for call in crm.calls]


def test_what_happens_is_told_once_signed_and_in_order(account: Account, crm: ProviderServer, cast: Cast) -> None:
    case = make_history(cast, "register")
    assert tell(account, 60) >= 1
    while tell(account, 60):
        pass
    said = told(crm)
    assert [each["seq"] for each in said] == sorted({each["seq"] for each in said})
    assert said[0]["event"] == "opened"
    registered = next(each for each in said if each["act"] == "register")
    assert (registered["event"], registered["reference"]) == ("acted", case.reference)
    for call in crm.calls:
        stamp, signature = call.headers["ombud-timestamp"], call.headers["ombud-signature"]
        assert signing.is_signed(SECRET, stamp, signature, call.body, now=after(60))
    number = len(said)
    assert tell(account, 61) == 0
    assert tell(account, 65) == 0  # also once the newest count as settled
    assert len(crm.calls) == number


def test_what_was_told_is_not_told_anew_once_its_record_is_tidied_away(
    account: Account, crm: ProviderServer, cast: Cast
) -> None:
    make_case()
    while tell(account, 1):
        pass
    number = len(crm.calls)
    assert tell(account, 5) == 0  # by now it counts as settled
    long_after = after(60 * 24 * 31)
    assert delivering.tidy(account, now=long_after) == number > 0
    account.refresh_from_db()
    assert noting.note(account, now=long_after) == 0
    assert len(crm.calls) == number


def test_what_is_just_being_told_is_not_told_beside_that(account: Account, crm: ProviderServer, cast: Cast) -> None:
    make_case()
    noting.note(account, now=after(1))
    Delivery.objects.update(lease_until=after(6), attempts=1)  # as they stand while they are told
    for row in Delivery.objects.all():
        delivering.again(row, now=after(1))
    assert delivering.deliver(account, now=after(1)) == 0
    assert crm.calls == []


def test_nothing_that_names_anybody_is_told(account: Account, crm: ProviderServer, cast: Cast) -> None:
    make_case(
        name="Zhang San",
        phone="13800138000",
        narrative="Zhang San called twice",
        loss={"amount": "10", "currency": "CNY"},
    )
    tell(account, 1)
    body = crm.calls[0].body.decode()
    assert "Zhang" not in body
    assert "13800138000" not in body
    (said,) = told(crm)
    assert {"name", "phone", "narrative"} <= set(said["withheld"])
    assert "loss" in said["data"]


def test_a_later_event_of_a_case_waits_for_the_one_before(account: Account, crm: ProviderServer, cast: Cast) -> None:
    crm.routes["/hook"] = lambda call: (422, {}) if call.json["seq"] == 1 else (200, {})
    one, other = make_history(cast, "register"), make_case(minutes=2).case
    tell(account, 10)
    assert {(each["reference"], each["seq"]) for each in told(crm)} == {(one.reference, 1), (other.reference, 1)}
    crm.routes["/hook"] = (200, {})
    tell(account, 11)
    for _ in range(3):
        tell(account, 12)
    of_one = [each["seq"] for each in told(crm) if each["reference"] == one.reference]
    assert of_one == sorted(of_one)
    assert of_one[-1] > 1


def test_a_refusal_is_tried_again_later_each_time_given_up_and_told_again_by_hand(
    crm: ProviderServer, cast: Cast
) -> None:
    account = subscribe(f"{crm.url}/hook", "crm", kinds.OPENED)
    crm.routes["/hook"] = (422, {"error": "no"})
    make_case()
    minutes, row = 1.0, None
    for _ in range(delivering.ATTEMPTS):
        tell(account, minutes)
        row = Delivery.objects.get()
        minutes += 60 * 5
    assert row is not None
    assert (row.state, row.attempts) == (State.FAILED, delivering.ATTEMPTS)
    assert row.answer.startswith("422")
    crm.routes["/hook"] = (200, {})
    delivering.again(row, now=after(minutes))
    assert tell(account, minutes) == 1
    assert Delivery.objects.get().state == State.SENT


def test_who_does_not_answer_rests_and_is_switched_off_at_last_with_a_notice_to_managers(
    crm: ProviderServer, cast: Cast
) -> None:
    account = subscribe(f"{crm.url}/hook", "crm", kinds.OPENED)
    crm.routes["/hook"] = (503, {})
    make_case()
    minutes = 1.0
    for number in range(delivering.OFF_AFTER):
        tell(account, minutes)
        account.refresh_from_db()
        assert account.failures == number + 1
        minutes += 40
    assert not account.is_active
    assert Delivery.objects.get().state == State.QUEUED  # nothing is lost: it goes on once it is switched on
    notice = Notice.objects.get(kind=Notice.Kind.SWITCHED_OFF)
    assert notice.person == cast.people["mo"]


def test_one_that_hangs_holds_up_only_itself(
    account: Account, crm: ProviderServer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def hang(_call: Called) -> tuple[int, Any]:
        return 200, {"waited": over.wait(10)}

    crm.routes["/hook"] = hang
    other = subscribe(f"{crm.url}/other", "warehouse")
    make_case()

    monkeypatch.setattr(calling, "PATIENCE", 0.3)
    assert tell(account, 1) == 0
    assert tell(other, 1) == 1
    over.set()
    account.refresh_from_db()
    assert account.paused_until is not None
    assert "does not answer" in account.failure


def test_only_what_was_chosen_and_what_happened_since_is_told(crm: ProviderServer, cast: Cast) -> None:
    make_case()
    account = subscribe(f"{crm.url}/hook", "crm", kinds.ENDED, kinds.OPENED)
    case = make_case(minutes=5).case
    do(case, "withdraw", cast, "complainant", minutes=10)
    while tell(account, 20):
        pass
    assert [(each["event"], each["reference"]) for each in told(crm)] == [
        ("opened", case.reference), ("ended", case.reference),
    ]  # fmt: skip
    assert told(crm)[-1]["is_open"] is False


def test_a_missed_limit_is_told_with_its_duty(crm: ProviderServer, cast: Cast) -> None:
    account = subscribe(f"{crm.url}/hook", "crm", kinds.LIMIT)
    case = make_case().case
    with time_machine.travel(after(180), tick=False):
        sweep.sweep(now=after(180))
    while tell(account, 181):
        pass
    said = told(crm)
    assert said
    assert all(each["reference"] == case.reference and each["duty"]["due_at"] for each in said)
    assert any(each["duty"]["missed"] for each in said)


def test_a_past_that_is_taken_in_is_told_to_nobody_and_what_follows_is(
    account: Account, crm: ProviderServer, cast: Cast
) -> None:
    agent = cast.actor("lin")
    data = {**COMPLAINT, "subject": "Years ago"}
    old = intake.receive(
        POLICY, channel="hotline", language="zh", data=data, actor=agent, at=after(-5000), now=after(0), source="x:1",
        is_telling=False,
    ).case  # fmt: skip
    while tell(account, 1):
        pass
    assert told(crm) == []
    do(old, "note", cast, "lin", minutes=5, data={"remark": "Seen again."})
    while tell(account, 6):
        pass
    acts = [each["act"] for each in told(crm)]
    assert (acts[-1], "receive" in acts) == ("note", False)  # limits that pass from now on are news


def test_an_address_inside_our_network_is_not_called(cast: Cast, settings: Any) -> None:
    settings.OMBUD_OUTGOING_ALLOWED = []
    account = subscribe("https://127.0.0.1/hook")
    make_case()
    assert tell(account, 1) == 0
    account.refresh_from_db()
    assert "private" in account.failure


@pytest.mark.django_db(transaction=True)
def test_it_runs_beside_the_clock_in_a_thread_of_its_own(
    account: Account, crm: ProviderServer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "LOOK", 0.05)
    make_case()
    stop = threading.Event()
    running = carrying.Carrying(stop)
    running.look()
    end = datetime.now(START.tzinfo) + timedelta(seconds=20)
    while not crm.calls and datetime.now(START.tzinfo) < end:
        stop.wait(0.05)
    stop.set()
    running.join()
    assert json.loads(crm.calls[0].body)["reference"] == Case.objects.get().reference


def test_of_a_confidential_case_no_system_is_told(account: Account, crm: ProviderServer, cast: Cast) -> None:
    case = make_history(cast, "register")
    confidential.confide(access_case(cast.gao, case.reference), [], reason="举报经理", now=after(40))
    assert tell(account, 60) == 0
    assert told(crm) == []
