"""What is done beside the ticks: each by itself, again while more waits, and no fault of one stops another."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings

from builders import START, make_case
from cast import Cast
from ombud.clock import beside
from ombud.insight.models import Measured

FOUND: list[str] = []


def broken(*, now: datetime) -> int:
    FOUND.append("broken")
    raise RuntimeError("cannot be counted")


def counted(*, now: datetime) -> int:
    FOUND.append("counted")
    return 1 if FOUND.count("counted") < 3 else 0


@pytest.fixture
def two(settings: Any) -> None:
    FOUND.clear()
    settings.CLOCK_BESIDE = {"a": (f"{__name__}.broken", 0.01), "b": (f"{__name__}.counted", 60.0)}


@pytest.mark.usefixtures("two")
def test_a_fault_of_one_does_not_keep_the_others_from_being_done() -> None:
    assert beside.once(START) == {"a": 0, "b": 1}
    assert FOUND == ["broken", "counted"]


@pytest.mark.usefixtures("two", "db")
def test_more_is_done_at_once_while_there_is_more_and_what_failed_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stop = threading.Event()
    threads = beside.start(stop)
    for _ in range(500):
        if FOUND.count("counted") >= 3 and FOUND.count("broken") >= 2:
            break
        stop.wait(0.01)
    stop.set()
    threads[0].join(10)
    assert not threads[0].is_alive()
    assert FOUND.count("counted") == 3  # then there was nothing left, and the next look is a minute away
    assert FOUND.count("broken") >= 2
    threads[1].join(10)
    assert not threads[1].is_alive()


@pytest.mark.django_db
def test_figures_warnings_reports_and_papers_are_all_done_so(cast: Cast) -> None:
    make_case()
    assert set(beside.once(START)) == set(settings.CLOCK_BESIDE)
    assert Measured.objects.count() == 1
