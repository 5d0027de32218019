"""Time stamps of daily roots: an authority outside says when it saw one (RFC 3161), which no clock of ours can fake.

Only the newest root is stamped: it is a hash over the one before, so whoever saw it saw all of them.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.x509 import Certificate, load_pem_x509_certificates
from django.conf import settings
from django.db.models import F
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.tsp import TimeStampRequest

from ombud.cases.models import DailyRoot, RootStamp
from ombud.privacy import outgoing

log = logging.getLogger(__name__)

PATIENCE = 20.0  # seconds
LARGEST = 64 * 1024  # bytes of an answer; one with all its certificates has about six thousand
AHEAD = timedelta(minutes=10)  # by which the authority's clock and ours may differ
PAUSES = (10, 30, 60, 180, 360)  # minutes until it is asked again
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
_SHA256 = "2.16.840.1.101.3.4.2.1"


class NotStamped(Exception):
    """The authority did not stamp the root."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code  # see WHY of the page Proof


def stamp_waiting(*, now: datetime) -> int:
    """Have the newest root stamped where it is not; return how many were."""
    if not settings.OMBUD_TIMESTAMP_URL:
        return 0
    root = DailyRoot.objects.order_by("-number").first()
    if root is None:
        return 0
    row, _ = RootStamp.objects.get_or_create(
        root=root, defaults={"authority": settings.OMBUD_TIMESTAMP_URL, "asked_at": now}
    )
    # Whoever puts the next attempt off has this one; another clock finds nothing to do.
    mine = RootStamp.objects.filter(pk=row.pk, attempts=row.attempts, answer=None)
    pause = timedelta(minutes=PAUSES[min(row.attempts, len(PAUSES) - 1)])
    if (row.again_at and row.again_at > now) or not mine.update(attempts=F("attempts") + 1, again_at=now + pause):
        return 0
    authority = settings.OMBUD_TIMESTAMP_URL
    try:
        answer, at, is_trusted = ask(authority, root.root, now=now)
    except NotStamped as error:
        log.warning("daily root %s is not stamped: %s", root.number, error.code)
        RootStamp.objects.filter(pk=row.pk).update(failure=error.code, authority=authority, asked_at=now)
        return 0
    RootStamp.objects.filter(pk=row.pk).update(
        answer=answer, stamped_at=at, is_trusted=is_trusted, failure="", authority=authority, asked_at=now
    )
    return 1


def ask(authority: str, root: str, *, now: datetime) -> tuple[bytes, datetime, bool]:
    """Return the answer, the time in it, and whether its signature was checked. Raises NotStamped."""
    request = TimestampRequestBuilder(data=root.encode(), hash_algorithm=HashAlgorithm.SHA256).build()
    try:
        called = outgoing.call(
            "POST", authority, body=request.as_bytes(), headers={"Content-Type": _QUERY, "Accept": _REPLY},
            patience=PATIENCE, most=LARGEST + 1,
        )  # fmt: skip
    except outgoing.NotAllowed as error:
        raise NotStamped("address") from error
    except outgoing.NoAnswer as error:
        raise NotStamped("silent") from error
    if called.status != 200 or len(called.body) > LARGEST:
        raise NotStamped("refused")
    try:
        response = decode_timestamp_response(called.body)
        granted = PKIStatus(response.status) in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS)
    except ValueError as error:
        raise NotStamped("garbled") from error
    if not granted:
        raise NotStamped("refused")
    at = _judged(response, request, root, now)
    return called.body, at, _is_trusted(response, request, root)


def _judged(response: TimeStampResponse, request: TimeStampRequest, root: str, now: datetime) -> datetime:
    """Return the time of a stamp that answers the request."""
    try:
        info = response.tst_info
        imprint, nonce, at = info.message_imprint, info.nonce, info.gen_time
    except ValueError as error:
        raise NotStamped("garbled") from error
    is_same = imprint.hash_algorithm.dotted_string == _SHA256
    if not is_same or imprint.message != hashlib.sha256(root.encode()).digest():
        raise NotStamped("imprint")
    if nonce != request.nonce:  # an older answer, sent once more
        raise NotStamped("nonce")
    if abs(at - now) > AHEAD:
        raise NotStamped("time")
    return at


def _is_trusted(response: TimeStampResponse, request: TimeStampRequest, root: str) -> bool:
    """Return whether the signature leads to an authority of the settings; False where they name none."""
    if not settings.OMBUD_TIMESTAMP_CA:
        return False
    builder = VerifierBuilder.from_request(request)
    for each in authorities():
        builder = builder.add_root_certificate(each)
    try:
        return builder.build().verify_message(response, root.encode())
    except VerificationError as error:
        raise NotStamped("signature") from error


def authorities() -> list[Certificate]:
    """Return the certificates that stamps must lead to. Raises NotStamped where they cannot be read."""
    try:
        return load_pem_x509_certificates(Path(settings.OMBUD_TIMESTAMP_CA).read_bytes())
    except (OSError, ValueError) as error:
        raise NotStamped("authorities") from error
