"""Writers of one process queue for SQLite's write lock."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction

from ombud.organisation.models import Office

pytestmark = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's own backend")


@pytest.mark.django_db(transaction=True)
def test_writers_that_meet_all_write_without_sleeping_long() -> None:
    waited: list[float] = []

    def write(number: int) -> None:
        for again in range(5):
            began = time.perf_counter()
            with transaction.atomic():
                waited.append(time.perf_counter() - began)
                Office.objects.create(key=f"{number}-{again}", tz="Asia/Shanghai")
                time.sleep(0.002)
        connection.close()

    threads = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Office.objects.count() == 20
    assert len(waited) == 20


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_fails_gives_its_turn_back() -> None:
    def fail() -> None:
        with transaction.atomic():
            raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            fail()
    began = time.perf_counter()
    thread = threading.Thread(target=_write_once)
    thread.start()
    thread.join(20)
    assert time.perf_counter() - began < 4
    assert Office.objects.filter(key="after").exists()


def _write_once() -> None:
    with transaction.atomic():
        Office.objects.create(key="after", tz="Asia/Shanghai")
    connection.close()
