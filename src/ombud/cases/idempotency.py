"""Answers a repeated request with the first answer, so that filing twice files once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from ombud.cases.errors import KeyReused
from ombud.cases.models import IdempotencyKey
from ombud.privacy.keys import derived
from ombud.privacy.sealing import Vault

KEPT = timedelta(hours=24)


def once(
    *, caller: str, key: str, body: bytes, now: datetime, work: Callable[[], dict[str, Any]]
) -> tuple[dict[str, Any], bool]:
    """Return (the answer of `work` as JSON, whether it was given before).

    `work` and the key are one transaction: a crash leaves both or neither. The answer is kept
    sealed, since it may hold the complainant's secret. Raises KeyReused for another body.
    """
    fingerprint = hashlib.sha256(body).hexdigest()
    vault = Vault(derived("idempotency"), f"{caller} {key}")
    with transaction.atomic():
        # The unique index decides between two that come at once; the later waits here for the earlier.
        if not _take(caller, key, fingerprint, now):
            row = IdempotencyKey.objects.get(caller=caller, key=key)
            if row.at >= now - KEPT:
                if row.body != fingerprint:
                    raise KeyReused
                answer: dict[str, Any] = vault.open(0, "answer", json.loads(row.answer))
                return answer, True
            row.delete()
            _take(caller, key, fingerprint, now)
        answer = work()
        with connection.cursor() as cursor:
            sealed = json.dumps(vault.seal(0, "answer", answer))
            cursor.execute(
                "UPDATE cases_idempotencykey SET answer = %s WHERE caller = %s AND key = %s", [sealed, caller, key]
            )
        return answer, False


def _take(caller: str, key: str, fingerprint: str, now: datetime) -> bool:
    """Write the key down; return whether it was not there yet."""
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_idempotencykey (caller, key, body, answer, at) VALUES (%s, %s, %s, '', %s)"
            " ON CONFLICT (caller, key) DO NOTHING",
            [caller, key, fingerprint, at],
        )
        return bool(cursor.rowcount == 1)


def tidy(*, now: datetime) -> int:
    """Remove keys older than 24 hours and return how many."""
    return IdempotencyKey.objects.filter(at__lt=now - KEPT).delete()[0]
