"""Calls a provider: what goes wrong on the way is said in the words of carriers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from ombud.correspondence.carriers import AccountFailed, Refused, TryAgain
from ombud.privacy import outgoing
from ombud.privacy.outgoing import Answer

PATIENCE = 20.0  # seconds; a message is leased for two minutes
MOST_ANSWER = 64 * 1024
_LATER = (408, 425, 429)  # the provider wants it again
_LOCKED_OUT = (401, 403)


def post(url: str, content: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """Return what is answered to JSON, whatever it says. Raises AccountFailed where nobody can be asked."""
    body = json.dumps(content, ensure_ascii=False).encode()
    return post_bytes(url, body, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})


def post_bytes(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Return what is answered to a body, whatever it says. Raises AccountFailed where nobody can be asked."""
    return _called(lambda: outgoing.call("POST", url, body=body, headers=headers, patience=PATIENCE, most=MOST_ANSWER))


def get(url: str, headers: Mapping[str, str] | None = None, *, most: int = MOST_ANSWER) -> Answer:
    """Return what is answered, whatever it says. Raises AccountFailed where nobody can be asked."""
    return _called(lambda: outgoing.call("GET", url, headers=headers or {}, patience=PATIENCE, most=most))


def judge(answer: Answer, words: str = "") -> None:
    """Say what a status stands for: done, not now, not through this account, or never. Raises as carriers do."""
    said = f"{answer.status} {words or answer.body[:300].decode(errors='replace')}".strip()
    if 200 <= answer.status < 300:
        return
    if answer.status in _LOCKED_OUT:
        raise AccountFailed(said)
    if answer.status >= 500 or answer.status in _LATER:
        raise TryAgain(said)
    raise Refused(said)


def fetched(url: str, headers: Mapping[str, str] | None = None) -> bytes:
    """Return a file of a provider. Raises TryAgain, and Refused where it is too large or there no more."""
    return _file(lambda most: get(url, headers, most=most))


def fetched_from_anywhere(url: str, own: str) -> bytes:
    """Return a file at an address that a sender may have chosen: on the open internet, or where `own` is.

    What else the installation names is no exception, or whoever writes to us could have it read. Raises as `fetched`.
    """
    return _file(lambda most: _called(lambda: _from_anywhere(url, own, most)))


def _from_anywhere(url: str, own: str, most: int) -> Answer:
    if own and outgoing.origin_of(url) == outgoing.origin_of(own):
        return outgoing.call("GET", url, headers={}, patience=PATIENCE, most=most)
    return outgoing.get(url, patience=PATIENCE, most=most)


def _file(ask: Callable[[int], Answer]) -> bytes:
    most = settings.OMBUD_MAX_UPLOAD_MB * 1024 * 1024
    answer = ask(most + 1)
    judge(answer, "no file")
    if len(answer.body) > most:
        raise Refused("The file is too large.")
    return answer.body


@contextmanager
def asking() -> Iterator[None]:
    """Let whatever goes wrong inside be the account's failure: nothing is asked but whether we are let in."""
    try:
        yield
    except AccountFailed:
        raise
    except (Refused, TryAgain) as error:
        raise AccountFailed(str(error)) from error


def _called(call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except outgoing.NotAllowed as error:
        raise AccountFailed(f"Its address is not called: {error.code}") from error
    except outgoing.NoAnswer as error:
        raise AccountFailed(f"It does not answer: {error}") from error
