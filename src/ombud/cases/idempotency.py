"""Answers a repeated request with the first answer, so that filing twice files once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

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
        IdempotencyKey.objects.filter(caller=caller, key=key, at__lt=now - KEPT).delete()
        row, is_new = IdempotencyKey.objects.get_or_create(
            caller=caller, key=key, defaults={"body": fingerprint, "at": now}
        )
        if not is_new:
            if row.body != fingerprint:
                raise KeyReused
            answer: dict[str, Any] = vault.open(0, "answer", json.loads(row.answer))
            return answer, True
        answer = work()
        row.answer = json.dumps(vault.seal(0, "answer", answer))
        row.save(update_fields=["answer"])
        return answer, False


def tidy(*, now: datetime) -> int:
    """Remove keys older than 24 hours and return how many."""
    return IdempotencyKey.objects.filter(at__lt=now - KEPT).delete()[0]
