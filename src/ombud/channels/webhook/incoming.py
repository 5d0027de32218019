"""Reads the calls of the generic webhook: messages of people, and what became of ours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ombud.channels import payload
from ombud.channels.providers import Call, Heard, Held, Media, NotTheirs, Report, Taken, Unreadable
from ombud.channels.signing import SIGNATURE, TIMESTAMP, is_signed
from ombud.correspondence import outcomes

OUTCOMES = (outcomes.DELIVERED, outcomes.READ, outcomes.FAILED)


def read(call: Call, held: Held) -> Taken:
    """Return what a call tells. Raises NotTheirs, Unreadable."""
    stamp, signature = call.headers.get(TIMESTAMP, ""), call.headers.get(SIGNATURE, "")
    if not is_signed(held["secret"], stamp, signature, call.body, now=held.now):
        raise NotTheirs
    content = payload.parsed(call.body)
    match payload.text(content, "type"):
        case "message":
            return Taken(heard=[_heard(content)])
        case "status":
            return Taken(reports=[_report(content)])
        case "ping":
            return Taken()
    raise Unreadable("`type` is none of message, status, ping.")


def _heard(content: Any) -> Heard:
    there, sender = payload.text(content, "id"), payload.text(content, "from", "id")
    if not there or not sender:
        raise Unreadable("A message has an `id`, and `from.id` says who wrote it.")
    files = [
        Media(name=payload.text(each, "name")[:200] or "file", source=payload.text(each, "url"))
        for each in payload.listed(content, "files")
    ]
    return Heard(
        id=there,
        sender=sender[:200],
        name=payload.text(content, "from", "name")[:200],
        text=payload.text(content, "text"),
        at=_at(payload.text(content, "at")),
        language=payload.text(content, "language")[:16],
        answers=payload.text(content, "answers")[:250],
        media=[each for each in files if each.source],
    )


def _report(content: Any) -> Report:
    there, outcome = payload.text(content, "id"), payload.text(content, "status")
    if not there or outcome not in OUTCOMES:
        raise Unreadable("A status has the `id` of our message, and is one of delivered, read, failed.")
    return Report(id=there[:250], outcome=outcome, words=payload.text(content, "reason")[:500])


def _at(written: str) -> datetime | None:
    if not written:
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise Unreadable("`at` is a time with its offset, such as 2026-11-30T10:00:00+08:00.") from error
    if found.tzinfo is None:
        raise Unreadable("`at` says its offset, such as +08:00 or Z.")
    if not 1990 <= found.year <= 2099:  # in another zone it may lie in a year that no database has
        raise Unreadable("`at` lies between 1990 and 2099.")
    return found
