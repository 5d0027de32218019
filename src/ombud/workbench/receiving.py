"""Receives what staff type in, once: the same form sent again after a lost answer records no other complaint."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from ombud.cases import idempotency
from ombud.cases.idempotency import Keep
from ombud.channels import intake, receipts
from ombud.engine.model import Actor
from ombud.workbench.page import person


def once(
    request: HttpRequest,
    policy: str,
    actor: Actor,
    data: Mapping[str, Any],
    *,
    channel: str,
    language: str,
    time_zone: str = "",
    at: datetime,
    now: datetime,
    key: str,
    typed: bytes,
    is_anonymous: bool = False,
) -> str:
    """Return the reference of the complaint, whose code this browser then keeps.

    `key` is the form's own, `typed` what tells whether it is sent again unchanged. Raises NoPolicy, Refused,
    AttachmentRefused, KeyReused; then nothing was written.
    """

    def work(keep: Keep) -> None:
        intake.receive(
            policy,
            channel=channel,
            language=language,
            time_zone=time_zone,
            data=data,
            actor=actor,
            at=at,
            now=now,
            is_anonymous=is_anonymous,
            along=lambda received: keep({"reference": received.case.reference, "secret": received.secret}),
        )

    caller = f"desk:{person(request).key}"
    told, _is_repeated = idempotency.once(caller=caller, key=key[:100], body=typed, now=now, work=work)
    receipts.keep(request, told["reference"], told["secret"])
    return str(told["reference"])
