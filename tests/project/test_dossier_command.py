"""The command that writes a dossier: for the installation or for a person, whole or not at all."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from builders import make_history
from cast import Cast
from ombud.papers import dossier
from ombud.papers.dossier.stand_alone import verify
from ombud.privacy.models import Access
from ombud.project.dossier_command import run


@pytest.fixture
def reference(cast: Cast, media: Path) -> str:
    return make_history(cast, "register").reference


def test_it_writes_a_dossier_that_proves_itself(
    reference: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "case.zip"
    assert run([reference.lower(), str(out)]) == 0
    assert dossier.key_in_hex() in capsys.readouterr().out
    with zipfile.ZipFile(out) as packed:
        assert verify(packed, key=dossier.key_in_hex()).problems == []
    assert not Access.objects.exists()


def test_it_is_logged_as_the_persons_for_whom_it_is_made(reference: str, cast: Cast, tmp_path: Path) -> None:
    assert run([reference, str(tmp_path / "case.zip"), "--for", cast.lin.username, "--language", "en"]) == 0
    assert Access.objects.get().person == cast.lin


def test_what_cannot_be_written_is_said_and_nothing_is_left(
    reference: str, cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there.zip"
    there.write_bytes(b"mine")
    assert run([reference, str(there)]) == 2
    assert there.read_bytes() == b"mine"
    assert run(["KS-0000-0000-0", str(tmp_path / "a.zip")]) == 2
    assert run([reference, str(tmp_path / "b.zip"), "--for", "nobody"]) == 2
    assert run([reference, str(tmp_path / "c.zip"), "--for", cast.ai.username]) == 2  # sees it masked
    assert run([reference, str(tmp_path / "no" / "folder.zip")]) == 2
    assert [line.startswith("ombud: ") for line in capsys.readouterr().err.splitlines()] == [True] * 5
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".zip"] == ["there.zip"]
    with pytest.raises(SystemExit, match="2"):
        run([])


def test_the_key_is_printed_for_auditors(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--key"]) == 0
    assert capsys.readouterr().out == f"{dossier.key_in_hex()}\n"
