"""Proof: whatever is changed behind the register's back is found, and what is derived can be derived again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from builders import START, after, assert_refolds, make_case, make_history
from cast import Cast
from ombud.cases import commands, projections
from ombud.cases.eventlog import rows_of
from ombud.cases.keeping import daily_roots, records
from ombud.cases.keeping.verify import problems_of, rebuild_all, verify_all
from ombud.cases.models import (
    Case,
    DailyHead,
    DailyRecord,
    Duty,
    Event,
    Grade,
    Participation,
    Removal,
    WakeUp,
    append_only,
)
from ombud.cases.reading import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def without_triggers(db: None) -> Iterator[None]:
    """Somebody with the database's own password, who drops the triggers first."""
    append_only.remove(connection)
    yield
    append_only.install(connection)


def test_an_untouched_register_has_no_problems(cast: Cast) -> None:
    make_history(cast, "follow_up")
    make_case()
    report = verify_all()
    assert (report["cases"], report["problems"]) == (2, [])


@pytest.mark.usefixtures("without_triggers")
@pytest.mark.parametrize(
    "change",
    [
        {"occurred": 1},
        {"actor": "p999"},
        {"data": {}},
        {"act": "note"},
        {"recorded": 2},
        {"previous": ""},
    ],
)
def test_an_event_that_was_changed_breaks_the_chain(cast: Cast, change: dict[str, Any]) -> None:
    case = make_history(cast, "route")
    Event.objects.filter(case=case, seq=3).update(**change)
    assert problems_of(Case.objects.get(pk=case.pk)) == ["chain broken at event 3"]


@pytest.mark.usefixtures("without_triggers")
def test_a_log_that_was_cut_off_or_thinned_out_is_found(cast: Cast) -> None:
    case = make_history(cast, "route")
    Event.objects.filter(case=case, seq=case.seq).delete()
    assert "cut off" in problems_of(Case.objects.get(pk=case.pk))[0]
    Event.objects.filter(case=case, seq=2).delete()
    assert problems_of(Case.objects.get(pk=case.pk)) == ["chain broken at event 2"]


@pytest.mark.usefixtures("without_triggers")
def test_a_case_rewritten_from_its_first_event_is_found_by_the_daily_root(cast: Cast) -> None:
    from ombud.cases.eventlog import link

    case = make_history(cast, "route")
    daily_roots.make_root(now=after(60))
    previous = ""
    for row in rows_of(case):
        row.previous, row.occurred = previous, row.occurred - 3600
        row.recorded -= 3600
        row.hash = previous = link(row, case.reference)
        values = {"previous": row.previous, "occurred": row.occurred, "recorded": row.recorded, "hash": row.hash}
        Event.objects.filter(pk=row.pk).update(**values)
    Case.objects.filter(pk=case.pk).update(head=previous)
    assert any("daily root" in problem for problem in verify_all()["problems"])


@pytest.mark.usefixtures("without_triggers")
def test_a_root_that_was_made_to_fit_no_longer_fits_the_one_exported(cast: Cast) -> None:
    make_case()
    daily_roots.make_root(now=after(1))
    exported = list(daily_roots.export())
    DailyHead.objects.update(head="0" * 64)
    assert any("does not match its heads" in problem for problem in verify_all()["problems"])
    assert list(daily_roots.export()) == exported


