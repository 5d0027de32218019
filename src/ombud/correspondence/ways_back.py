"""The link that opens a complaint for some days: bound to the address that it went to, and ended by a new code."""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta

from django.conf import settings

from ombud.cases.access.case_access import Grant, grant_of
from ombud.cases.errors import NoSuchCase
from ombud.cases.eventlog import rows_of
from ombud.cases.fold import folded_rows
from ombud.cases.models import Case
from ombud.correspondence import reaching, talks, wording
from ombud.correspondence.models import Message
from ombud.notices.writing import page_of
from ombud.policy.vocabulary import COMPLAINANT
from ombud.privacy.keys import digest, key_of
from ombud.privacy.sealing import Vault

_HOUR = 3600  # seconds
# Until when, in hours, and 80 bits of the signature: letters count in an SMS, and guessing is hopeless all the same.
_TOKEN = re.compile(r"([0-9a-f]{5,6})-([0-9a-f]{20})")
_CARRIED = re.compile(rf"(\?|%3F)way(=|%3D){_TOKEN.pattern}", re.IGNORECASE)  # as filters of mail write links, too


def link_of(message: Message, *, now: datetime) -> str:
    """Return the link to its case that a message carries, empty without a case.

    To an address of the case's complainant it is one that opens the case, to anybody else the one that asks for the
    code: whoever writes to us from elsewhere may be somebody else.
    """
    case = message.case
    if case is None:
        return ""
    page = page_of(case.reference)
    if message.to != COMPLAINANT or not case.secret or message.address not in _addresses(case):
        return page
    ends = f"{int((now + timedelta(days=settings.OMBUD_LINK_DAYS)).timestamp()) // _HOUR:x}"
    return f"{page}open/?way={ends}-{_signature(case, message.address, ends)}"


def with_link(text: str, reference: str, link: str) -> str:
    """Return a text in which this link stands for the page of a case; the longer link of a new code stays."""
    return re.sub(re.escape(page_of(reference)) + r"(?![A-Za-z0-9])", lambda _page: link, text)


def without_token(text: str) -> str:
    """Return a text without what opens a complaint: an answer quotes our letter, and others than its sender read it."""
    return _CARRIED.sub("", text)


def grant(reference: str, token: str, *, now: datetime) -> Grant:
    """Return the grant for a case by the token of a link. Raises NoSuchCase where it opens none, or none any more."""
    written = _TOKEN.fullmatch(token)
    if written is None or int(written[1], 16) * _HOUR <= now.timestamp():
        raise NoSuchCase
    case = Case.objects.select_related("complainant", "office").filter(reference=reference).first()
    if case is None or not case.secret:
        raise NoSuchCase
    good = [_signature(case, address, written[1]) for address in _addresses(case)]
    if not any([hmac.compare_digest(each, written[2]) for each in good]):
        raise NoSuchCase
    return grant_of(case)


def _signature(case: Case, address: str, ends: str) -> str:
    return digest("way back", f"{case.reference} {case.secret} {address} {ends}")[:20]


def _addresses(case: Case) -> set[str]:
    """Return what stands for the addresses of a case's complainant: those on file now, and where they spoke with us."""
    key = key_of(case.complainant)
    if key is None:
        return set()
    state = folded_rows(case, rows_of(case), Vault(key, case.reference))
    given = [address for _name, address in reaching.mailed(case, state)] + [reaching.number_of(case, state)]
    spoken = Message.objects.filter(case=case, is_out=False, to=COMPLAINANT, way__in=talks.WAYS).exclude(address="")
    known_by = {found for each in given for found in wording.blind_addresses(each)}
    return known_by | set(spoken.values_list("address", flat=True))
