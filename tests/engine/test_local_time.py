"""Times as a case's own place has them: the office's offset, and 24:00 of the day that ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.telling import pack_of
from ombud.engine import replay_story
from ombud.project.policy_command import run

ABROAD = Path(__file__).with_name("abroad.yaml")


def told(office: str | None, *log: dict[str, Any], now: str | None = None, language: str = "en") -> dict[str, Any]:
    story = {"log": list(log), **({"office": office} if office else {})}
    return replay_story(pack_of(ABROAD.read_text("utf-8")), story, now=now, language=language)


def received(at: str) -> dict[str, Any]:
    return {"at": at, "act": "receive", "by": "desk", "data": {"channel": "phone"}}


def due(outcome: dict[str, Any], duty: str) -> str:
    return next(each["due_at"] for each in outcome["duties"] if each["id"] == duty)


@pytest.mark.parametrize(
    ("office", "at", "answer"),
    [
        # Saturdays on which people work, as the notices of Hungary and Vietnam for 2026 have it.
        ("budapest", "2026-01-09T10:00+01:00", "2026-01-10T18:00:00+01:00"),
        ("hanoi", "2026-08-21T10:00+07:00", "2026-08-22T18:00:00+07:00"),
        (None, "2026-01-09T10:00+08:00", "2026-01-11T00:00:00+08:00"),
    ],
)
def test_times_have_the_offset_of_the_cases_own_office(office: str | None, at: str, answer: str) -> None:
    outcome = told(office, received(at))
    assert due(outcome, "answer") == answer
    assert outcome["now"].endswith(at[-6:])
    assert outcome["duties"][0]["opened_at"] == f"{at[:16]}:00{at[-6:]}"


def test_a_limit_that_ends_at_midnight_belongs_to_the_day_that_ends() -> None:
    outcome = told(None, received("2026-03-02T10:00+08:00"))
    assert due(outcome, "close") == "2026-03-06T00:00:00+08:00"  # for machines, as RFC 3339 has it
    lines = [line for duty in outcome["duties"] if duty["id"] == "close" for line in duty["explanation"]]
    assert any("Thursday 5 March 2026 24:00" in line for line in lines)


def test_where_clocks_go_forward_at_midnight_the_day_ends_all_the_same() -> None:
    """Lebanon, Sunday 29 March 2026: 00:00 does not exist there, the clocks show 01:00."""
    extended = {
        "at": "2026-03-25T11:00+02:00",
        "act": "more_time",
        "by": "desk",
        "data": {"new_date": "2026-03-28", "reason": "-"},
    }
    outcome = told("beirut", received("2026-03-24T10:00+02:00"), extended)
    assert due(outcome, "close") == "2026-03-29T01:00:00+03:00"
    lines = [line for duty in outcome["duties"] if duty["id"] == "close" for line in duty["explanation"]]
    assert any("2026-03-28 24:00" in line for line in lines)
    assert not any("2026-03-29" in line for line in lines)


@pytest.mark.parametrize(("language", "day"), [("en", "2026-03-05 24:00"), ("zh", "2026-03-05 24:00")])
def test_a_refusal_names_the_day_that_ends(language: str, day: str) -> None:
    asked = {
        "at": "2026-03-03T10:00+08:00",
        "act": "more_time",
        "by": "desk",
        "data": {"new_date": "2026-03-04", "reason": "-"},
    }
    outcome = told(None, received("2026-03-02T10:00+08:00"), asked, language=language)
    (refused,) = outcome["refused"]
    (reason,) = refused["reasons"]
    assert day in reason["message"]
    assert "2026-03-06" not in reason["message"]


def test_the_command_line_writes_24_00_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pack.yaml").write_text(ABROAD.read_text("utf-8"), "utf-8")
    (tmp_path / "story.yaml").write_text(
        'log:\n  - {at: "2026-03-02T10:00+08:00", act: receive, by: desk, data: {channel: phone}}\n', "utf-8"
    )
    run(["replay", str(tmp_path), str(tmp_path / "story.yaml")])
    said = capsys.readouterr().out
    assert "2026-03-05T24:00:00+08:00" in said
    assert "2026-03-06T00:00:00" not in said
