"""`ombud keys`: a new key comes and an old one goes, by hand or in a file, and never before nothing needs it."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from builders import make_case
from cast import Cast
from ombud.organisation.models import Change
from ombud.privacy import blind, keys, rotations
from ombud.privacy.master_keys import Keys, entries_of, replace
from ombud.privacy.models import KeyRotation
from ombud.project import keys_command, rotation
from ombud.signin.models import Session

OLD = "5e" * 32


@pytest.fixture
def file(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the keys, which every process reads at once."""
    made = tmp_path / "master.key"
    replace(made, [OLD])
    settings.OMBUD_MASTER_KEY = Keys.in_file(made)
    monkeypatch.setattr(keys_command.time, "sleep", lambda seconds: blind.forget())
    monkeypatch.setattr(rotation, "KNOWN_EVERYWHERE", timedelta(0))
    return made


def test_a_key_in_a_file_is_rotated_and_retired(cast: Cast, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_case()
    assert keys_command.run(["status"]) == 0
    assert "master key 1" in capsys.readouterr().out
    assert keys_command.run(["rotate", "--wait"]) == 0
    assert list(entries_of(file)) == [2, 1]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    make_case(minutes=1)
    assert keys_command.run(["status", "--json"]) == 1
    said = capsys.readouterr().out
    told = json.loads(said[said.index("{") :])
    assert [each["number"] for each in told["keys"]] == [2, 1]
    assert told["finished_at"] is not None
    assert keys_command.run(["retire"]) == 2
    assert "until" in capsys.readouterr().err
    Session.objects.create(session_key="k", session_data="", expire_date=timezone.now() + timedelta(hours=1))
    assert keys_command.run(["retire", "--now"]) == 0
    assert not Session.objects.exists()
    assert list(entries_of(file)) == [2]
    assert list(entries_of(file.with_name("master.key.retired-1"))) == [1]
    assert KeyRotation.objects.get().retired_at is not None
    changes = Change.objects.filter(kind=rotations.CHANGE)
    assert [each.content["what"] for each in changes] == ["begun", "old key retired"]
    assert not any(OLD in str(each.content) for each in changes)
    assert keys_command.run(["rotate", "--wait"]) == 0  # and once more
    assert list(entries_of(file)) == [3, 2]


def test_killed_between_its_two_steps_it_goes_on(cast: Cast, file: Path) -> None:
    replace(file, [OLD, "2:" + "6f" * 32])
    keys.settings.OMBUD_MASTER_KEY = Keys.in_file(file)
    assert keys_command.run(["rotate"]) == 0
    assert entries_of(file) == {2: "2:" + "6f" * 32, 1: OLD}


def test_an_old_key_that_is_needed_does_not_go(
    cast: Cast, file: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert keys_command.run(["rotate"]) == 0
    assert keys_command.run(["retire", "--now"]) == 2
    assert "the clock still brings" in capsys.readouterr().err
    assert keys_command.run(["rotate", "--wait"]) == 0
    held, settings.OMBUD_MASTER_KEY = settings.OMBUD_MASTER_KEY, Keys.fixed(OLD)
    make_case()  # by a process that nobody restarted
    settings.OMBUD_MASTER_KEY = held
    assert keys_command.run(["retire", "--now"]) == 2
    assert "still needed (complainants: 1" in capsys.readouterr().err
    assert list(entries_of(file)) == [2, 1]
    assert KeyRotation.objects.get().finished_at is None  # the clock goes over everything once more


def test_what_cannot_be_written_is_said_how_to_do_by_hand(
    cast: Cast, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.OMBUD_MASTER_KEY = Keys.fixed(OLD)
    assert keys_command.run(["rotate"]) == 2
    assert "OLD,NEW" in capsys.readouterr().err
    assert keys_command.run(["new"]) == 0
    assert capsys.readouterr().out.startswith("2:")
    assert keys_command.run(["new", "--kms", "alias/ombud"]) == 2
    assert "--region" in capsys.readouterr().err
