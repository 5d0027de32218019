"""A series of backups, put back after everything was destroyed, as of any of them; on both databases."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.utils import timezone

from ombud.project.backups import images, points, putting_back, series
from ombud.project.backups.points import Manifest, Point

pytestmark = [pytest.mark.slow, pytest.mark.either_database]

#: Steps of one process: a process takes seconds to begin. `+WORD` files a complaint, `-` erases whom the first is of,
#: `=` tells how each case stands, and anything else is a command.
SCRIPT = """
import shlex, sys, django; django.setup()
from io import BytesIO
from django.utils import timezone
from ombud.cases import attachments
from ombud.cases.keeping.erasure import erase
from ombud.cases.models import Case
from ombud.channels.intake import receive
from ombud.organisation.publishing import policies_in_force, publish
from ombud.policy import load
from ombud.project.command import main
def file(word):
    now = timezone.now()
    if not policies_in_force(now=now):
        publish(load("customer-complaints"), now=now)
    receive("customer-complaints", channel="web", language="zh", data={"subject": word}, at=now, now=now)
    content = BytesIO(bytes([137]) + b"PNG\\r\\n\\x1a\\n" + word.encode())
    attachments.store(content, name="a.png", uploaded_by="x", now=now)
for step in sys.argv[1:]:
    if step.startswith("+"):
        file(step)
    elif step == "-":
        erase(Case.objects.order_by("pk").first().complainant, now=timezone.now())
    elif step == "=":
        rows = Case.objects.select_related("complainant").order_by("pk")
        print("cases", *("erased" if each.complainant.wrapped_key is None else "there" for each in rows), flush=True)
    else:
        print("exit", main(shlex.split(step)), timezone.now().isoformat(), flush=True)
