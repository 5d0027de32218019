"""`ombud policy diff`: two versions by clause, the scenarios that end differently, and the open cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builders import make_case, publish_policy, shipped_pack
from cast import POLICY, Cast
from ombud.cases.references import shown
from ombud.project.policy_command import run

pytestmark = pytest.mark.slow

LIMIT = ("    do: register\n    within: 1 h", "    do: register\n    within: 2 h")


@pytest.fixture
def later(tmp_path: Path) -> str:
    """Return the folder of a version in which complaints are registered within 2 hours."""
    folder = tmp_path / "later"
    for name, text in shipped_pack().sources.items():
        if not name.startswith("base/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text.replace("version: 1.0.0", "version: 1.1.0", 1).replace(*LIMIT), "utf-8")
    return str(folder)


def test_a_changed_limit_stands_under_its_clause_in_words(later: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", POLICY, later, "--language", "en"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{POLICY} 1.0.0 -> {POLICY} 1.1.0\n\n§ 1.1.6\n")
    assert "  duty changed: Register within 1 hour (pack.yaml:" in out
    assert "    limit: 1 hour -> 2 hours" in out
    assert "  registered one second after the hour (scenarios/channels.yaml:" in out
    assert "    Register within 1 hour: status: late -> met" in out


def test_the_terminal_may_speak_chinese(later: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["diff", POLICY, later, "--language", "zh"])
    assert "    时限: 1小时 -> 2小时" in capsys.readouterr().out


def test_a_version_is_the_same_as_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", POLICY, POLICY, "--language", "en"]) == 0
    assert "The two versions say the same" in capsys.readouterr().out


def test_one_json_document_holds_everything(later: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["diff", POLICY, later, "--json", "--language", "en"])
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"before", "after", "clauses", "elsewhere", "scenarios"}
    (clause,) = document["clauses"]
    assert (clause["ref"], clause["change"]) == ("1.1.6", None)
    (rule,) = clause["rules"]
    assert {key: rule[key] for key in ("change", "kind", "id", "procedure", "file", "details")} == {
        "change": "changed",
        "kind": "duty",
        "id": "register",
        "procedure": "complaint",
        "file": "pack.yaml",
        "details": [{"attribute": "limit", "before": "1 hour", "after": "2 hours"}],
    }
    assert {"what", "before", "after"} == set(document["scenarios"][0]["differences"][0])


def test_what_is_no_policy_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", POLICY, "no-such-policy"]) == 2
    assert "no-such-policy" in capsys.readouterr().err


@pytest.mark.django_db
def test_the_open_cases_that_would_stand_differently_are_named(
    cast: Cast, later: str, capsys: pytest.CaptureFixture[str]
) -> None:
    case = make_case().case
    assert run(["diff", f"{POLICY}@1.0.0", later, "--cases", "--json", "--language", "en"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["cases"]
    assert (found["reference"], found["can_go_over"]) == (shown(case.reference), True)
    # filed at 09:00 in Shanghai
    due = {"what": "Register within 1 hour: due", "before": "2026-03-03 10:00", "after": "2026-03-03 11:00"}
    assert due in found["differences"]


@pytest.mark.django_db
def test_a_version_that_the_database_lacks_is_told_with_those_that_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    publish_policy()
    assert run(["diff", f"{POLICY}@2.0.0", POLICY]) == 2
    assert "no version '2.0.0'" in capsys.readouterr().err
