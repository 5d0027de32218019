"""Verify beside writers: a case is read as of one moment, so nobody is accused of what was written meanwhile."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, connections

from builders import GRADES, do, make_case, make_history
from cast import Cast
from ombud.cases.keeping import verify
from ombud.cases.keeping.snapshot import snapshot
from ombud.cases.models import Case, Event
from waiting import wait_until


def elsewhere(work: Any) -> None:
    """Do the work on a connection of its own, and wait for it."""

    def and_close() -> None:
        work()
        connections.close_all()

    thread = threading.Thread(target=and_close)
    thread.start()
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_what_is_written_between_a_case_and_its_log_is_no_problem(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_history(cast, "route")
    original = verify._stored
    written = []

    def meanwhile(cases: list[Case]) -> Any:
        if not written:
            elsewhere(lambda: do(case, "accept_work", cast, "chen", minutes=60))
            written.append(case)
        return original(cases)

    monkeypatch.setattr(verify, "_stored", meanwhile)
    assert verify.verify_all()["problems"] == []
    assert Case.objects.get(pk=case.pk).seq > case.seq


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_holds_no_writer_up_and_sees_nothing_of_them(cast: Cast) -> None:
    with snapshot():
        assert Event.objects.count() == 0
        elsewhere(make_case)
        assert Event.objects.count() == 0
    assert Event.objects.count() > 0
    assert not connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_verify_finds_nothing_while_people_file_and_act(cast: Cast) -> None:
    stop = threading.Event()
    failed: list[Exception] = []

    def work() -> None:
        number = 0
        try:
            while not stop.is_set():
                number += 1
                case = make_case(minutes=number).case
                do(case, "register", cast, "lin", minutes=number + 1, data=GRADES)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=work) for _ in range(2)]
    for each in writers:
        each.start()
    found: list[list[str]] = []
    counted = [0]
    try:
        while len(found) < 6 and not failed:
            wait_until(lambda: Event.objects.count() > counted[-1] or bool(failed))  # they write between two looks
            counted.append(Event.objects.count())
            found.append(verify.verify_all()["problems"])
    finally:
        stop.set()
        for each in writers:
            each.join()
    assert failed == []
    assert found == [[]] * 6