def test_a_case_filed_while_a_root_is_made_waits_for_the_next(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    make_case()
    collect = records.collect

    def meanwhile() -> list[tuple[str, str, str]]:
        make_case(minutes=5)
        return collect()

    with monkeypatch.context() as patched:
        patched.setattr(records, "collect", meanwhile)
        daily_roots.make_root(now=after(60))
    assert verify_all()["problems"] == []
    root = daily_roots.make_root(now=after(60 * 24))
    assert root is not None
    assert root.count == 1
    assert verify_all()["problems"] == []


def test_who_saw_a_case_before_roots_covered_that_was_not_added(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [make_history(cast, "route") for _ in range(2)]
    with monkeypatch.context() as patched:
        patched.setattr(records, "KINDS", {})  # as before the upgrade
        daily_roots.make_root(now=after(60))
    assert verify_all()["problems"] == []
    monkeypatch.setattr(records, "AT_ONCE", 1)
    daily_roots.make_root(now=after(60 * 24))
    assert verify_all()["problems"] == []
    assert DailyRecord.objects.filter(kind="viewer").count() == Participation.objects.count() > 2
    Participation.objects.create(case=cases[0], viewer="p:999", received_at=START)
    commands.reissue(cases[1], actor=cast.actor("lin"), reason="called back", now=after(60 * 25))
    for number in range(2):
        Participation.objects.create(case=cases[1], viewer=f"p:99{number}", received_at=START)
    daily_roots.make_root(now=after(60 * 48))
    (problem,) = verify_all()["problems"]
    assert problem.startswith(f"{cases[0].reference}: p:999 may see it, and no event")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads small tables whole")
def test_the_head_that_a_case_speaks_of_is_found_by_its_index(db: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        daily_roots.problems()
    (statement,) = [each["sql"] for each in asked if "rooted_seq" in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        assert "daily_head_seen" in str(cursor.fetchall())


@pytest.mark.parametrize(
    ("model", "change", "named"),
    [
        (Case, {"phase": "closed"}, "phase"),
        (Case, {"grades": {"severity": "major"}}, "grade"),
        (Case, {"next_due_at": START}, "next_due_at"),
        (Duty, {"due_at": START}, "due_at"),
        (Duty, {"status": "met"}, "status"),
        (WakeUp, {"at": 1}, "wakes up"),
        (Grade, {"value": "major"}, "grade rows"),
    ],
)
def test_a_projection_that_was_changed_is_found_and_rebuilt(
    cast: Cast, model: Any, change: dict[str, Any], named: str
) -> None:
    case = make_history(cast, "route")
    model.objects.update(**change)
    problems = verify_all()["problems"]
    assert any(named in problem for problem in problems)
    assert rebuild_all() == 1
    assert_refolds(case)


def test_lost_projections_are_rebuilt_from_the_events_alone(cast: Cast) -> None:
    case = make_history(cast, "route")
    for model in (Duty, Grade, WakeUp, Participation):
        model.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_search")
    rebuild_all()
    assert_refolds(case)
    assert [line.case for line in queries.register(cast.lin, now=START, text="水壶").rows] == [case]
    assert [line.case for line in queries.register(cast.chen, now=START).rows] == [case]
    assert queries.my_duties(cast.chen, now=START).rows


def test_a_sealed_value_moved_to_another_event_does_not_open(cast: Cast) -> None:
    from ombud.privacy.keys import key_of
    from ombud.privacy.sealing import Tampered, Vault

    case = make_case().case
    row = rows_of(case)[0]
    vault = Vault(key_of(case.complainant), case.reference)
    assert vault.open(1, "name", row.data["name"]) == "王小明"
    for seq, name in ((2, "name"), (1, "subject")):
        with pytest.raises(Tampered):
            vault.open(seq, name, row.data["name"])
    with pytest.raises(Tampered):
        Vault(key_of(case.complainant), "KS-0000-0000-0").open(1, "name", row.data["name"])


def test_the_next_due_of_a_case_is_never_an_outsiders(cast: Cast) -> None:
    case = make_history(cast, "communicate")
    assert case.next_duty != "answer"
    assert {"open", "paused"} == projections.OWED


@pytest.mark.parametrize("table", append_only.TABLES)
def test_nobody_changes_deletes_or_replaces_what_is_only_added_to(cast: Cast, table: str) -> None:
    from ombud.cases.access.case_access import unmask

    case = make_history(cast, "route")
    daily_roots.make_root(now=after(60))
    unmask(cast.ai, case.reference, reason="抽查", now=START)
    Removal.objects.create(reference=case.reference, kind="evidence", removed_at=START)
    connection.check_constraints()  # or TRUNCATE fails for what is still to be checked
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        before = cursor.fetchall()
    statements = [f"UPDATE {table} SET id = id", f"DELETE FROM {table}"]
    if connection.vendor == "sqlite":
        statements += [
            f"REPLACE INTO {table} SELECT * FROM {table}",
            f"INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT DO UPDATE SET id = excluded.id",
        ]
    else:
        statements += [f"TRUNCATE {table} CASCADE"]
    for statement in statements:
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        assert cursor.fetchall() == before != []


def test_an_event_is_not_replaced_by_its_number_either(cast: Cast) -> None:
    case = make_history(cast, "route")
    row = Event.objects.values().get(case=case, seq=2)
    row |= {"id": 10**9, "actor": "p999", "data": "{}"}
    columns = ", ".join(row)
    values = f"cases_event ({columns}) VALUES ({', '.join(['%s'] * len(row))})"
    statement = {
        "sqlite": f"INSERT OR REPLACE INTO {values}",
        "postgresql": f"INSERT INTO {values} ON CONFLICT (case_id, seq) DO UPDATE SET actor = excluded.actor",
    }[connection.vendor]
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [*row.values()])
    assert_refolds(case)


@pytest.mark.parametrize(
    ("change", "found"),
    [({"summary": {}}, "summary for lists"), ({"received_at": after(5)}, "received_at is")],
)
def test_what_a_case_row_takes_over_from_its_events_is_compared(cast: Cast, change: dict[str, Any], found: str) -> None:
    case = make_history(cast, "route")
    Case.objects.filter(pk=case.pk).update(**change)
    assert any(found in problem for problem in problems_of(Case.objects.get(pk=case.pk)))
