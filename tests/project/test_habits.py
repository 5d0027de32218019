"""What is run before a commit is what decides afterwards: the hooks, `make lint` and the tiers of tests agree."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import polib
import pytest
import yaml

from ombud.project.catalogues import catalogues, compile_catalogues

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


def asked_of_make() -> list[str]:
    """Return what `.ci/run` asks of make once everything is installed, as its own lines put it together."""
    script = (ROOT / ".ci/run").read_text("utf-8")
    own = script[script.index("\npure=") : script.index("\nfailed=()")]
    # Whoever is asked second finds that the other has taken all pieces.
    asked = f'scratch=$(mktemp -d)\nmake() {{ echo "$*"; }}\n{own}\non_sqlite\non_postgresql\nrm -r "$scratch"'
    told = subprocess.run(["bash", "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [line for line in told.splitlines() if not line.startswith("==")]


def tried_by(asked: str, file: str, *, is_marked: bool) -> bool:
    """Return whether a run tries the tests of a file that bear the mark `no_database`, or those that do not."""
    words = shlex.split(asked.partition("ARGS=")[2])
    if "-m" in words and {"no_database": True, "not no_database": False}[words[words.index("-m") + 1]] != is_marked:
        return False
    named = [word for word in words if word.startswith("tests/")] or ["tests"]
    left_out = [word.removeprefix("--ignore=") for word in words if word.startswith("--ignore=")]
    inside = [str(file), *map(str, Path(file).parents)]
    return any(name in inside for name in named) and not any(name in inside for name in left_out)


def test_the_decisive_run_tries_every_test_once_and_on_both_databases_what_asks_one() -> None:
    runs = [line for line in asked_of_make() if line.startswith("test ")]
    on_postgresql = [line for line in runs if "DATABASE_URL=" in line]
    embedded = [line for line in runs if "DATABASE_URL=" not in line]
    pure, once = pure_folders(), {*pages_of_one_database(), orders_of_lists()}
    files = [str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(files) > 300
    for file in files:
        for is_marked in (True, False):
            assert sum(tried_by(line, file, is_marked=is_marked) for line in embedded) == 1, (file, is_marked)
            both = not is_marked and file not in once and not any(file.startswith(f"{each}/") for each in pure)
            assert sum(tried_by(line, file, is_marked=is_marked) for line in on_postgresql) == both, (file, is_marked)
    assert asked_of_make().count("lint") == 1


def pure_folders() -> list[str]:
    (apart,) = re.findall(r'^pure="(.+)"$', (ROOT / ".ci/run").read_text("utf-8"), re.MULTILINE)
    return str(apart).split()


def orders_of_lists() -> str:
    (file,) = re.findall(r"^strings=(\S+)$", (ROOT / ".ci/run").read_text("utf-8"), re.MULTILINE)
    return str(file)


def pages_of_one_database() -> set[str]:
    """Return the files whose pages a browser opens on one database only."""
    script = (ROOT / ".ci/run").read_text("utf-8")
    (kept,) = re.findall(r"case \$file in (.+)\) ;; \*\) pages\+=", script)
    files = {str(file.relative_to(ROOT)) for file in (ROOT / "tests/browser").glob("test_*.py")}
    patterns = [each.strip() for each in kept.split("|")]
    assert all(any(fnmatch(name, pattern) for name in files) for pattern in patterns)
    return {name for name in files if not any(fnmatch(name, pattern) for pattern in patterns)}


def test_what_the_decisive_run_tries_apart_has_no_database() -> None:
    for folder in pure_folders():
        sources = {path.name: path.read_text("utf-8") for path in (ROOT / folder).rglob("*.py")}
        assert sources
        assert [name for name, text in sources.items() if re.search(r"django_db|\bdb: None|ombud\.cases", text)] == []


def test_the_decisive_run_goes_the_ways_of_whole_cases_in_a_browser_on_both_databases() -> None:
    journeys = {str(file.relative_to(ROOT)) for file in (ROOT / "tests/browser").glob("test_*_journey.py")}
    assert journeys > {"tests/browser/test_main_journey.py"}
    assert not journeys & pages_of_one_database()


def test_the_decisive_run_asks_only_the_browser_once_more() -> None:
    words = re.search(r"for words in (.+); do .*--only-rerun \$words", (ROOT / ".ci/run").read_text("utf-8"))
    assert words
    told = {  # as the plug-in reads an error: its kind and its text
        "TimeoutError: Locator.click: Timeout 30000ms exceeded.": True,
        "AssertionError: Locator expected to be visible": True,
        "AssertionError: Page expected to have title 'Register'": True,
        "TimeoutError: timed out": False,
        "TimeoutError: ": False,
        "AssertionError: it took too long": False,
    }
    assert {text: any(re.search(each, text) for each in words[1].split()) for text in told} == told


def test_the_decisive_run_skips_nothing_that_is_missing() -> None:
    script = (ROOT / ".ci/run").read_text("utf-8")
    assert "export OMBUD_REQUIRE_BROWSER=1" in script
    assert re.search(r"^set -uo pipefail$", script, re.MULTILINE)
    for what in ("no Chromium", "no PostgreSQL server"):
        assert re.search(rf'echo "There is {what}\." >&2; exit 1', script)
