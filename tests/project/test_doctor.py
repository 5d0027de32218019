"""The doctor names what is wrong with an installation and what to do; init makes its first administrator, once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from builders import make_case
from cast import Cast
from ombud.cases.keeping.verify import verify_all
from ombud.clock import pulse
from ombud.organisation.models import ADMINISTRATOR, Membership, Person
from ombud.privacy.master_keys import Keys
from ombud.project import command, doctor, init_command, maintenance


def states() -> dict[str, str]:
    return {each.what: each.state for each in doctor.findings()}


def test_a_sound_installation_has_nothing_wrong(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    make_case()
    settings.OMBUD_BASE_URL = "https://complaints.example.com"
    Membership.objects.create(person=cast.mo, role=ADMINISTRATOR)
    Membership.objects.create(person=cast.wei, role=ADMINISTRATOR)
    monkeypatch.setattr(pulse, "silent_for", lambda now: 0.0)
    found = states()
    assert {name for name, state in found.items() if state == doctor.WRONG} == set()
    assert found["keys"] == found["database"] == found["people"] == found["policies"] == doctor.GOOD


@pytest.mark.parametrize(
    ("setting", "value", "what", "state"),
    [
        ("DEBUG", True, "settings", doctor.WRONG),
        ("OMBUD_BASE_URL", "http://complaints.example.com", "address", doctor.WRONG),
        ("OMBUD_BASE_URL", "http://localhost:8000", "address", doctor.DOUBTFUL),
        ("OMBUD_DISK_FLOOR_MB", 10**9, "disk", doctor.WRONG),
        ("OMBUD_MASTER_KEY", Keys.fixed("01" * 32), "keys", doctor.WRONG),
    ],
)
def test_what_is_wrong_is_named(cast: Cast, settings: Any, setting: str, value: Any, what: str, state: str) -> None:
    make_case()
    setattr(settings, setting, value)
    assert states()[what] == state


@pytest.mark.usefixtures("db")
def test_an_empty_installation_lacks_a_clock_people_and_a_policy(capsys: pytest.CaptureFixture[str]) -> None:
    found = states()
    assert (found["clock"], found["people"], found["policies"]) == (doctor.WRONG, doctor.WRONG, doctor.DOUBTFUL)
    assert doctor.run([]) == 1
    assert "-> ombud found" in capsys.readouterr().out
    assert doctor.run(["--json"]) == 1
    assert {"what", "state", "said", "do"} == set(json.loads(capsys.readouterr().out)[0])


@pytest.mark.usefixtures("db")
def test_init_makes_one_administrator_and_only_where_nobody_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "prepare", lambda: None)
    assert init_command.run(["--admin", "two words"]) == 2
    assert init_command.run(["--email", "no address"]) == 2
    assert not Person.objects.exists()
    assert init_command.run(["--admin", "yu"]) == 0
    assert "/desk/password/" in capsys.readouterr().out
    person = Person.objects.get()
    assert (person.username, person.has_usable_password()) == ("yu", False)
    assert list(person.memberships.values_list("policy", "role")) == [("", ADMINISTRATOR)]
    assert verify_all()["problems"] == []
    assert init_command.run(["--admin", "another"]) == 2
    assert Person.objects.count() == 1


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("ombud 0.")
