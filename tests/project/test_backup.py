"""A backup taken while Ombud runs, put back elsewhere, holds every case and every file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import django; django.setup()
from django.utils import timezone
from ombud.channels.intake import receive
from ombud.organisation.publishing import publish
from ombud.policy import load
now = timezone.now()
publish(load("customer-complaints"), now=now)
receive("customer-complaints", channel="web", language="zh", data={"subject": "x"}, at=now, now=now)
"""


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    environment |= {"OMBUD_VAR": str(folder), "OMBUD_SECRET_KEY": "s" * 50, "OMBUD_MASTER_KEY": "5e" * 32}
    environment |= settings
    environment["DJANGO_SETTINGS_MODULE"] = "ombud.project.settings"
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def ombud(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "-m", "ombud.project", *arguments, **settings)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("live") / "var"
    assert ombud(folder, "migrate").returncode == 0
    assert run(folder, "-c", SCRIPT).returncode == 0
    (folder / "media" / "ab").mkdir(parents=True)
    (folder / "media" / "ab" / "photo").write_bytes(b"evidence")
    return folder


@pytest.fixture(scope="module")
def file(installation: Path) -> Path:
    made = installation.parent / "backup"
    done = ombud(installation, "backup", str(made))
    assert done.returncode == 0, done.stderr
    return made


def test_what_was_backed_up_comes_back_whole_and_verifies(file: Path, tmp_path: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"evidence" not in file.read_bytes()
    assert b"SQLite" not in file.read_bytes()
    checked = ombud(tmp_path / "nowhere", "backup", "--check", str(file))
    assert (checked.returncode, "is whole: the database and 1 files" in checked.stdout) == (0, True)

    again = tmp_path / "again"
    assert ombud(again, "restore", str(file)).returncode == 0
    assert (again / "media" / "ab" / "photo").read_bytes() == b"evidence"
    assert "1 cases, " in ombud(again, "verify").stdout

    twice = ombud(again, "restore", str(file))
    assert twice.returncode == 2
    assert "exists" in twice.stderr


@pytest.mark.parametrize("left", ["ombud.sqlite3-wal", "ombud.sqlite3-shm", "media/ab/file"])
def test_nothing_is_put_beside_what_another_installation_left(file: Path, tmp_path: Path, left: str) -> None:
    (tmp_path / left).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / left).write_bytes(b"left")
    refused = ombud(tmp_path, "restore", str(file))
    assert (refused.returncode, "exists: restore into an empty" in refused.stderr) == (2, True)
    assert (tmp_path / left).read_bytes() == b"left"
    assert not (tmp_path / "ombud.sqlite3").exists()


def test_a_damaged_backup_is_refused_in_words_and_nothing_is_put_back(file: Path, tmp_path: Path) -> None:
    whole = file.read_bytes()
    middle = len(whole) // 2
    for broken in (whole[:middle], whole[:-5], whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]):
        bad, place = tmp_path / "bad", tmp_path / "again"
        bad.write_bytes(broken)
        for refused in (ombud(place, "restore", str(bad)), ombud(place, "backup", "--check", str(bad))):
            assert refused.returncode == 2
            assert "damaged" in refused.stderr or "cut off" in refused.stderr
            assert "Traceback" not in refused.stderr
        assert list(place.iterdir()) == []


def test_without_the_right_master_key_nothing_is_put_back(file: Path, tmp_path: Path) -> None:
    refused = ombud(tmp_path, "restore", str(file), OMBUD_MASTER_KEY="6f" * 32)
    assert (refused.returncode, "another master key" in refused.stderr) == (2, True)
    refused = ombud(tmp_path, "restore", str(file), OMBUD_MASTER_KEY="")
    assert (refused.returncode, "give the key that the data were made under" in refused.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_on_postgresql_the_command_says_what_to_do_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    from ombud.project import backup

    monkeypatch.setattr(settings, "IS_EMBEDDED", False)
    assert backup.backup([str(tmp_path / "backup.tar.gz")]) == 2
