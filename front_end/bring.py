"""Brings what runs in browsers and is not written here: packages of npm, each pinned by version and hash.

    python front_end/bring.py     asked by make; where npm is missing the pages do without

What is brought is not kept in the repository; a wheel that is built afterwards has it.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120  # seconds


@dataclass(frozen=True)
class Package:
    """One package of npm, and where which of its files go."""

    name: str
    version: str
    integrity: str  # of the archive, as the registry tells it
    files: tuple[str, ...]
    to: Path


PACKAGES = (
    Package(
        name="echarts",
        version="5.6.0",
        integrity="sha512-oTbVTsXfKuEhxftHqL5xprgLoc0k7uScAwtryCgWF6hPYFLRwOUHiFmHGCBKP5NPFNkDVopOieyUqYGH8Fa3kA==",
        files=("dist/echarts.common.min.js", "LICENSE", "NOTICE"),
        to=ROOT / "src" / "ombud" / "workbench" / "static" / "echarts",
    ),
)


def main() -> int:
    for package in PACKAGES:
        made = package.to / f"{package.version}.stamp"
        if made.exists():
            continue
        if shutil.which("npm") is None:
            print(f"{package.name} is not to be had without npm: pages draw without it.", file=sys.stderr)
            continue
        try:
            _bring(package)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"{package.name} was not to be had ({error}): pages draw without it.", file=sys.stderr)
            continue
        made.touch()
    return 0


def _bring(package: Package) -> None:
    """Fetch one package and lay its files out. What is not the very archive that is pinned ends the program."""
    with tempfile.TemporaryDirectory() as folder:
        asked = f"{package.name}@{package.version}"
        command = ["npm", "pack", asked, "--silent", "--pack-destination", folder]
        subprocess.run(command, check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL, cwd=folder)
        (archive,) = Path(folder).glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if f"sha512-{digest}" != package.integrity:
            raise SystemExit(f"{asked} is not what it was when it was pinned.")
        shutil.rmtree(package.to, ignore_errors=True)
        package.to.mkdir(parents=True)
        with tarfile.open(archive) as opened:
            for name in package.files:
                found = opened.extractfile(f"package/{name}")
                assert found is not None, "a file, as pinned"
                (package.to / Path(name).name).write_bytes(found.read())


if __name__ == "__main__":
    sys.exit(main())
