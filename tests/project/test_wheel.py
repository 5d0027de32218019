"""The built wheel works where there is no checkout: installed, begun with `ombud init`, served in both languages."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked in a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("ombud-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(folder / "there"), str(wheel)], check=True)
    return folder / "there"


@pytest.fixture
def command(installed: Path, tmp_path: Path) -> list[str]:
    (tmp_path / "empty").mkdir()
    return [sys.executable, "-m", "ombud.project"]


def environment(installed: Path, **given: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("OMBUD_", "DATABASE_", "DJANGO_"))
    }
    return {**kept, "PYTHONPATH": str(installed), "PYTHONWARNINGS": "", "PYTHONDONTWRITEBYTECODE": "1", **given}


def test_it_says_its_version_and_carries_its_policies(installed: Path, command: list[str], tmp_path: Path) -> None:
    for arguments, expected in ((["--version"], "ombud 0."), (["policy", "list"], "customer-complaints")):
        done = subprocess.run(
            [*command, *arguments], cwd=tmp_path / "empty", env=environment(installed), capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        assert expected in done.stdout


@pytest.fixture
def served(installed: Path, command: list[str], tmp_path: Path) -> Iterator[str]:
    """The address of an installation that was begun in an empty folder, and wrote nothing where the program lies."""
    before, port = written(installed), free_port()
    place = {"cwd": tmp_path / "empty", "env": environment(installed, PORT=str(port))}
    begun = subprocess.run([*command, "init", "--admin", "yu"], **place, capture_output=True, text=True, check=True)  # type: ignore[call-overload]
    assert "yu is the administrator" in begun.stdout
    published = subprocess.run([*command, "publish", "customer-complaints"], **place, check=False)  # type: ignore[call-overload]
    assert published.returncode == 0
    with subprocess.Popen([*command, "serve", "--port", str(port)], **place) as server:  # type: ignore[call-overload]
        yield f"http://127.0.0.1:{port}"
        server.terminate()
        assert server.wait(PATIENCE) == 0
    # Not by taking the right away: who runs the tests may be root, who has it all the same.
    assert written(installed) == before


def written(folder: Path) -> dict[str, int]:
    """When each file below a folder was written."""
    return {str(each.relative_to(folder)): each.stat().st_mtime_ns for each in folder.rglob("*") if each.is_file()}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def page(address: str, language: str) -> str:
    """Return a page, once the server answers."""
    end = time.monotonic() + PATIENCE
    while True:
        asked = urllib.request.Request(address, headers={"accept-language": language})
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return str(answer.read().decode())
        except OSError:  # not there yet, or slow on a busy machine
            assert time.monotonic() < end
            time.sleep(0.2)


def test_it_is_begun_and_served_outside_any_checkout(served: str) -> None:
    assert "\u767b\u5f55" in page(f"{served}/desk/sign-in/", "zh-CN")
    assert "Sign in" in page(f"{served}/desk/sign-in/", "en")
    assert "\u6295\u8bc9" in page(f"{served}/", "zh-CN")
    assert "Beschwerde" in page(f"{served}/", "de")
    assert "box-sizing" in page(f"{served}/static/ombud/base.css", "en")
