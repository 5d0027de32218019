"""A tutorial followed word by word: files saved and changed as it says, commands run, outputs compared."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_STEP = re.compile(
    r"^(?P<verb>Save this as|Add to the end of) `(?P<file>[^`]+)`:\n+```\w*\n(?P<text>.*?)^```$"
    r"|^In `(?P<where>[^`]+)`, put this after the line `(?P<line>[^`]+)`:\n+```\w*\n(?P<more>.*?)^```$"
    r"|In `(?P<within>[^`]+)`, change `(?P<old>[^`]+)` to `(?P<new>[^`]+)`\."
    r"|^```console\n(?P<console>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
ANYTHING = "..."  # a line of it stands for any lines; within a line, for any words


@dataclass(frozen=True, slots=True)
class Told:
    """A command of the page, what the page shows, and what came out."""

    command: str
    shown: str
    output: str

    @property
    def is_true(self) -> bool:
        pattern = "".join(
            r"(?:.*\n)*?" if line.strip() == ANYTHING else ".*".join(map(re.escape, line.split(ANYTHING))) + r"\n"
            for line in self.shown.splitlines()
        )
        return re.fullmatch(pattern, self.output) is not None


def follow(page: str, folder: Path) -> Iterator[Told]:
    """Do in a folder what the page says, and yield every command with its output."""
    for step in _STEP.finditer(page):
        if step["verb"]:
            path = folder / step["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_text("utf-8") if step["verb"].startswith("Add") else ""
            path.write_text(before + step["text"], "utf-8")
        elif step["where"]:
            _change(folder / step["where"], f"{step['line']}\n", f"{step['line']}\n{step['more']}")
        elif step["within"]:
            _change(folder / step["within"], step["old"], step["new"])
        else:
            for command, shown in commands(step["console"]):
                yield Told(command, shown, _run(command, folder))


def commands(console: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block with what stands below it."""
    for part in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        command, _newline, shown = part.partition("\n")
        yield command, shown


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{path.name} has {text.count(old)} times {old!r}"
    path.write_text(text.replace(old, new), "utf-8")


def _run(command: str, folder: Path) -> str:
    """Return what a command prints, as a reader in this folder sees it."""
    own = ("LC_", "OMBUD_", "DATABASE_", "DJANGO_")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(own)},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "OMBUD_VAR": str(folder / "var"),
    }
    done = subprocess.run(
        shlex.split(command), cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    return done.stdout + done.stderr
