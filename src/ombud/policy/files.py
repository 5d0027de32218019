"""The files of a pack: what may be read from its folder, and nothing outside it."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from ombud.policy.model.source import Place
from ombud.policy.problems import Problems

MAIN_FILE = "pack.yaml"
ALLOWED = re.compile(r"(pack\.yaml|scenarios/[\w-]+\.yaml|letters/[\w-]+\.[A-Za-z-]+\.md|source/[\w.-]+\.(md|txt))\Z")
MAX_FILE, MAX_FILES = 1_000_000, 300


def packs_folder() -> Path:
    """Return the folder of the packs that come with the program."""
    return Path(str(files("ombud"))) / "packs"


def read_folder(folder: Path, problems: Problems) -> dict[str, str]:
    """Return the pack's files by their relative names; a link or a strange file is left unread."""
    root = folder.resolve()
    if not (root / MAIN_FILE).is_file():
        problems.add(Place(MAIN_FILE, 1, 1), f"There is no {MAIN_FILE} in {folder}. A pack is a folder with that file.")
        return {}
    texts: dict[str, str] = {}
    candidates = [
        root / MAIN_FILE,
        *sorted(root.glob("scenarios/*")),
        *sorted(root.glob("letters/*")),
        *sorted(root.glob("source/*")),
    ]
    for path in candidates[:MAX_FILES]:
        name = path.relative_to(root).as_posix()
        if not ALLOWED.match(name):
            continue
        if path.is_symlink() or not path.resolve().is_relative_to(root) or not path.is_file():
            problems.add(
                Place(name, 1, 1),
                f"{name} is a link or not a plain file, so it is not read. Put the file itself into the pack.",
            )
        elif path.stat().st_size > MAX_FILE:
            problems.add(Place(name, 1, 1), f"{name} is larger than {MAX_FILE} bytes. Shorten or split it.")
        else:
            _add(texts, name, path, problems)
    return texts


def _add(texts: dict[str, str], name: str, path: Path, problems: Problems) -> None:
    try:
        texts[name] = path.read_text("utf-8")
    except UnicodeDecodeError:
        problems.add(Place(name, 1, 1), f"{name} is not UTF-8 text. Save it as UTF-8.")
