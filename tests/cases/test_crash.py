"""Killed at any statement: nothing acknowledged is lost, nothing half done is left. At one moment: one wins."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from builders import GRADES, after, assert_refolds, make_case, publish_policy
from cast import Cast, make_cast
from ombud.cases.commands import perform
from ombud.cases.errors import Stale
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case, Event
from ombud.clock.sweep import sweep
from together import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    publish_policy()
    return make_cast()


def database_url() -> str:
    """Return the address of the test database, for another process."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{settings['NAME']}"
    where = f"?host={settings['HOST']}" if str(settings["HOST"]).startswith("/") else ""
    host = "" if where else settings["HOST"] or "localhost"
    address = f"{settings['USER']}:{settings['PASSWORD']}@{host}:{settings['PORT'] or 5432}"
    return f"postgres://{address}/{settings['NAME']}{where}"


def test_a_process_killed_at_any_statement_loses_nothing_acknowledged_and_leaves_nothing_half_done(
    cast: Cast, tmp_path: Path
) -> None:
    acknowledged = tmp_path / "acknowledged"
    acknowledged.touch()
    tests = Path(__file__).parent.parent
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "settings_for_tests",
        "PYTHONPATH": str(tests),
    }
    script = Path(__file__).parent / "dying_writer.py"
    subprocess.run([sys.executable, str(script), str(acknowledged)], check=True, env=environment, timeout=120)
    told = [line.split() for line in acknowledged.read_text().splitlines()]
    received = [reference for reference, act in told if act == "receive"]
    registered = [reference for reference, act in told if act == "register"]
    assert len(received) > len(registered)
    assert set(received) <= set(Case.objects.values_list("reference", flat=True))
    assert Case.objects.count() <= len(received) + 1  # committed, and killed before it could say so
    log = Event.objects.filter(act="register").values_list("case__reference", flat=True)
    assert set(registered) <= set(log)
    assert len(log) <= len(registered) + 1
    report = verify_all()
    assert report["problems"] == []
    assert report["cases"] == Case.objects.count() > 5


def test_of_two_people_at_the_same_moment_one_wins_and_the_other_is_told(cast: Cast) -> None:
    for _ in range(5):
        case = make_case().case
        actor = cast.actor("lin")

        def register() -> Any:
            return perform(case, "register", actor=actor, at=after(5), now=after(5), data=GRADES, seen=case.seq)  # noqa: B023  # run within the loop

        found = at_once(register, register)
        assert sorted(type(each).__name__ for each in found) == ["Performed", "Stale"]
        lost = next(each for each in found if isinstance(each, Stale))
        assert lost.data["category"] == "product_quality"
        assert [event.act for event in lost.changed] == ["register"]
        assert_refolds(case)


def test_several_clocks_at_once_let_each_rung_pass_once(cast: Cast) -> None:
    cases = [make_case(minutes=minute).case for minute in range(6)]
    swept = at_once(*[lambda: [sweep(now=after(90)) for _ in range(4)]] * 3)
    assert [each for each in swept if isinstance(each, Exception)] == []
    for case in cases:
        rungs = [
            (row.data["duty"], row.data["instance"], row.data["revision"], row.data["rung"])
            for row in Event.objects.filter(case=case, act="rung")
        ]
        assert len(rungs) == len(set(rungs)) == 2
        assert_refolds(case)


def test_an_act_and_the_clock_at_the_same_moment_both_happen(cast: Cast) -> None:
    case = make_case().case
    actor = cast.actor("lin")
    found = at_once(
        lambda: perform(case, "register", actor=actor, at=after(61), now=after(61), data=GRADES, seen=case.seq),
        lambda: sweep(now=after(61)),
    )
    assert [each for each in found if isinstance(each, Exception)] == []
    assert Event.objects.filter(case=case, act="register").count() == 1
    assert_refolds(case)
