"""Views for tools that speak SQL: what figures count, nobody's name, and a role that can read nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.utils import ProgrammingError

from builders import after, make_history
from cast import Cast
from ombud.cases import confidential
from ombud.cases.access.case_access import access_case
from ombud.cases.models import Case, Duty
from ombud.insight import keeping
from ombud.insight.exports import sql_views

GUIDE = Path(__file__).parents[2] / "docs/how-to/business-intelligence.md"
ROLE = "ombud_reporting"
pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no roles")


def columns(view: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {sql_views.name_of(view)}")
        return [each[0] for each in cursor.description]


@pytest.fixture
def case(cast: Cast) -> Case:
    found = make_history(cast, "follow_up")
    keeping.rebuild()
    return found


def test_the_views_hold_what_figures_count(case: Case) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT reference, rounds, closing_seconds, department FROM {sql_views.name_of('cases')}")
        assert cursor.fetchall() == [
            (case.reference, case.measured.rounds, case.measured.closing, case.measured.department.key)
        ]
        cursor.execute(f"SELECT count(*), min(reference) FROM {sql_views.name_of('duties')}")
        assert cursor.fetchone() == (Duty.objects.count(), case.reference)


def test_a_confidential_case_is_not_in_them(cast: Cast, case: Case) -> None:
    confidential.confide(access_case(cast.gao, case.reference), [cast.chen], reason="举报经理", now=after(400))
    with connection.cursor() as cursor:
        for view in ("cases", "duties"):
            cursor.execute(f"SELECT count(*) FROM {sql_views.name_of(view)}")
            assert cursor.fetchone() == (0,)


def test_nobody_is_named_in_them(case: Case) -> None:
    with connection.cursor() as cursor:
        for view in sql_views.VIEWS:
            cursor.execute(f"SELECT * FROM {sql_views.name_of(view)}")
            text = repr(cursor.fetchall())
            assert [each for each in ("王小明", "13800138000", "漏水", "'Lin'", "'lin'") if each in text] == []


def test_the_guide_describes_every_view_and_column() -> None:
    rows = {line.split("|")[1].strip(" `"): line for line in GUIDE.read_text("utf-8").splitlines() if line[:3] == "| `"}
    assert rows.keys() == sql_views.VIEWS.keys()
    for view in sql_views.VIEWS:
        known = set(re.findall(r"`(\w+)`", rows[view]))
        missing = [each for each in columns(view) if each not in known and each.replace("_worked", "") not in known]
        assert missing == []


@pytest.mark.django_db(transaction=True)
def test_a_migration_takes_them_away_and_puts_them_back() -> None:
    call_command("migrate", "exports", "zero", verbosity=0)
    call_command("migrate", verbosity=0)
    assert columns("departments") == ["key", "policy", "name"]
    sql_views.before_migrations(plan=["something"])
    with pytest.raises(Exception, match="reporting"), transaction.atomic():
        columns("departments")
    sql_views.after_migrations(plan=["something"])
    assert columns("offices") == ["key", "name"]


@pytest.fixture
def role(case: Case) -> Iterator[None]:
    """Become the role of the guide for the length of a test."""
    (statements,) = re.findall(r"```sql\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    with connection.cursor() as cursor:
        cursor.execute(statements)
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
        yield  # the transaction that ends with the test takes the role along


@on_postgresql
def test_the_role_reads_the_views_and_nothing_else(role: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, schemaname FROM pg_tables WHERE schemaname = 'public'")
        tables = [each for each, _schema in cursor.fetchall()]
        assert len(tables) > 50
        for view in sql_views.VIEWS:
            cursor.execute(f"SELECT count(*) FROM {sql_views.name_of(view)}")
        for table in tables:
            for wanted in (f'SELECT * FROM "{table}"', f'DELETE FROM "{table}"'):
                with pytest.raises(ProgrammingError), transaction.atomic():
                    cursor.execute(wanted)
        for wanted in (
            "DELETE FROM reporting.cases",
            "DELETE FROM reporting.departments",
            "CREATE TABLE public.mine (n int)",
            "CREATE TABLE reporting.mine (n int)",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(wanted)


@on_postgresql
def test_views_that_are_made_anew_are_still_the_roles(role: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        sql_views.drop()
        sql_views.create()
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
        cursor.execute("SELECT count(*) FROM reporting.cases")
        assert cursor.fetchone() == (1,)
