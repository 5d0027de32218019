"""A backup taken while Ombud runs, put back elsewhere, holds every case and every file."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from ombud.cases.keeping import backups_made
from ombud.project import backup

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


@pytest.mark.parametrize("is_check_first", [True, False])
def test_no_key_is_made_up_to_read_a_backup(file: Path, tmp_path: Path, is_check_first: bool) -> None:
    arguments = ["--check", str(file)] if is_check_first else [str(file), "--check"]
    refused = ombud(tmp_path, "backup", *arguments, OMBUD_MASTER_KEY="", OMBUD_SECRET_KEY="")
    assert (refused.returncode, "give the key that the data were made under" in refused.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_put_back_where_the_folder_is_still_to_be_made(file: Path, tmp_path: Path) -> None:
    folder, database = tmp_path / "still" / "to be made", tmp_path / "elsewhere" / "ombud.sqlite3"
    done = ombud(folder, "restore", str(file), DATABASE_URL=f"sqlite://{database}")
    assert (done.returncode, done.stderr) == (0, "")
    assert database.exists()
    assert (folder / "media" / "ab" / "photo").read_bytes() == b"evidence"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_evidence_that_came_while_a_backup_was_read_is_not_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def place(folder: Path) -> Path:
        monkeypatch.setattr(settings, "OMBUD_VAR", folder)
        monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(folder / "ombud.sqlite3"))
        (folder / "media").mkdir(parents=True)
        return folder

    monkeypatch.setattr(backups_made, "note", lambda **_said: None)  # this database is no register
    live = place(tmp_path / "live")
    with closing(sqlite3.connect(live / "ombud.sqlite3")) as database:
        database.execute("CREATE TABLE line (number integer)")
    (live / "media" / "photo").write_bytes(b"evidence")
    backup.write(tmp_path / "backup")

    again, read = place(tmp_path / "again"), backup._read

    def overtaken(*arguments: Any) -> Any:
        (again / "media" / "new").write_bytes(b"came meanwhile")
        return read(*arguments)

    monkeypatch.setattr(backup, "_read", overtaken)
    with pytest.raises(OSError, match="not empty"):
        backup.put_back(tmp_path / "backup")
    assert (again / "media" / "new").read_bytes() == b"came meanwhile"
    assert not (again / "ombud.sqlite3").exists()


def test_on_postgresql_the_command_says_what_to_do_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "IS_EMBEDDED", False)
    assert backup.backup([str(tmp_path / "backup.tar.gz")]) == 2
