"""Rows made ready before a transaction: they get their case's key in it, and all stand or fall together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from builders import START, make_case
from cast import Cast
from ombud.cases.bulk_sql import Batch, locked_row, new_row, put, rows_of_cases
from ombud.cases.models import Case, Duty, Event, Grade, Outbox, WakeUp
from ombud.organisation.round_trips import cursor, one_round_trip

pytestmark = pytest.mark.django_db


def grade(case: Case, name: str) -> Grade:
    return Grade(case=case, name=name, value="1", received_at=START)


def test_rows_of_a_case_that_has_no_key_yet_get_it_when_they_are_written(cast: Cast) -> None:
    stored = make_case().case
    case, batch = Case(), Batch()
    row = grade(case, "invented")
    batch.add([row])
    case.pk = stored.pk
    with transaction.atomic(), one_round_trip():
        batch.write()
    assert row.case_id == stored.pk
    assert Grade.objects.get(case=stored, name="invented").received_at == START


@pytest.mark.parametrize("model", [Case, Duty, Event, Outbox])
def test_a_new_row_is_what_its_model_makes_of_the_same_values(cast: Cast, model: Any) -> None:
    parent = make_case().case
    given = {"parent" if model is Case else "case": parent, "seq" if model is Event else "id": 7}
    row, other = new_row(model, **given), model(**given)
    held, expected = row.__dict__.copy(), other.__dict__.copy()
    state, usual = held.pop("_state"), expected.pop("_state")
    assert held == expected
    assert (state.adding, state.fields_cache) == (usual.adding, usual.fields_cache)
    mutable = [name for name, value in held.items() if isinstance(value, dict | list)]
    assert all(new_row(model, **given).__dict__[name] is not held[name] for name in mutable)  # none is shared


def test_nothing_to_write_is_no_statement(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        Batch().write()


def test_what_is_sent_at_once_falls_together_and_says_why(cast: Cast) -> None:
    case, batch = make_case().case, Batch()
    batch.add([grade(case, "invented")])
    batch.add([Outbox(kind="tell", case=case, payload={}, dedupe="twice", available_at=START) for _ in range(2)])
    with pytest.raises(IntegrityError), transaction.atomic(), one_round_trip():
        batch.write()
    assert not Grade.objects.filter(case=case, name="invented").exists()
    assert not Outbox.objects.filter(dedupe="twice").exists()


def test_where_conflicts_do_not_matter_what_was_there_stays(cast: Cast) -> None:
    case = make_case().case
    for minutes in (0, 1):
        batch = Batch()
        at = START + timedelta(minutes=minutes)
        row = Outbox(kind="tell", case=case, payload={"minutes": minutes}, dedupe="once", available_at=at)
        batch.add([row], ignore_conflicts=True)
        with transaction.atomic(), one_round_trip():
            batch.write()
    assert Outbox.objects.get(dedupe="once").payload == {"minutes": 0}


def test_a_locked_row_is_what_a_query_would_give(cast: Cast, django_assert_num_queries: Any) -> None:
    expected = Case.objects.select_related("complainant").get(pk=make_case().case.pk)
    with transaction.atomic(), django_assert_num_queries(1):
        row = locked_row(Case, expected.pk, with_="complainant")
        assert row is not None
        assert row.complainant is not None
    for found, wanted in ((row, expected), (row.complainant, expected.complainant)):
        names = [each.attname for each in wanted._meta.concrete_fields]
        assert {name: getattr(found, name) for name in names} == {name: getattr(wanted, name) for name in names}


def test_a_locked_row_may_have_nothing_beside_it_or_not_be_there(cast: Cast) -> None:
    case = make_case().case
    Case.objects.filter(pk=case.pk).update(complainant=None)
    with transaction.atomic():
        row = locked_row(Case, case.pk, with_="complainant")
        assert row is not None
        assert row.complainant is None
        assert locked_row(Case, case.pk + 1000, with_="complainant") is None


@pytest.mark.either_database
def test_a_percent_sign_in_a_statement_of_ours_is_one(cast: Cast) -> None:
    with cursor() as asked:
        asked.execute("SELECT 'a%%', %s, '%%s', %s", ["b", "c"])
        assert asked.fetchone() == ("a%", "b", "%s", "c")
        asked.execute("SELECT 'a%'")
        assert asked.fetchone() == ("a%",)


def test_rows_of_cases_are_what_a_query_gives(cast: Cast) -> None:
    case = make_case().case
    for model, named in ((Case, "pk"), (Event, "case")):
        rows: list[Any] = rows_of_cases(model, [case.pk])
        asked = list(model._default_manager.filter(**{named: case.pk}))
        assert asked
        assert [_said(each) for each in rows] == [_said(each) for each in asked]


def _said(row: Any) -> dict[str, Any]:
    return {**vars(row), "_state": (row._state.adding, row._state.db)}


def test_what_is_put_is_there_once_as_it_was_put_last(cast: Cast) -> None:
    case = make_case().case
    WakeUp.objects.filter(case=case).delete()
    for at, failures in ((5, 0), (7, 2)):
        put([WakeUp(case=case, at=at, failures=failures)])
    assert list(WakeUp.objects.filter(case=case).values_list("at", "failures")) == [(7, 2)]
