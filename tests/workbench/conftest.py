"""What the workbench's tests share: the time that the cases of `builders` live in, and signing in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from builders import after
from cast import Cast


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock stands three hours and a half after START until a test moves it."""
    with time_machine.travel(after(210), tick=False) as traveller:
        yield traveller


@pytest.fixture
def sign_in(cast: Cast, clock: time_machine.Traveller) -> Callable[[str], Client]:
    """Return a function that gives somebody's browser, reading English."""

    def browser(who: str) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(cast.people[who])
        return client

    return browser


@pytest.fixture
def later(clock: time_machine.Traveller) -> Callable[[float], None]:
    """Return a function that moves the clock so many minutes on."""

    def move(minutes: float) -> None:
        clock.shift(timedelta(minutes=minutes))

    return move
