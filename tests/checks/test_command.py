"""`ombud policy ...` as the contract promises it: JSON keys, exit codes, errors on stderr."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.test_late import GRADED
from ombud.project.policy_command import run

PACKS = Path(__file__).parent / "packs"
STORY = """
log:
  - {at: "2026-03-03T09:00+08:00", act: receive, by: agent, data: {loss: 100 CNY}}
  - {at: "2026-03-04T09:00+08:00", act: propose, by: agent}
"""

OUTDATED = """
log:
  - {at: "2026-03-03T09:00+08:00", act: receive, by: desk}
  - {at: "2026-03-03T12:00+08:00", act: grade, by: desk, data: {grave: true}}
  - {at: "2026-03-03T11:00+08:00", act: grade, by: desk, data: {grave: false}, recorded: "2026-03-03T13:00+08:00"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(PACKS / "sound.yaml", tmp_path / "pack.yaml")
    return tmp_path


def broken(tmp_path: Path, name: str) -> str:
    shutil.copy(PACKS / f"{name}.yaml", tmp_path / "pack.yaml")
    return str(tmp_path)


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_check_of_a_sound_policy_exits_with_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(folder), "--json"]) == 0
    assert answer(capsys) == {
        "policy": "sound", "version": "1.0.0", "findings": [], "errors": 0, "warnings": 0, "notes": 0,
    }  # fmt: skip


def test_check_with_an_error_exits_with_1_and_says_all_about_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", broken(tmp_path, "gap"), "--json", "--language", "zh"]) == 1
    said = answer(capsys)
    assert (said["errors"], said["warnings"], said["notes"]) == (1, 0, 0)
    assert said["findings"] == [
        {
            "code": "gap", "severity": "error", "clauses": ["5"], "file": "pack.yaml", "line": 22,
            "message": "判定表“等级”缺少一种情况：损失为超过200、不满1000", "witness": "例如：损失为600 CNY",
            "question": "这种情况应如何判定？", "explained": None,
        }
    ]  # fmt: skip


def test_check_with_warnings_only_exits_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", broken(tmp_path, "no-escalation")]) == 0
    assert "warning no-escalation [4]" in capsys.readouterr().out


def test_what_the_loader_refuses_is_a_finding_of_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", broken(tmp_path, "unknown-name"), "--json"]) == 1
    [found] = answer(capsys)["findings"]
    assert (found["code"], found["file"]) == ("unknown-name", "pack.yaml")
    assert found["line"] > 1


def test_a_pack_that_is_not_there_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "no-such-policy"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert 'no policy "no-such-policy"' in said.err


@pytest.mark.parametrize("argv", [[], ["fly"], ["check"], ["check", "a", "b"], ["replay", "customer-complaints"]])
def test_bad_usage_exits_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(argv) == 2
    assert "usage" in capsys.readouterr().err


