"""What the API's tests share: the usual people with a token each, a client that speaks JSON, and one fixed moment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from builders import START
from cast import Cast
from ombud.api import keys

EN = {"accept-language": "en"}


class Caller:
    """A program that calls with one token or key."""

    def __init__(self, **headers: str) -> None:
        self.headers = {**EN, **headers}
        self.client = Client()

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(f"/api/v1{path}", query, headers=self.headers)

    def post(self, path: str, body: Any, **headers: str) -> HttpResponse:
        content = body if isinstance(body, bytes | str) else json.dumps(body)
        sent = {**self.headers, **headers}
        return self.client.post(f"/api/v1{path}", content, content_type="application/json", headers=sent)

    def send(self, file: Any, **more: Any) -> HttpResponse:
        return self.client.post("/api/v1/files", {"file": file, **more}, headers=self.headers)


@pytest.fixture
def at_start() -> Iterator[time_machine.Traveller]:
    """The clock stands at START until a test moves it."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def calling(cast: Cast) -> Callable[..., Caller]:
    """Return a function that gives a person's caller: `calling("lin")`."""

    def caller(name: str, *scopes: str, policy: str = "") -> Caller:
        _row, token = keys.issue_token(
            cast.people[name], name="a test", scopes=scopes or keys.SCOPES, policy=policy, now=START
        )
        return Caller(authorization=f"Bearer {token}")

    return caller


@pytest.fixture
def public(cast: Cast) -> Caller:
    """Return a caller with a public intake key for the web."""
    row = keys.issue_key(name="a page", policy="customer-complaints", channel="web", now=START)
    return Caller(**{"x-intake-key": row.key})


@pytest.fixture
def knocking() -> type[Caller]:
    """Return what makes a caller with any headers."""
    return Caller
