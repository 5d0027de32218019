"""`ombud export`: a row for each case, duty, event and figure; nothing personal unless somebody entitled says why."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from builders import make_case, make_history
from cast import POLICY, Cast
from ombud.cases.models import Case, Duty, Event, Recusal
from ombud.insight import keeping
from ombud.insight.exports import command
from ombud.insight.exports.models import Export
from ombud.privacy.models import Complainant

pytestmark = pytest.mark.django_db
PERSONAL = ("王小明", "13800138000", "138 0013 8000", "Wang@Example.com", "漏水")


@pytest.fixture
def case(cast: Cast) -> Case:
    found = make_history(cast, "follow_up")
    keeping.rebuild()
    return found


def exported(tmp_path: Path, *arguments: str) -> list[dict[str, str]]:
    file = tmp_path / "out.csv"
    assert command.run([*arguments, "--output", str(file)]) == 0
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline="")))


@pytest.mark.parametrize("what", ["cases", "duties", "events", "figures"])
def test_without_a_reason_nothing_personal_is_written(cast: Cast, case: Case, tmp_path: Path, what: str) -> None:
    rows = exported(tmp_path, what)
    text = json.dumps(rows, ensure_ascii=False)
    assert [each for each in PERSONAL if each in text] == []
    assert (
        len(rows) == {"cases": 1, "duties": Duty.objects.count(), "events": Event.objects.count(), "figures": 1}[what]
    )
    assert {row["case"] for row in rows} == {case.reference}


def test_what_is_written_is_what_is_stored(cast: Cast, case: Case, tmp_path: Path) -> None:
    (row,) = exported(tmp_path, "cases")
    assert (row["policy"], row["department"], row["handler"], row["events"]) == (
        POLICY, str(case.department.key), case.handler.username if case.handler else "", str(case.seq),
    )  # fmt: skip
    assert row["received_at"] == "2026-03-03 09:00:00+08:00"
    duty = Duty.objects.order_by("pk")[0]
    written = exported(tmp_path, "duties")[0]
    assert (written["duty"], written["status"], written["clauses"].split()) == (duty.duty, duty.status, duty.clauses)
    figure = exported(tmp_path, "figures")[0]
    assert (figure["closing"], figure["rounds"]) == (str(case.measured.closing), str(case.measured.rounds))
    assert "handler" not in figure


def test_a_reason_of_somebody_entitled_opens_what_they_see(cast: Cast, case: Case, tmp_path: Path) -> None:
    why = ("--as", "lin", "--reason", "monthly letter to 王小明 13800138000")
    (row,) = exported(tmp_path, "cases", *why)
    assert (row["subject"], row["complainant"]) == ("电水壶漏水", "王小明")
    data = json.loads(exported(tmp_path, "events", *why)[0]["data"])
    assert data["name"] == "王小明"
    export = Export.objects.get(what="command-cases")
    assert (export.person, export.rows) == (cast.lin, 1)
    assert "13800138000" not in export.reason
    Complainant.objects.update(wrapped_key=None)
    (row,) = exported(tmp_path, "cases", *why)
    assert (row["subject"], row["complainant"]) == ("", "")
    assert "王小明" not in json.dumps(exported(tmp_path, "events", *why), ensure_ascii=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--reason", "because of the audit"), "say who asks"),
        (("--as", "nobody-here"), "nobody who may sign in"),
        (("--as", "lin", "--reason", "..."), "says nothing"),
        (("--as", "ai", "--reason", "because of the audit"), "sees personal data masked"),
        (("--as", "lin", "--policy", "other", "--reason", "because of the audit"), "sees personal data masked"),
    ],
)
def test_nobody_else_is_given_personal_data(
    cast: Cast, case: Case, capsys: Any, arguments: tuple[str, ...], said: str
) -> None:
    assert command.run(["cases", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not Export.objects.exists()


def test_a_reader_gets_what_they_may_see(cast: Cast, case: Case, tmp_path: Path) -> None:
    assert exported(tmp_path, "cases", "--as", "deng") == []
    assert exported(tmp_path, "events", "--as", "deng") == []
    assert len(exported(tmp_path, "figures", "--as", "chen")) == 1
    Recusal.objects.create(case=case, person=cast.chen, reason="", at=case.received_at)
    assert exported(tmp_path, "duties", "--as", "chen") == []


def test_it_is_narrowed_by_policy_and_days(cast: Cast, case: Case, tmp_path: Path) -> None:
    make_case(minutes=15 * 60)  # at midnight in Shanghai
    day = ("--from", "2026-03-03", "--to", "2026-03-03")
    assert [row["case"] for row in exported(tmp_path, "cases", *day)] == [case.reference]
    assert len(exported(tmp_path, "events", *day)) == case.seq
    assert exported(tmp_path, "duties", "--policy", "other") == []
    assert len(exported(tmp_path, "cases", "--to", "2026-03-04")) == 2


def test_lines_of_json_and_roots(cast: Cast, case: Case, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "out.jsonl"
    assert command.run(["figures", "--format", "jsonl", "--output", str(file)]) == 0
    (line,) = file.read_text("utf-8").splitlines()
    assert json.loads(line)["rounds"] == case.measured.rounds
    assert file.stat().st_mode & 0o777 == 0o600
    assert command.run(["roots"]) == 0


def test_that_it_was_begun_is_on_record_whatever_happens(cast: Cast, case: Case, monkeypatch: Any) -> None:
    class Full(io.RawIOBase):
        def write(self, data: object) -> int:
            raise OSError("No space left")

    from contextlib import nullcontext

    monkeypatch.setattr(command, "_opened", lambda path: nullcontext(Full()))
    assert command.run(["events"]) == 2
    assert Export.objects.get().done_at is None


def test_columns_have_types_and_a_text_stays_a_text(cast: Cast, case: Case, tmp_path: Path) -> None:
    for what in ("cases", "duties", "events", "figures"):
        texts = exported(tmp_path, what)
        for format in ("parquet", "duckdb"):
            file = tmp_path / f"{what}.{format}"
            assert command.run([what, "--format", format, "--output", str(file)]) == 0
            database = duckdb.connect(str(file) if format == "duckdb" else ":memory:")
            found = database.execute(f"SELECT * FROM {what}" if format == "duckdb" else f"FROM '{file}'")
            assert [each[0] for each in found.description] == list(texts[0])
            assert len(found.fetchall()) == len(texts)
    figures = database.execute("SELECT closing, closing_worked / 3600.0, choices, is_repeat FROM figures").fetchone()
    assert figures == (case.measured.closing, case.measured.closing_worked / 3600, figures[2], case.measured.is_repeat)
    assert json.loads(figures[2]) == case.measured.choices
    at = database.execute("SELECT epoch(received_at), typeof(received_at) FROM figures").fetchone()
    assert at == (case.received_at.timestamp(), "TIMESTAMP WITH TIME ZONE")


def test_without_the_extra_it_is_said_what_to_install(
    cast: Cast, case: Case, tmp_path: Path, capsys: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(command, "is_installed", lambda: False)
    assert command.run(["cases", "--format", "parquet", "--output", str(tmp_path / "out")]) == 2
    assert "pip install 'ombud[duckdb]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
