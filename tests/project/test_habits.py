"""What is run before a commit is what decides afterwards: the hooks, `make lint` and the tiers of tests agree."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import polib
import pytest
import yaml

from ombud.project.messages import catalogues, compile_catalogues

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def recipe(target: str) -> list[str]:
    """Return the commands of a target of the Makefile."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert found, target
    return [line.strip().replace("$(BIN)", ".venv/bin") for line in found[1].splitlines()]


def hooks() -> list[dict[str, object]]:
    [repository] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert repository["repo"] == "local", "a hook from elsewhere would be downloaded, in a version of its own"
    found: list[dict[str, object]] = repository["hooks"]
    return found


def test_the_hooks_run_what_make_lint_runs() -> None:
    assert [hook["entry"] for hook in hooks()] == recipe("lint")
    assert all(hook["language"] == "system" and hook["pass_filenames"] is False for hook in hooks())


def test_the_quick_tier_leaves_out_only_what_is_marked_and_the_whole_suite_nothing() -> None:
    markers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]["markers"]
    known = {marker.partition(":")[0] for marker in markers}
    [_folder, quick] = recipe("test-fast")
    [chosen] = re.findall(r'-m "([^"]+)"', quick)
    left_out = set(re.findall(r"not (\w+)", chosen))
    assert left_out == {"slow", "browser"} <= known
    assert "--reuse-db" in quick
    assert recipe("test") == ["@.venv/bin/python -m pytest $(ARGS)"]


def test_two_runs_at_the_same_time_compile_the_same_catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "locale", tmp_path / "locale", ignore=shutil.ignore_patterns("*.mo"))
    save = polib.POFile.save_as_mofile

    def overtaken(file: polib.POFile, path: str) -> None:
        save(file, path)
        monkeypatch.undo()
        compile_catalogues([tmp_path / "locale"])  # the other run has put its own in place meanwhile

    monkeypatch.setattr(polib.POFile, "save_as_mofile", overtaken)
    compile_catalogues([tmp_path / "locale"])
    [source, *_others] = catalogues(tmp_path / "locale")
    assert sorted(path.suffix for path in source.parent.iterdir()) == [".mo", ".po"]


def test_the_decisive_run_leaves_out_on_postgresql_only_what_has_no_database() -> None:
    script = (ROOT / ".ci/run").read_text("utf-8")
    apart = re.findall(r"--ignore=tests/(\w+)", script)
    assert apart
    assert '"ARGS=$patience $pure"' in script
    for folder in apart:
        sources = {path.name: path.read_text("utf-8") for path in (ROOT / "tests" / folder).rglob("*.py")}
        assert sources
        assert [name for name, text in sources.items() if re.search(r"django_db|\bdb: None|ombud\.cases", text)] == []


def test_the_decisive_run_skips_nothing_that_is_missing() -> None:
    script = (ROOT / ".ci/run").read_text("utf-8")
    assert "export OMBUD_REQUIRE_BROWSER=1" in script
    assert re.search(r"^set -uo pipefail$", script, re.MULTILINE)
    for what in ("no Chromium", "no PostgreSQL server"):
        assert re.search(rf'echo "There is {what}\." >&2; exit 1', script)
