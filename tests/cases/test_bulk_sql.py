"""Rows made ready before a transaction: they get their case's key in it, and all stand or fall together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from builders import START, make_case
from cast import Cast
from ombud.cases.bulk_sql import Batch
from ombud.cases.models import Case, Grade, Outbox
from ombud.organisation.round_trips import one_round_trip

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
