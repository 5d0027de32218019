"""The clock ran ahead and was set right: two people let the cases go on, on a page or by a command."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from builders import GRADES, make_case, make_history
from cast import Cast
from ombud.cases.commands import perform
from ombud.cases.errors import Refused
from ombud.cases.keeping import clock_repairs
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case, ClockRepair, Event
from ombud.clock.tick import tick
from ombud.insight import keeping
from ombud.insight.models import Measured
from ombud.organisation import changes
from ombud.organisation.models import ADMINISTRATOR, MANAGER, Membership, Person
from ombud.policy.event_names import CLOCK_REPAIR
from ombud.project import clock_command

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
PAGE = "/desk/proof/clock/"


def give(person: Person, role: str) -> None:
    Membership.objects.create(person=person, role=role)
    changes.note(Membership.objects.filter(person=person, policy=""), by=None, now=timezone.now())


@pytest.fixture
def second(cast: Cast) -> None:
    """Make Gao a second manager."""
    give(cast.gao, MANAGER)


@pytest.fixture
def case(cast: Cast, clock: time_machine.Traveller) -> Case:
    """Return a case whose entries lie a day ahead of the clock."""
    found = make_history(cast, "route")
    clock.move_to(found.received_at - timedelta(days=1))
    return found


def take_work(cast: Cast, case: Case) -> None:
    now = timezone.now()
    perform(case, "accept_work", actor=cast.actor("chen"), at=now, now=now)


def test_one_asks_another_approves_and_the_case_can_be_acted_on_at_once(
    cast: Cast, case: Case, second: None, sign_in: SignIn
) -> None:
    mo, gao = sign_in("mo"), sign_in("gao")
    assert case.reference in mo.get(PAGE).content.decode()
    with pytest.raises(Refused, match="clock"):
        take_work(cast, case)
    assert mo.post(PAGE, {"reason": " "}).status_code == 422
    assert mo.post(PAGE, {"reason": "NTP stood on the wrong day"}).status_code == 302
    assert mo.post(PAGE, {"reason": "again"}).status_code == 422
    row = ClockRepair.objects.get()
    decide = f"{PAGE}{row.pk}/"
    assert "Ask another manager" in mo.post(decide, {"verdict": "approve"}, follow=True).content.decode()
    assert "1 case goes on from now" in gao.post(decide, {"verdict": "approve"}, follow=True).content.decode()
    assert "decided meanwhile" in gao.post(decide, {"verdict": "approve"}, follow=True).content.decode()
    tick(timezone.now())
    take_work(cast, case)
    event = Event.objects.get(case=case, act=CLOCK_REPAIR)
    assert (event.actor, event.data["asked_by"], event.data["reason"]) == (
        cast.gao.key, cast.mo.key, "NTP stood on the wrong day",
    )  # fmt: skip
    page = sign_in("lin").get(f"/desk/cases/{case.reference}/").content.decode()
    assert "Goes on from now" in page
    assert "NTP stood on the wrong day" in page
    assert "No case lies ahead" in mo.get(PAGE).content.decode()


def test_proofs_and_what_is_derived_anew_agree_with_a_repaired_case(cast: Cast, case: Case, second: None) -> None:
    assert len(verify_all()["ahead"]) == case.seq
    now = timezone.now()
    clock_repairs.approve(clock_repairs.ask(reason="NTP", by=cast.mo, now=now), by=cast.gao, now=now)
    tick(now)
    take_work(cast, case)
    report = verify_all()
    assert (report["problems"], report["ahead"]) == ([], [])


def test_figures_count_no_time_below_zero(cast: Cast, second: None, clock: time_machine.Traveller) -> None:
    case = make_case().case
    clock.move_to(case.received_at - timedelta(days=1))
    now = timezone.now()
    clock_repairs.approve(clock_repairs.ask(reason="NTP", by=cast.mo, now=now), by=cast.gao, now=now)
    tick(now)
    perform(case, "register", actor=cast.actor("lin"), at=now, now=now, data=GRADES)
    keeping.rebuild()
    row = Measured.objects.get(case=case)
    assert (row.registering, row.registering_worked) == (0, 0)
    assert verify_all()["problems"] == []


def test_time_that_caught_up_before_the_clock_came_to_it_leaves_the_case_alone(
    cast: Cast, case: Case, second: None, clock: time_machine.Traveller
) -> None:
    now = timezone.now()
    clock_repairs.approve(clock_repairs.ask(reason="NTP", by=cast.mo, now=now), by=cast.gao, now=now)
    clock.shift(timedelta(days=2))
    tick(timezone.now())
    assert not Event.objects.filter(act=CLOCK_REPAIR).exists()


def test_administrators_ask_managers_decide_and_others_do_not_see_it(
    cast: Cast, case: Case, second: None, sign_in: SignIn
) -> None:
    give(cast.sun, ADMINISTRATOR)
    for who, status in (("lin", 403), ("nobody", 403), ("ai", 403)):
        assert sign_in(who).post(PAGE, {"reason": "NTP"}).status_code == status, who
    assert sign_in("ai").get(PAGE).status_code == 200
    assert sign_in("sun").post(PAGE, {"reason": "NTP"}).status_code == 302
    row = ClockRepair.objects.get()
    for who, status in (("sun", 403), ("ai", 403), ("lin", 403)):
        assert sign_in(who).post(f"{PAGE}{row.pk}/", {"verdict": "approve"}).status_code == status, who
    row.refresh_from_db()
    assert row.decided_at is None
    assert (
        "stays on record"
        in sign_in("mo").post(f"{PAGE}{row.pk}/", {"verdict": "decline"}, follow=True).content.decode()
    )


def test_the_command_says_what_lies_ahead_and_wants_two_people(
    cast: Cast, case: Case, second: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clock_command.run(["clock", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["cases"], told["references"]) == (1, [case.reference])
    assert datetime.fromisoformat(told["until"]) > timezone.now()
    assert clock_command.run(["clock", "--ask", "NTP"]) == 2
    assert "--by" in capsys.readouterr().err
    assert clock_command.run(["clock", "--ask", "NTP", "--by", "mo"]) == 1
    number = str(ClockRepair.objects.get().pk)
    assert clock_command.run(["clock", "--approve", number, "--by", "mo"]) == 2
    assert "own request" in capsys.readouterr().err
    assert clock_command.run(["clock", "--approve", "9999", "--by", "gao"]) == 2
    clock_command.run(["clock", "--approve", number, "--by", "gao"])
    tick(timezone.now())
    assert clock_command.run(["clock"]) == 0
    assert "0 cases lie ahead" in capsys.readouterr().out
