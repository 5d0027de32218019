"""Asks a source: what it answers, or in a word why nothing came of it. Nobody waits long, and nothing else waits."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ombud.channels.lookups.sources import HEADERS, PLACE, Source, headers_of
from ombud.correspondence import accounts, delivery
from ombud.correspondence.models import Account
from ombud.privacy import outgoing

PATIENCE = 8.0  # seconds that somebody at a form waits
MOST = 256 * 1024  # bytes of an answer
_UPWARDS = (".", "..")  # as a part of an address they lead elsewhere, and nothing can be written for them
_TOO_DEEP = "\n" + " " * 200  # a hundred levels, as `indent=2` writes them
AT_ONCE = 4  # people of one process who wait for the same source; the others are told that it is busy
# Why a look-up brought nothing; shown in words beside the form.
UNFILLED, RESTS, BUSY, NOT_ALLOWED, SILENT, UNKNOWN, LOCKED_OUT, REFUSED, NO_JSON, TOO_LONG = (
    "unfilled", "rests", "busy", "not-allowed", "silent", "unknown", "locked-out", "refused", "no-json", "too-long",
)  # fmt: skip


class LookUpFailed(Exception):
    """A source brought nothing."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(code)
        self.code, self.about = code, about  # the field that is missing, the status, or what was not allowed


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What a source said."""

    content: Any
    address: str  # that was called, without headers
    at: datetime


def ask(account: Account, source: Source, known: Mapping[str, str], *, now: datetime) -> Answered:
    """Return what the source says of the values that `known` has for its fields. Raises LookUpFailed.

    A source that does not answer rests as any account does, longer each time: who asks meanwhile waits for nothing.
    """
    if unfilled := next((name for name in source.asks_for if not known.get(name)), None):
        raise LookUpFailed(UNFILLED, unfilled)
    if account.paused_until is not None and account.paused_until > now:
        raise LookUpFailed(RESTS)
    if any(known[name] in _UPWARDS for name in source.asks_for):
        raise LookUpFailed(UNKNOWN)
    address = PLACE.sub(lambda place: quote(known[place.group(1)], safe=""), source.url)
    try:
        answer = _called(account, address)
    except LookUpFailed as error:
        if error.code in (SILENT, LOCKED_OUT, NOT_ALLOWED):
            delivery.rest(account, RuntimeError(f"{error.code} {error.about}".strip()), now)
        raise
    delivery.recover(account, read_at=now)
    return Answered(content=_content(answer), address=address, at=now)


def _called(account: Account, address: str) -> outgoing.Answer:
    headers = {"Accept": "application/json", **headers_of(str(accounts.secrets_of(account).get(HEADERS, "")))}
    with _turn(account.pk):
        try:
            answer = outgoing.call("GET", address, headers=headers, patience=PATIENCE, most=MOST + 1)
        except outgoing.NotAllowed as error:
            raise LookUpFailed(NOT_ALLOWED, error.code) from error
        except outgoing.NoAnswer as error:
            raise LookUpFailed(SILENT) from error
    if answer.status >= 500 or answer.status == 429:
        raise LookUpFailed(SILENT, str(answer.status))
    if answer.status in (401, 403):
        raise LookUpFailed(LOCKED_OUT, str(answer.status))
    return answer


def _content(answer: outgoing.Answer) -> Any:
    if answer.status in (404, 410):
        raise LookUpFailed(UNKNOWN)
    if not 200 <= answer.status < 300:
        raise LookUpFailed(REFUSED, str(answer.status))
    if len(answer.body) > MOST:
        raise LookUpFailed(TOO_LONG)
    try:
        # As it will be written later: half a character, and a thousand lists in one another, come to light here.
        written = json.dumps(json.loads(answer.body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError) as error:
        raise LookUpFailed(NO_JSON) from error
    if _TOO_DEEP in written:
        raise LookUpFailed(NO_JSON)
    return json.loads(written.encode(errors="replace"))


_turns: defaultdict[int, threading.BoundedSemaphore] = defaultdict(lambda: threading.BoundedSemaphore(AT_ONCE))


@contextmanager
def _turn(pk: int) -> Iterator[None]:
    """Hold one of the places at a source, so that one that hangs never takes all threads of the web server."""
    turns = _turns[pk]
    if not turns.acquire(blocking=False):
        raise LookUpFailed(BUSY)
    try:
        yield
    finally:
        turns.release()
