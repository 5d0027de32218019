"""What the portal's tests share: a policy in force, and the time that the cases of `builders` live in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from builders import START, publish_policy
from ombud.cases.access.case_access import grant_of
from ombud.cases.models import Case
from ombud.portal.pages import COOKIE


@pytest.fixture
def policy(db: None) -> None:
    publish_policy()


@pytest.fixture
def at_start() -> Iterator[time_machine.Traveller]:
    """The clock stands at START until a test moves it."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def complainant(client: Client):
    """Return a function that gives the client the cookie of a case, as the secret would."""

    def follow(case: Case) -> Client:
        grant = grant_of(case)
        client.cookies[COOKIE + grant.reference] = grant.token
        return client

    return follow