"""


class Place:
    """An installation of its own, whose data can be destroyed."""

    def __init__(self, folder: Path, server: str) -> None:
        self.var, self.backups, self._server, self.name = folder / "var", folder / "backups", server, ""
        self.destroy()

    def destroy(self) -> None:
        """Take database and evidence away."""
        shutil.rmtree(self.var, ignore_errors=True)
        self.var.mkdir()
        if self._server:
            self.drop()
            self.name = f"series_{uuid.uuid4().hex[:8]}"
            self._say(f"CREATE DATABASE {self.name}")

    def drop(self) -> None:
        if self.name:
            self._say(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _say(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement.encode())

    def run(self, *steps: str, key: str = "5e" * 32) -> str:
        """Do some steps in a process, and return what it says on both ways out."""
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment |= {"OMBUD_VAR": str(self.var), "OMBUD_SECRET_KEY": "s" * 50, "OMBUD_MASTER_KEY": key}
        environment["DJANGO_SETTINGS_MODULE"] = "ombud.project.settings"
        if self._server:
            environment["DATABASE_URL"] = urlsplit(self._server)._replace(path=f"/{self.name}").geturl()
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, *steps], env=environment, text=True, timeout=300, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout

    @property
    def evidence(self) -> int:
        return len([path for path in (self.var / "media").rglob("*") if path.is_file()])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, list[str]]]:
    """An installation backed up three times: with two cases, with three, and with the first erased."""
    server = os.environ.get("DATABASE_URL", "") if not settings.IS_EMBEDDED else ""
    if server and shutil.which("pg_dump") is None:
        pytest.skip("PostgreSQL's client is not here")
    made = Place(tmp_path_factory.mktemp("series"), server)
    once = f"backup --incremental {made.backups}"
    said = made.run("migrate", "+one", "+two", once, "+three", once, "-", "+four", once)
    done = re.findall(r"^exit (\d) (\S+)", said, re.MULTILINE)
    assert [code for code, _at in done] == ["0"] * 4, said
    yield made, [at for _code, at in done[1:]]
    made.drop()


def test_it_comes_back_as_of_any_moment_and_the_erased_stay_erased(place: tuple[Place, list[str]]) -> None:
    made, moments = place
    said = made.run(f"backup --list {made.backups}", f"backup --check {made.backups}")
    assert re.findall(r"-(full|increment)\.ombud: ", said) == ["full", "increment", "increment"] * 2
    assert said.count("3 backups, 0 problems") == 2
    for moment, cases in ((moments[0], 2), (moments[1], 3), (None, 4)):
        made.destroy()
        until = f" --until {moment}" if moment else ""
        said = made.run(f"restore {made.backups}{until}", "=", "verify")
        assert said.count(f"{cases} cases") == said.count(": 0 problems") == 2, said
        assert f"cases erased{' there' * (cases - 1)}\n" in said
        assert made.evidence == cases
    assert re.search("exists|tables already", made.run(f"restore {made.backups}"))


def test_what_cannot_be_put_back_says_why(place: tuple[Place, list[str]]) -> None:
    made, _moments = place
    made.destroy()
    said = made.run(
        f"restore {made.backups} --until 2020-01-01T00:00Z",
        f"restore {made.backups} --until yesterday",
        f"backup --check {made.backups}",
        key=f"2:{'6f' * 32},{'5e' * 32}",
    )
    assert "there is no backup from before 2020" in said
    assert "yesterday is no time such as" in said
    assert "3 backups, 0 problems" in said  # a new key reads them with the old one beside it
    assert "another master key" in made.run(f"restore {made.backups}", key="6f" * 32)
    assert made.evidence == 0


@pytest.mark.parametrize("damage", ["missing", "cut", "changed", "swapped"])
def test_what_is_missing_changed_or_cut_is_named_and_nothing_is_put_back(
    place: tuple[Place, list[str]], tmp_path: Path, damage: str
) -> None:
    made, _moments = place
    folder = tmp_path / "copy"
    shutil.copytree(made.backups, folder)
    files = sorted(folder.glob("*.ombud"), key=lambda each: each.stat().st_mtime_ns)  # two may be of one second
    hurt, content = files[1], files[1].read_bytes()
    if damage == "missing":
        hurt.unlink()
    elif damage == "cut":
        hurt.write_bytes(content[:-20])
    elif damage == "changed":
        hurt.write_bytes(content[:-40] + bytes([content[-40] ^ 1]) + content[-39:])
    else:
        hurt.write_bytes(files[0].read_bytes())
    made.destroy()
    checked, restored = made.run(f"backup --check {folder}", f"restore {folder}").split("exit 1", 1)
    assert hurt.name in checked
    assert hurt.name in restored
    assert "exit 2" in restored
    assert not (made.var / "ombud.sqlite3").exists()
    assert made.evidence == 0


def test_a_row_more_makes_few_blocks_new(tmp_path: Path) -> None:
    rows = [f"{number}\t{uuid.uuid4()}\t{'x' * 200}\n" for number in range(20_000)]
    before, after = tmp_path / "before", tmp_path / "after"
    before.write_text("".join(rows))
    after.write_text("".join([*rows[:10_000], "new\n", *rows[10_000:]]))
    marks = {block.mark for block, _part in images.blocks(before, images.POSTGRESQL)}
    fresh = [block for block, _part in images.blocks(after, images.POSTGRESQL) if block.mark not in marks]
    assert len(marks) > 100
    assert len(fresh) <= 2


def test_what_younger_ones_need_is_kept() -> None:
    now = timezone.now()

    def point(id: str, days: int, *needs: str) -> Point:
        manifest = Manifest(
            id=id, made_at=(now - timedelta(days=days)).isoformat(), kind=points.FULL, vendor="sqlite", blocks=[],
            fresh=[], evidence={}, files=[], needs={each: [each, 1] for each in needs}, erased={}, by="", generation=1,
        )  # fmt: skip
        return Point(path=Path(id), manifest=manifest)

    found = [point("a", 20), point("b", 15, "a"), point("c", 9, "a", "b"), point("d", 8), point("e", 1, "d")]
    assert [each.manifest.id for each in series.spare(found, timedelta(days=7))] == ["a", "b", "c"]
    assert [each.manifest.id for each in series.spare(found, timedelta(days=10))] == []
    assert [each.manifest.id for each in series.spare(found[:3], timedelta(days=1))] == []
    assert re.fullmatch(r"\d{8}T\d{6}Z-a-full\.ombud", points.name_of(found[0].manifest))


def test_backups_under_a_key_that_is_gone_go_together_once_all_are_old(tmp_path: Path) -> None:
    now = timezone.now()
    names = [f"{now - timedelta(days=days):%Y%m%dT%H%M%SZ}-a-full.ombud" for days in (20, 9)]
    found = series.Found([], dict.fromkeys(names, "another key"), {})
    assert series._run_out(tmp_path, found, timedelta(days=10)) == []
    assert series._run_out(tmp_path, found, timedelta(days=8)) == [tmp_path / name for name in names]
    assert series._run_out(tmp_path, series.Found([], {}, {}), timedelta(days=8)) == []


@pytest.mark.parametrize(("unread", "is_refused"), [("20260301T080000Z-1", True), ("20260301T075959Z-f", False)])
def test_a_file_that_may_be_the_newest_is_not_passed_over_in_silence(unread: str, is_refused: bool) -> None:
    manifest = Manifest(
        id="a" * 32, made_at="2026-03-01T08:00:00+00:00", kind="full", vendor="sqlite", blocks=[], fresh=[],
        evidence={}, files=[], needs={}, erased={}, by="0", generation=1,
    )  # fmt: skip
    point = Point(path=Path(points.name_of(manifest)), manifest=manifest)
    found = series.Found([point], {}, {f"{unread}-increment.ombud": f"{unread} is cut off"})
    if is_refused:  # of the same second nobody can say which came last
        with pytest.raises(points.PointError, match=f"{unread} is cut off"):
            putting_back.choose(found, None)
    else:
        assert putting_back.choose(found, None) is point
    assert putting_back.choose(found, manifest.at) is point
