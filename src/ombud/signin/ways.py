"""What a kind of provider of single sign-on brings: what is entered, the way there, and what coming back proves.

A kind is a folder of `ombud.signin.providers`; it decides nothing: whom it speaks of here is found elsewhere. `begin`
returns the address to go to and what must be kept until somebody comes back; `finish` returns what the
provider says of them. Both raise SignOnError.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils.functional import Promise

from ombud.privacy import outgoing
from ombud.privacy.outgoing import Answer
from ombud.signin.claims import Claims, SignOnError

PATIENCE, MOST = 10.0, 256 * 1024  # seconds, bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Trip:
    """One way to a provider and back."""

    issuer: str
    client_id: str
    secret: str
    details: Mapping[str, Any]
    back: str  # our address to which the provider leads back
    entity: str  # what we are called at a SAML provider
    is_asked_again: bool
    now: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """What is entered of a provider, beside its name."""

    name: str  # issuer, client_id, secret, or a key of `details`
    label: str | Promise
    help: str | Promise = ""
    default: str = ""
    is_secret: bool = False
    is_optional: bool = False


Begin = Callable[[Trip], tuple[str, dict[str, Any]]]


class Finish(Protocol):
    """What tells who came back with what, given what was kept."""

    def __call__(self, trip: Trip, given: Mapping[str, str], kept: Mapping[str, Any]) -> Claims: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One kind of provider."""

    entered: tuple[Entered, ...]
    begin: Begin
    finish: Finish
    can_ask_again: bool = False  # lets somebody prove anew who they are: not all can be told to ask
    answers_by: str = "code"  # the parameter with which somebody comes back
    check: Callable[[Trip], None] | None = None  # whether what was entered leads to a provider; raises SignOnError
    hosts: tuple[str, ...] = ()  # names of what is entered that are addresses to be called or led to


def told(call: Callable[[], Answer]) -> dict[str, Any]:
    """Return the JSON object that a provider answers, whatever it says. Raises SignOnError."""
    try:
        answer = call()
    except outgoing.NotAllowed as error:
        raise SignOnError("address") from error
    except outgoing.NoAnswer as error:
        raise SignOnError("silent") from error
    try:
        found = json.loads(answer.body)
    except ValueError as error:
        raise SignOnError("answer") from error
    if not isinstance(found, dict):
        raise SignOnError("answer")
    if answer.status != 200:
        raise SignOnError("refused")
    return found


def ask(method: str, url: str, *, headers: Mapping[str, str] | None = None, content: Any = None) -> dict[str, Any]:
    """Ask a provider, with JSON where there is some, and return its JSON object. Raises SignOnError."""
    given = {"Accept": "application/json", **(headers or {})}
    body = None
    if content is not None:
        given["Content-Type"] = "application/json; charset=utf-8"
        body = json.dumps(content).encode()
    return told(lambda: outgoing.call(method, url, body=body, headers=given, patience=PATIENCE, most=MOST))


def text_of(found: Mapping[str, Any], name: str, *, most: int = 255) -> str:
    """Return a text of an answer; empty where there is none."""
    value = found.get(name)
    return value if isinstance(value, str) and len(value) <= most else ""


def subject_of(value: str) -> str:
    """Return by what somebody is known at the provider. Raises SignOnError where it says nothing."""
    if not value:
        raise SignOnError("subject")
    return value
