"""What is run before a commit is what decides afterwards: the hooks, `make lint` and the tiers of tests agree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

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
