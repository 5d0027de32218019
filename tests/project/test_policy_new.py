"""`ombud policy new`: questions on the terminal, or flags, and a folder that can be checked at once."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ombud.project.policy_command import run


def test_a_starter_of_defaults_can_be_checked_and_traced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "shop")
    assert run(["new", folder, "--defaults", "--language", "en"]) == 0
    assert f"ombud policy check {folder}" in capsys.readouterr().out
    assert run(["check", folder, "--language", "en"]) == 0
    assert "shop 1.0.0: 0 errors, 0 warnings, 1 notes" in capsys.readouterr().out
    assert run(["trace", folder]) == 0


def test_questions_are_asked_until_they_are_answered_and_enter_takes_the_default(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = ["", "Complaints of our shop", "tomorrow", "2026-12-01", *[""] * 12]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(typed) + "\n"))
    folder = tmp_path / "shop"
    assert run(["new", str(folder), "--language", "en"]) == 0
    out = capsys.readouterr().out
    assert '"tomorrow" is not a date' in out
    text = (folder / "pack.yaml").read_text("utf-8")
    assert "en: Complaints of our shop" in text
    assert "effective: 2026-12-01" in text


def test_a_flag_answers_its_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n" * 14))
    assert run(["new", str(tmp_path / "shop"), "--zone", "Europe/Berlin", "--language", "en"]) == 0
    assert "tz: Europe/Berlin" in (tmp_path / "shop" / "pack.yaml").read_text("utf-8")


def test_answers_that_end_too_early_write_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n\n"))
    assert run(["new", str(tmp_path / "shop"), "--language", "en"]) == 2
    assert "--defaults" in capsys.readouterr().err
    assert not (tmp_path / "shop").exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pack.yaml").write_text("mine", "utf-8")
    assert run(["new", str(tmp_path), "--defaults"]) == 2
    assert (tmp_path / "pack.yaml").read_text("utf-8") == "mine"


def test_a_wrong_flag_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", str(tmp_path / "shop"), "--defaults", "--hours", "9-17", "--language", "en"]) == 2
    assert "--hours:" in capsys.readouterr().err
