"""A backup taken while Ombud runs, put back elsewhere, holds every case and every file."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
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


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    environment |= {"OMBUD_VAR": str(folder), "OMBUD_SECRET_KEY": "s" * 50, "OMBUD_MASTER_KEY": "5e" * 32}
    environment["DJANGO_SETTINGS_MODULE"] = "ombud.project.settings"
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def ombud(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "-m", "ombud.project", *arguments)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("live") / "var"
    assert ombud(folder, "migrate").returncode == 0
    assert run(folder, "-c", SCRIPT).returncode == 0
    (folder / "media" / "ab").mkdir(parents=True)
    (folder / "media" / "ab" / "photo").write_bytes(b"evidence")
    return folder


def test_what_was_backed_up_comes_back_whole_and_verifies(installation: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    made = ombud(installation, "backup", str(file))
    assert made.returncode == 0, made.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    with tarfile.open(file) as archive:
        assert sorted(archive.getnames()) == ["manifest.json", "media/ab/photo", "ombud.sqlite3"]

    again = tmp_path / "again"
    assert ombud(again, "restore", str(file)).returncode == 0
    assert (again / "media" / "ab" / "photo").read_bytes() == b"evidence"
    assert "1 cases, " in ombud(again, "verify").stdout

    twice = ombud(again, "restore", str(file))
    assert twice.returncode == 2
    assert "exists" in twice.stderr


def test_a_damaged_backup_is_refused_and_nothing_is_put_back(installation: Path, tmp_path: Path) -> None:
    file, bad = tmp_path / "backup.tar.gz", tmp_path / "bad.tar.gz"
    assert ombud(installation, "backup", str(file)).returncode == 0
    with tarfile.open(file) as archive:
        archive.extractall(tmp_path / "held", filter="data")
    (tmp_path / "held" / "ombud.sqlite3").write_bytes(b"something else")
    with tarfile.open(bad, "w:gz") as archive:
        for name in ("manifest.json", "ombud.sqlite3"):
            archive.add(tmp_path / "held" / name, name)

    refused = ombud(tmp_path / "again", "restore", str(bad))
    assert refused.returncode == 2
    assert "damaged" in refused.stderr
    assert not (tmp_path / "again" / "ombud.sqlite3").exists()


def test_on_postgresql_the_command_says_what_to_do_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    from ombud.project import backup

    monkeypatch.setattr(settings, "IS_EMBEDDED", False)
    assert backup.backup([str(tmp_path / "backup.tar.gz")]) == 2
