"""Importing a table: cases with their history, deviations, repeats and bad rows."""

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from builders import assert_refolds, publish_policy
from cast import Cast
from ombud.cases.commands import perform
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case, Duty, Event, Outbox
from ombud.channels.importer import run
from ombud.channels.importer.mapping import load_mapping
from ombud.channels.importer.writing import Report, import_table
from together import at_once

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "docs" / "how-to" / "import"
HEADING = "Unique Key,Created Date,Closed Date,Agency,Agency Name,Complaint Type,Descriptor,Location Type,"
HEADING += "Incident Address,City,Borough,Open Data Channel Type,Resolution Description\n"
CLOSED = "1,06/26/2018 10:00:00 AM,06/26/2018 12:00:00 PM,NYPD,Police,Noise,Loud,Yard,1 A ST,Q,Q,PHONE,Done\n"
OPEN = "2,06/26/2018 10:00:00 AM,,HPD,Housing,HEAT/HOT WATER,No heat,Flat,2 B ST,BRONX,BRONX,ONLINE,\n"
BACKWARDS = "3,06/26/2018 10:00:00 AM,06/25/2018 10:00:00 AM,DOT,Transport,Light,Out,,,QUEENS,QUEENS,PHONE,\n"


def import_nyc(tmp_path: Path, *rows: str) -> Report:
    table = tmp_path / f"nyc{threading.get_ident()}.csv"
    table.write_text(HEADING + "".join(rows), "utf-8")
    return import_table(table, load_mapping(EXAMPLES / "nyc311.yaml"), now=NOW)


def test_a_closed_row_becomes_a_closed_case_with_its_own_times(cast: Cast, tmp_path: Path) -> None:
    report = import_nyc(tmp_path, CLOSED)
    assert (report.imported, report.present, report.skipped) == (1, 0, [])
    assert report.deviations > 0  # the history knows no proposal, no approval and no answer
    case = Case.objects.get(source="nyc311:1")
    assert case.received_at == datetime(2018, 6, 26, 14, tzinfo=UTC)
    assert case.phase == "closed"
    assert case.closed_at == datetime(2018, 6, 26, 16, tzinfo=UTC)
    assert_refolds(case)


def test_an_open_row_has_its_old_breaches_logged_and_nobody_is_told(cast: Cast, tmp_path: Path) -> None:
    import_nyc(tmp_path, OPEN)
    case = Case.objects.get(source="nyc311:2")
    assert case.closed_at is None
    breached = Duty.objects.get(case=case, duty="follow_up")
    assert breached.breached_at == datetime(2018, 6, 28, 14, tzinfo=UTC)  # 48 hours after registration
    assert Event.objects.filter(case=case, act="rung").exists()
    assert not Outbox.objects.filter(case=case).exists()
    assert_refolds(case)


def test_a_row_that_was_closed_before_it_was_created_is_skipped_with_its_line(cast: Cast, tmp_path: Path) -> None:
    report = import_nyc(tmp_path, CLOSED, BACKWARDS, OPEN)
    assert report.imported == 2
    (problem,) = report.skipped
    assert (problem.line, problem.key) == (3, "3")
    assert problem.reason == "carry_out (2018-06-25 14:00 UTC) lies before route (2018-06-26 14:00 UTC)"


def test_a_second_run_adds_nothing(cast: Cast, tmp_path: Path) -> None:
    import_nyc(tmp_path, CLOSED, OPEN)
    events = Event.objects.count()
    report = import_nyc(tmp_path, CLOSED, OPEN)
    assert (report.imported, report.present) == (0, 2)
    assert (Case.objects.count(), Event.objects.count()) == (2, events)


def test_a_refused_receipt_writes_nothing_and_names_the_reason(cast: Cast, tmp_path: Path) -> None:
    mapping = (EXAMPLES / "nyc311.yaml").read_text("utf-8").replace("PHONE: hotline", "PHONE: pigeon")
    file = tmp_path / "map.yaml"
    file.write_text(mapping, "utf-8")
    table = tmp_path / "nyc.csv"
    table.write_text(HEADING + CLOSED, "utf-8")
    report = import_table(table, load_mapping(file), now=NOW)
    (problem,) = report.skipped
    assert problem.reason == "The policy knows no such channel."
    assert Case.objects.count() == 0


def test_a_missing_file_is_told_on_stderr_with_exit_code_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run([str(tmp_path / "no.csv"), "--map", str(EXAMPLES / "cfpb.yaml")]) == 2
    assert "no.csv" in capsys.readouterr().err


@pytest.mark.sample_data
@pytest.mark.skipif("OMBUD_SAMPLE_DATA" not in os.environ, reason="OMBUD_SAMPLE_DATA names no folder")
@pytest.mark.parametrize(
    ("table", "mapping", "imported", "skipped"),
    [("cfpb-145.csv", "cfpb.yaml", 145, 0), ("nyc311-1000.csv", "nyc311.yaml", 990, 10)],
)
def test_real_complaints_come_in_whole(cast: Cast, table: str, mapping: str, imported: int, skipped: int) -> None:
    file = Path(os.environ["OMBUD_SAMPLE_DATA"]) / table
    report = import_table(file, load_mapping(EXAMPLES / mapping), now=NOW)
    assert (report.imported, len(report.skipped)) == (imported, skipped)
    assert Case.objects.count() == imported
    assert verify_all()["problems"] == []


def test_an_imported_complaint_goes_the_usual_way_to_the_end(cast: Cast, tmp_path: Path) -> None:
    """Logistics has no head here, so the approval falls to the head's boss, the management."""
    import_nyc(tmp_path, BACKWARDS.replace("06/25/2018 10:00:00 AM", ""))
    case = Case.objects.get(source="nyc311:3")
    way = (
        ("accept_work", "deng", {}),
        ("investigate", "deng", {"finding": "partly"}),
        ("propose", "deng", {"measures": "Lamp replaced", "time_limit": "2026-11-25", "responsible": "Deng"}),
        ("plan.approve", "gao", {}),
        ("communicate", "lin", {}),
        ("answer", "complainant", {"answer": "accepted"}),
        ("carry_out", "deng", {"result": "The light is on"}),
        ("follow_up", "lin", {"follow_up_by": "phone", "satisfaction": "mostly"}),
    )
    for minute, (act, who, data) in enumerate(way, start=1):
        now = NOW + timedelta(minutes=minute)
        case = perform(case, act, actor=cast.actor(who), at=now, now=now, data=data).case
    assert case.phase == "closed"
    assert Duty.objects.get(case=case, duty="first_check").status == "late"  # owed since 2018, done in 2026
    assert_refolds(case)


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_once_take_every_row_in_once(transactional_db: None, tmp_path: Path) -> None:
    publish_policy()
    rows = [CLOSED.replace("1,", f"{number},", 1) for number in range(1, 13)]
    for import_ in at_once(*[lambda: import_nyc(tmp_path, *rows)] * 2):
        assert isinstance(import_, Report), import_
        assert (import_.imported + import_.present, import_.skipped) == (12, [])
    assert Case.objects.count() == 12
    assert verify_all()["problems"] == []
