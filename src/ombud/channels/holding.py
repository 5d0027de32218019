"""Complaints beyond an intake limit: they have arrived, are kept sealed, and are taken in as there is room.

Limits count from the arrival, whenever a complaint is taken in. Of each address the one that came first has its turn,
so that a flood from one of them holds nobody else up; nobody waits longer than half a day.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min, QuerySet

from ombud.cases import idempotency
from ombud.cases.errors import AttachmentRefused, CaseError, Forbidden, NoPolicy, ReasonMissing, Refused
from ombud.cases.idempotency import Answer, Keep
from ombud.channels import agreements, intake, intake_limits, partners
from ombud.channels.models import HeldComplaint
from ombud.correspondence.models import PartnerLink
from ombud.engine.model import COMPLAINANT_ACTOR
from ombud.organisation.models import Person
from ombud.policy.plain_text import plain
from ombud.privacy.sealing import HouseVault

log = logging.getLogger(__name__)

EACH, IN_ALL = 100, 5_000  # that wait at a time, of an address and in all
LONGEST = timedelta(hours=12)  # uploads that belong to no case go after a day
AT_ONCE = 50  # in one turn of the clock
KEPT = timedelta(days=30)  # what became of one that waits no longer

State = HeldComplaint.State


class SettledBefore(CaseError):
    """It waits no longer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A complaint as it was sent, all that taking it in needs."""

    policy: str
    channel: str
    language: str
    time_zone: str
    data: Mapping[str, Any]
    office: str | None
    owner: str
    through: int  # the number of the partner's link that was followed, or 0
    agreed: str = ""  # hash of the privacy notice that was agreed to, where the company has one
    read_in: str = ""  # the language that it was read in


def file(sent: Sent, *, key: str, at: datetime, now: datetime) -> Answer:
    """Open the case of a complaint that arrived at `at`; the same key again gets the first answer.

    Raises NoPolicy, Refused, AttachmentRefused.
    """
    links = PartnerLink.objects.select_related("partner", "office")
    through = links.filter(pk=sent.through).first() if sent.through else None

    def work(keep: Keep) -> None:
        def along(received: Any) -> None:
            keep({"reference": received.case.reference, "secret": received.secret})
            if through is not None:
                partners.note(through, received)
            if sent.agreed:
                agreements.agree(received.case, sent.agreed, language=sent.read_in, now=now)

        intake.receive(
            sent.policy,
            channel=sent.channel,
            language=sent.language,
            time_zone=sent.time_zone,
            data=sent.data,
            actor=replace(COMPLAINANT_ACTOR, office=sent.office),
            at=at,
            now=now,
            owner=sent.owner,
            is_carried=through is not None,
            along=along,
        )

    answer, _is_repeated = idempotency.once(caller=f"portal:{key}", key=key, body=key.encode(), now=now, work=work)
    return answer


def hold(sent: Sent, *, key: str, address: str, now: datetime) -> bool:
    """Keep a complaint until there is room, and return whether it is kept: what waits has limits, too."""
    place = intake_limits.place_of(address)
    waiting = HeldComplaint.objects.filter(state=State.WAITS)
    if waiting.filter(place=place).count() >= EACH or waiting.count() >= IN_ALL:
        return False
    if sent.agreed:
        agreements.keep_notice(now=now)  # it may be another by the time that this one is taken in
    content = {name: getattr(sent, name) for name in Sent.__slots__}
    HeldComplaint.objects.get_or_create(
        key=key,
        defaults={
            "policy": sent.policy,
            "channel": sent.channel,
            "place": place,
            "sealed": _vault(key).seal(0, "sent", content),
            "held_at": now,
        },
    )
    return True


def held(key: str) -> HeldComplaint | None:
    """Return what is held of a draft."""
    return HeldComplaint.objects.filter(key=key).first()


def give_back(row: HeldComplaint) -> None:
    """Hold a complaint no longer that the policy refused: whoever wrote it mends it and sends it again."""
    HeldComplaint.objects.filter(pk=row.pk, state=State.REFUSED).delete()


def sent_of(row: HeldComplaint) -> Sent | None:
    """Return what was sent; None once it waits no longer."""
    return Sent(**vault_of(row).open(0, "sent", row.sealed)) if row.sealed else None


def take_in(*, now: datetime) -> int:
    """Take in what there is room for, and return how many; the clock calls it."""
    _forget(now)
    done = 0
    while done < AT_ONCE:
        first = HeldComplaint.objects.filter(state=State.WAITS).values("place").annotate(first=Min("pk"))
        ids = list(first.order_by("first").values_list("first", flat=True)[:AT_ONCE])
        taken = sum(_has_turn(pk, now) and _settle(pk, now) for pk in ids)
        if not taken:
            break
        done += taken
    return done


def take_in_now(row: HeldComplaint, *, by: Person, policies: frozenset[str], now: datetime) -> HeldComplaint:
    """Take one in before its turn, by somebody who answers for these policies. Raises Forbidden, SettledBefore."""
    if row.policy not in policies:
        raise Forbidden
    if not _settle(row.pk, now, by=by):
        raise SettledBefore
    row.refresh_from_db()
    return row


def put_aside(row: HeldComplaint, *, reason: str, by: Person, policies: frozenset[str], now: datetime) -> None:
    """Let be what is no complaint, for a reason; what it said goes. Raises Forbidden, ReasonMissing, SettledBefore."""
    reason = plain(reason)[:500]
    if row.policy not in policies:
        raise Forbidden
    if not reason:
        raise ReasonMissing
    waiting = HeldComplaint.objects.filter(pk=row.pk, state__in=[State.WAITS, State.REFUSED])
    if not waiting.update(state=State.ASIDE, reason=reason, by=by, settled_at=now, sealed={}):
        raise SettledBefore


def of_policies(policies: frozenset[str]) -> QuerySet[HeldComplaint]:
    """Return what these policies have held and nobody has settled, the first to come first."""
    rows = HeldComplaint.objects.filter(policy__in=policies, state__in=[State.WAITS, State.REFUSED])
    return rows.order_by("pk")


def _forget(now: datetime) -> None:
    """Remove what was settled long ago."""
    old = HeldComplaint.objects.filter(settled_at__lt=now - KEPT)
    if old.exists():
        old.delete()


def _has_turn(pk: int, now: datetime) -> bool:
    row = HeldComplaint.objects.filter(pk=pk, state=State.WAITS).first()
    return row is not None and (row.held_at <= now - LONGEST or intake_limits.has_room(row.place, now=now))


def _settle(pk: int, now: datetime, by: Person | None = None) -> bool:
    """Open the case of one that waits, or note why it cannot be; return whether it waited."""
    with transaction.atomic():
        row = HeldComplaint.objects.select_for_update().filter(pk=pk).first()
        sent = sent_of(row) if row is not None else None
        if row is None or sent is None or row.state not in (State.WAITS, State.REFUSED):
            return False
        try:
            with transaction.atomic():
                row.reference = file(sent, key=row.key, at=row.held_at, now=now)["reference"]
        except (Refused, AttachmentRefused, NoPolicy) as error:
            row.state, row.reason = State.REFUSED, str(error)[:500]
        else:
            row.state, row.sealed, row.by, row.settled_at = State.TAKEN, {}, by, now
        row.save()
    return True


def vault_of(row: HeldComplaint) -> HouseVault:
    """Return what seals a complaint that waits."""
    return _vault(row.key)


def _vault(key: str) -> HouseVault:
    return HouseVault("drafts", f"held {key}")
