"""Which cases a message that came in may belong to: by reference, address, order number, similar words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from ombud.cases.access.permissions import Permissions, scoped
from ombud.cases.reading.queries import CaseLine
from ombud.cases.reading.register import line, register, whole
from ombud.cases.references import normal_reference
from ombud.correspondence import wording
from ombud.correspondence.models import Message
from ombud.privacy.blind import blinded
from ombud.privacy.contacts import orders
from ombud.privacy.models import BlindIndex

SUSPECTED, REFERENCE, ADDRESS, ORDER, WORDS = "suspected", "reference", "address", "order", "words"
EACH = 5  # cases by each clue
LOOKED_FOR = 200  # characters of its subject that are searched for
READ = 20_000  # characters of a message that are looked through
NAMED = 20  # references and order numbers that are looked up
_DASH = "[-\u2013\u2014]?"
_REFERENCE = re.compile(
    rf"(?<![A-Za-z0-9])[A-Za-z]{{2}}{_DASH}(?:[A-Za-z0-9]{{4}}{_DASH}){{2}}[A-Za-z0-9](?![A-Za-z0-9])"
)
# What mail programs put before the subject of an answer, and of what is passed on.
_PREFIX = re.compile(
    r"^(?:\s*(?:re|fw|fwd|aw|wg|sv|\u56de\u590d|\u7b54\u590d|\u8f6c\u53d1)\s*[:\uff1a])+\s*", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A case, and what speaks for it."""

    line: CaseLine
    clues: tuple[str, ...]


def cases_for(message: Message, permissions: Permissions, *, now: datetime) -> tuple[Suggestion, ...]:
    """Return the cases that a message may belong to, the likeliest first; a fixed number of queries.

    Only cases whose personal data the reader sees: the answer tells whose they are.
    """
    vault = wording.vault_of(message)
    subject = str(wording.part(message, wording.SUBJECT, vault))
    text = f"{subject}\n{wording.part(message, wording.TEXT, vault)}"[:READ]
    details = wording.part(message, wording.DETAILS, vault) or {}
    unmasked = [policy for policy in permissions.policies if not permissions.is_masked(policy)]
    mine = scoped(permissions, is_leading=False).filter(policy__in=unmasked)
    by_order = BlindIndex.objects.filter(digest__in=[each.digest for each in blinded(orders(text)[:NAMED])])
    by_address = BlindIndex.objects.filter(digest__in=wording.known_by(message, vault))
    wanted = {
        SUSPECTED: mine.filter(reference=details.get("suspects", "")),
        REFERENCE: mine.filter(reference__in=references_in(text)),
        ADDRESS: mine.filter(complainant__in=by_address.values("complainant")),
        ORDER: mine.filter(complainant__in=by_order.values("complainant")),
    }
    found: dict[str, tuple[CaseLine, list[str]]] = {}
    for clue, cases in wanted.items():
        for row in whole(cases.order_by("-received_at", "-pk"))[:EACH]:
            found.setdefault(row.reference, (line(row, permissions, now), []))[1].append(clue)
    if words := _PREFIX.sub("", subject[:LOOKED_FOR]).strip():
        for similar in register(permissions.person, now=now, text=words, limit=EACH, permissions=permissions).rows:
            if not permissions.is_masked(similar.case.policy):
                found.setdefault(similar.case.reference, (similar, []))[1].append(WORDS)
    return tuple(Suggestion(line=shown, clues=tuple(clues)) for shown, clues in found.values())


def references_in(text: str) -> list[str]:
    """Return the references that stand in a text."""
    known = (normal_reference(each) for each in _REFERENCE.findall(text)[: 10 * NAMED])
    return list(dict.fromkeys(each for each in known if each is not None))[:NAMED]