def test_trace_names_the_rules_of_every_clause(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", str(folder), "--json"]) == 0
    said = answer(capsys)
    assert (said["policy"], said["covered"], said["statements"], said["uncovered"]) == ("sound", 5, 0, [])
    by_ref = {each["ref"]: each for each in said["clauses"]}
    assert by_ref["1"] == {
        "ref": "1", "kind": "act", "from": "document", "scenarios": [],
        "rules": [{"kind": "act", "id": "receive", "file": "pack.yaml", "line": 31}],
    }  # fmt: skip
    assert {rule["id"] for rule in by_ref["2"]["rules"]} == {"propose", "investigate", "counting"}


def test_trace_names_a_clause_that_nothing_carries_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", broken(tmp_path, "uncovered-clause"), "--json"]) == 0
    assert answer(capsys)["uncovered"] == ["6"]


def test_trace_of_an_unreadable_pack_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", broken(tmp_path, "schema")]) == 2
    assert "pack.yaml:" in capsys.readouterr().err


def told(folder: Path, capsys: pytest.CaptureFixture[str], *more: str, story: str = STORY) -> tuple[int, Any]:
    file = folder / "story.yaml"
    file.write_text(story, "utf-8")
    code = run(["replay", str(folder), str(file), "--json", *more])
    return code, answer(capsys)


def test_replay_tells_a_story(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = told(folder, capsys)
    assert code == 0
    assert (said["phase"], said["grades"], said["department"], said["refused"]) == (
        "proposed", {"level": "normal"}, None, [],
    )  # fmt: skip
    assert [(each["id"], each["status"], each["due_at"]) for each in said["duties"]] == [
        ("investigate", "met", "2026-03-06T18:00:00+08:00"),
        ("communicate", "open", "2026-03-06T18:00:00+08:00"),
    ]
    assert set(said["duties"][0]) == {
        "id", "instance", "clauses", "bearer", "opened_at", "due_at", "done_at", "breached_at", "status", "overdue",
        "provisional", "explanation",
    }  # fmt: skip
    assert said["next"] == ["communicate"]
    assert said["automatic"] == []


def test_replay_lets_time_pass_until_now(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, said = told(folder, capsys, "--now", "2026-03-07T00:00+08:00")
    assert said["duties"][-1]["overdue"] is True
    assert said["duties"][-1]["breached_at"] == "2026-03-06T18:00:00+08:00"


def test_replay_says_what_was_refused_and_goes_on_only_when_it_observes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    early = STORY.replace("act: propose", "act: communicate")
    _, said = told(folder, capsys, story=early)
    assert [(each["index"], each["act"]) for each in said["refused"]] == [(1, "communicate")]
    assert said["phase"] == "investigating"
    _, said = told(folder, capsys, "--observe", story=early)
    assert said["phase"] == "answering"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "step 3, grade, is taken, and reported: “Grave” was said anew after 2026-03-03 11:00"),
        ("zh", "第3步 grade 已录入，提示：“Grave”在2026-03-03 11:00之后已有更新的记载"),
    ],
)
def test_replay_tells_a_reader_what_a_late_entry_makes_worth_telling(
    language: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack, story = tmp_path / "pack.yaml", tmp_path / "story.yaml"
    pack.write_text(GRADED, "utf-8")
    story.write_text(OUTDATED, "utf-8")
    assert run(["replay", str(tmp_path), str(story), "--language", language]) == 0
    out = capsys.readouterr().out
    assert said in out
    assert "Sev: high" in out
    story.write_text(OUTDATED.replace("11:00", "12:30"), "utf-8")
    assert run(["replay", str(tmp_path), str(story), "--language", language]) == 0
    assert said.partition(" grade ")[0] not in capsys.readouterr().out


def test_replay_exits_with_1_if_the_story_expects_something_else(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = told(folder, capsys, story=STORY + "expect: {phase: closed}\n")
    assert code == 1
    assert said["differences"] == ["phase is proposed, expected closed"]


@pytest.mark.parametrize(
    ("story", "word"),
    [("", "empty"), ("log: [{at: yesterday, act: receive, by: agent}]", "yesterday"), ("{}", "log"),
     ('log: [{at: "2026-03-03T09:00+08:00", act: fly, by: agent}]', "fly")],
)  # fmt: skip
def test_a_story_that_cannot_be_read_exits_with_2(
    folder: Path, capsys: pytest.CaptureFixture[str], story: str, word: str
) -> None:
    file = folder / "story.yaml"
    file.write_text(story, "utf-8")
    assert run(["replay", str(folder), str(file)]) == 2
    assert word in capsys.readouterr().err


@pytest.mark.parametrize(
    ("now", "words"),
    [("2026-03-07", "is not an instant with its offset"), ("1969-03-07T09:00+08:00", "is not from 1970 to 2199")],
)
def test_now_is_an_instant_with_its_offset_that_can_be(
    folder: Path, capsys: pytest.CaptureFixture[str], now: str, words: str
) -> None:
    (folder / "story.yaml").write_text(STORY, "utf-8")
    assert run(["replay", str(folder), str(folder / "story.yaml"), "--now", now]) == 2
    assert words in capsys.readouterr().err


def test_diagram_is_a_drawing_in_the_language_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diagram", str(folder), "--language", "zh"]) == 0
    drawing = capsys.readouterr().out
    assert drawing.startswith("<svg")
    assert "调查中" in drawing


def test_the_terminals_language_decides_where_nothing_is_asked(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert run(["check", str(folder)]) == 0
    assert "0 个错误" in capsys.readouterr().out


def test_the_command_starts_without_django() -> None:
    code = "import sys, ombud.project.policy_command; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_mutate_tells_the_score_and_every_change_that_no_scenario_notices(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["mutate", str(folder), "--json"]) == 0
    said = answer(capsys)
    assert (said["policy"], said["version"], said["failing"]) == ("sound", "1.0.0", [])
    assert said["tried"] == said["noticed"] + len(said["survivors"])
    assert said["percent"] == round(100 * said["noticed"] / said["tried"], 1)
    limit = next(each for each in said["survivors"] if each["rule"] == "investigate" and each["part"] == "limit")
    assert limit == {
        "rule": "investigate", "part": "limit", "old": "3 working days", "new": "4 working days", "clauses": ["2"],
        "file": "pack.yaml", "line": 44, "scenarios": 0,
        "message": "Investigate, time limit: 3 working days -> 4 working days",
    }  # fmt: skip


def test_mutate_below_the_wanted_score_exits_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mutate", str(folder), "--at-least", "90", "--language", "zh"]) == 1
    assert "处未被发现，得分" in capsys.readouterr().out


def test_replay_of_a_limit_that_no_calendar_holds_says_so_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack, story = folder / "pack.yaml", folder / "story.yaml"
    text = pack.read_text("utf-8")
    assert "within: 3 workdays" in text
    pack.write_text(text.replace("within: 3 workdays", "within: 30000 workdays"), "utf-8")
    story.write_text(STORY, "utf-8")
    assert run(["replay", str(folder), str(story)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "outside the years 1970 to 2099" in line


@pytest.mark.parametrize(
    ("language", "words"), [("en", "outside the years 1970 to 2099"), ("zh", "超出了日历所及的1970年至2099年")]
)
def test_a_story_beyond_the_calendar_is_told_in_the_readers_words(
    language: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = (Path(__file__).parents[2] / "docs/how-to/recurrence.md").read_text("utf-8")
    pack = guide.partition("```yaml\n")[2].partition("```")[0].replace("within: 10 workdays", "within: 30000 workdays")
    (tmp_path / "pack.yaml").write_text(pack, "utf-8")
    step = '{at: "2026-03-02T10:00+08:00", act: receive, by: desk, data: {channel: phone}}'
    (tmp_path / "story.yaml").write_text(f"log: [{step}]\n", "utf-8")

    assert run(["replay", str(tmp_path), str(tmp_path / "story.yaml"), "--language", language]) == 2

    told = capsys.readouterr().err
    assert words in told
    assert "bake" not in told
