"""Answers a repeated request with the first answer, so that filing twice files once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from ombud.cases.errors import KeyReused
from ombud.cases.models import IdempotencyKey
from ombud.organisation.round_trips import cursor
from ombud.privacy.sealing import HouseVault, Vault

KEPT = timedelta(hours=24)
Answer = dict[str, Any]
Keep = Callable[[Answer], None]


class _CameFirst(Exception):  # a turn in the road, not an error that anybody sees
    """Another request with the same key was written while this one was being judged."""


def once(*, caller: str, key: str, body: bytes, now: datetime, work: Callable[[Keep], None]) -> tuple[Answer, bool]:
    """Return (the answer that `work` kept, as JSON; whether it was given before).

    `work` calls what it is given with its answer inside the transaction of what it writes: a crash leaves both or
    neither, and what `work` does before its transaction holds nobody up. The answer is kept sealed, since it may hold
    the complainant's secret. Raises KeyReused for another body.
    """
    fingerprint = hashlib.sha256(body).hexdigest()
    vault = HouseVault("idempotency", f"{caller} {key}")
    kept: list[Answer] = []

    def keep(answer: Answer) -> None:
        # The unique index decides between two that come at once; the later waits here for the earlier.
        if not _write(caller, key, fingerprint, vault, answer, now):
            raise _CameFirst
        kept.append(answer)

    try:
        # Inside somebody's transaction, what came second must go without taking the rest with it.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            work(keep)
    except Exception:
        # Asked only now: hardly any request is a repeated one, and whatever keeps it from being done again (that it
        # came first, files that are the case's by now), its key says that it was done.
        known = _known(caller, key, fingerprint, vault, now)
        if known is None:
            raise
        return known, True
    (answer,) = kept
    return answer, False


def given(*, caller: str, key: str, body: bytes, now: datetime) -> Answer | None:
    """Return the answer that a request was given before, while it is kept."""
    vault = HouseVault("idempotency", f"{caller} {key}")
    return _known(caller, key, hashlib.sha256(body).hexdigest(), vault, now)


def _known(caller: str, key: str, fingerprint: str, vault: Vault, now: datetime) -> Answer | None:
    """Return the answer that the key was given; None where there is none, or none that is still kept."""
    with cursor() as asked:
        asked.execute(
            "SELECT body, answer FROM cases_idempotencykey WHERE caller = %s AND key = %s AND at >= %s",
            [caller, key, connection.ops.adapt_datetimefield_value(now - KEPT)],
        )
        row = asked.fetchone()
    if row is None:
        return None
    if row[0] != fingerprint:
        raise KeyReused
    answer: Answer = vault.open(0, "answer", json.loads(row[1]))
    return answer


def _write(caller: str, key: str, fingerprint: str, vault: Vault, answer: Answer, now: datetime) -> bool:
    """Write the key down with its answer, over one that is kept no longer; return whether there was no other."""
    adapt = connection.ops.adapt_datetimefield_value
    with cursor() as writing:
        writing.execute(
            "INSERT INTO cases_idempotencykey (caller, key, body, answer, at) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (caller, key) DO UPDATE SET body = excluded.body, answer = excluded.answer, at = excluded.at"
            " WHERE cases_idempotencykey.at < %s RETURNING 1",
            [caller, key, fingerprint, json.dumps(vault.seal(0, "answer", answer)), adapt(now), adapt(now - KEPT)],
        )
        return writing.fetchone() is not None


def tidy(*, now: datetime) -> int:
    """Remove keys older than 24 hours and return how many."""
    return IdempotencyKey.objects.filter(at__lt=now - KEPT).delete()[0]
