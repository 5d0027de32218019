"""Asks the advisory database about the pinned versions: `make audit`.

Exit code 0: all were looked up and none is known to have a hole. 1: one has. 3: not looked up, since the database could
not be reached or does not know a package. Whoever runs it tells 3 apart: what was not looked at has not passed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 30  # seconds for all of it
ASK = (
    "--requirement", "constraints.txt", "--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "10",
    "--format", "json",
)  # fmt: skip


def main() -> int:
    """Ask, say what came of it in a few lines, and return the exit code."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", *ASK], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return told(3, [f"no answer within {PATIENCE} s"])
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return told(3, done.stderr.strip().splitlines()[-1:])
    return told(*judged(found))


def judged(found: dict[str, Any]) -> tuple[int, list[str]]:
    """Return the exit code and what to say for what pip-audit found."""
    parts = found["dependencies"]
    holes = [f"{each['name']} {each['version']}: {hole['id']}" for each in parts for hole in each.get("vulns", ())]
    if holes:
        return 1, holes
    skipped = [str(each["name"]) for each in parts if "skip_reason" in each]
    if skipped or not parts:
        return 3, [f"{len(skipped)} of {len(parts)} packages are not known there: {', '.join(skipped[:5])}"]
    return 0, []


def told(result: int, lines: list[str]) -> int:
    """Print what came of it, and return it."""
    print({0: "No known holes", 1: "Known holes:", 3: "The advisory database could not be reached:"}[result])
    for line in lines:
        print(f"  {line}")
    return result


if __name__ == "__main__":
    sys.exit(main())
