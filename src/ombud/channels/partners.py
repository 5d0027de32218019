"""Links at partners' (agents, dealers, distributors): signed, for one partner and office, until a day or revoked."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from ombud.cases.commands import Received
from ombud.cases.models import Case
from ombud.correspondence.models import PartnerComplaint, PartnerLink
from ombud.policy.model.pack import Pack
from ombud.policy.outsiders import CONTACT, address_fields
from ombud.policy.vocabulary import ADDRESS, EMAIL, NAME, PHONE, RECEIVE
from ombud.privacy.keys import digest

PARTNER = "partner"  # the role of the address book, and the kind of a channel
LENGTH = 20  # characters of a mark: 80 bits
PARTS = (CONTACT, EMAIL, PHONE, ADDRESS)


def mark_of(link: PartnerLink) -> str:
    """Return what signs a link: nobody can make another of its number."""
    return digest("partner link", str(link.pk))[:LENGTH]


def address_of(link: PartnerLink) -> str:
    """Return the whole address, which the picture holds too."""
    return str(settings.OMBUD_BASE_URL) + reverse("portal:partner", args=[link.pk, mark_of(link)])


def is_valid(link: PartnerLink, *, now: datetime) -> bool:
    """Return whether complaints may still be begun by the link: its last day counts."""
    return link.revoked_at is None and (link.ends_on is None or timezone.localdate(now) <= link.ends_on)


def found(number: int, mark: str) -> PartnerLink | None:
    """Return the link of that number, where the mark is its own."""
    link = PartnerLink.objects.select_related("partner", "office").filter(pk=number).first()
    return link if link is not None and hmac.compare_digest(mark_of(link), mark) else None


def said_of(link: PartnerLink, pack: Pack) -> dict[str, Any]:
    """Return what the case keeps of the partner, as far as the policy's first act takes it."""
    act, fields = pack.main.acts[RECEIVE], address_fields(pack, link.partner.role)
    said = {NAME: str(link.partner), **{part: getattr(link.partner, part) for part in PARTS}}
    kept = {fields[part]: value for part, value in said.items() if part in fields and value}
    return {name: value for name, value in kept.items() if name in {*act.needs, *act.may}}


def partner_of(case: Case, pack: Pack) -> PartnerLink | None:
    """Return the link by which a complaint came in; asked of channels of partners only."""
    if case.channel not in pack.channels or pack.channels[case.channel].kind != PARTNER:
        return None
    return PartnerLink.objects.select_related("partner").filter(complaints__case=case).first()


def note(link: PartnerLink, received: Received) -> None:
    """Keep with the complaint by whose link it came; in the transaction that writes it."""
    PartnerComplaint.objects.create(link=link, case=received.case)
