"""POST /complaints: the fast way in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from django.db import Error as DatabaseFault
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router

from ombud.api import roles, shown, strict, times
from ombud.api.callers import Call, Caller, PublicKey, Token
from ombud.api.keys import INTAKE
from ombud.api.openapi import IDEMPOTENCY, failures
from ombud.api.shapes import ComplaintIn, ComplaintOut
from ombud.api.strict import Malformed, error
from ombud.cases import idempotency
from ombud.cases.commands import Received
from ombud.cases.errors import Forbidden, NoPolicy, Throttled
from ombud.cases.idempotency import Answer, Keep
from ombud.channels import intake
from ombud.engine.model import COMPLAINANT_ACTOR
from ombud.organisation import editions, library, publishing, staff
from ombud.organisation.models import CalendarEdition, PolicyVersion
from ombud.organisation.round_trips import ask, ask_together
from ombud.organisation.staff import Holdings

router = Router(tags=["complaints"])
LONGEST_KEY = 200


@router.post(
    "/complaints",
    auth=[Token(INTAKE), PublicKey()],
    response={201: ComplaintOut, **failures(400, 401, 403, 409, 413, 415, 422, 429)},
    openapi_extra={"parameters": [IDEMPOTENCY]},
    operation_id="file_complaint",
    summary="File a complaint",
)
def file_complaint(request: Call, complaint: ComplaintIn) -> HttpResponse:
    """Open a case under the version of the policy that is in force; the answer holds the secret, once."""
    strict.only(request)
    caller, key = request.auth, _key(request)

    def work(keep: Keep) -> None:
        _file(caller, complaint, keep)

    if caller.intake is None:
        return _created(_once(request, key, work))
    try:
        # The count of a public key and the case are one commit.
        with transaction.atomic():
            caller.count(now=timezone.now())
            return _created(_once(request, key, work))
    except (Throttled, DatabaseFault):
        raise
    except Exception:
        caller.count(now=timezone.now())  # went with the rest: what is refused counts too
        raise


def _created(answer: Answer) -> HttpResponse:
    """Return an answer that was made of its shape, without looking at it once more."""
    response = HttpResponse(json.dumps(answer), status=201, content_type="application/json; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def _once(request: Call, key: str | None, work: Callable[[Keep], None]) -> Answer:
    """Return the answer of `work`, or the one that the key was given before."""
    if key is None:
        kept: list[Answer] = []
        work(kept.append)
        return kept[0]
    caller, now = request.auth.key, timezone.now()
    answer, is_repeated = idempotency.once(caller=caller, key=key, body=request.body, now=now, work=work)
    if is_repeated and request.auth.intake is not None:
        return {**answer, "secret": None}  # the key is anybody's, and so may the repetition be
    return answer


def _file(caller: Caller, complaint: ComplaintIn, keep: Keep) -> None:
    now = timezone.now()
    caller.only(complaint.policy)
    version, edition, held = _in_force(caller, complaint.policy, now)
    if version is None:
        raise NoPolicy
    pack = library.pack(version.hash)
    strict.no_filled_in(complaint.data)
    if caller.person is not None:
        actor = roles.for_filing(held, pack, complaint.role)
    else:
        assert caller.intake is not None, "a caller is one or the other"
        if (complaint.policy, complaint.channel) != (caller.intake.policy, caller.intake.channel) or complaint.role:
            raise Forbidden
        if complaint.received_at is not None:  # an outsider's word is no reason to count from another time
            words = _("Only a person's token may say when it arrived.")
            raise Malformed([error(("body", "received_at"), "value", words)])
        actor = COMPLAINANT_ACTOR

    def answer(received: Received) -> None:
        keep(
            ComplaintOut(
                reference=received.case.reference,
                secret=received.secret,
                phase=received.case.phase,
                received_at=times.moment(received.case.received_at),
                duties=shown.duties(received.case, received.duties, now=now),
            ).model_dump()
        )

    intake.receive(
        complaint.policy,
        version=version,
        edition=edition,
        channel=complaint.channel,
        language=complaint.language,
        time_zone=complaint.time_zone,
        data=strict.with_reason(complaint.data, complaint.late_reason),
        actor=actor,
        office=complaint.office,
        at=complaint.received_at or now,
        now=now,
        owner=caller.owner,
        along=answer,
    )


def _in_force(
    caller: Caller, policy: str, now: datetime
) -> tuple[PolicyVersion | None, CalendarEdition | None, Holdings]:
    """Return the version and edition that a complaint falls under, and what a token's person holds."""
    version, edition = publishing.asking_in_force(policy, now=now), editions.asking_current()
    if caller.person is None:
        return ask(version), ask(edition), {}
    return ask_together(version, edition, staff.asking_holdings(caller.person))


def _key(request: HttpRequest) -> str | None:
    """Return the idempotency key. Raises Malformed for one that cannot be kept."""
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        words = _("An idempotency key has 1 to {limit} printable ASCII characters.").format(limit=LONGEST_KEY)
        raise Malformed([error(("header", "Idempotency-Key"), "value", words)])
    return key
