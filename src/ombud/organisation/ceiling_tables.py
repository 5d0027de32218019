"""Who may promise how much: reading a table of promise limits, and changing it with four eyes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from ombud.engine.model import Actor
from ombud.organisation import changes, rates
from ombud.organisation.ceilings import CeilingTable
from ombud.organisation.models import ADMINISTRATOR, MANAGER, POLICY_OWNER, Membership, Person
from ombud.policy.plain_text import plain
from ombud.policy.values import amount

Verdict = CeilingTable.Verdict
KEEPERS = (MANAGER, POLICY_OWNER, ADMINISTRATOR)
MOST = 500  # entries of one table


class CeilingError(Exception):
    """A table of promise limits cannot be proposed or decided on like this; the message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """How much somebody may promise: a person, or whoever acts in a role or department."""

    role: str = ""
    department: str = ""
    person: int | None = None
    amount: str | None  # None = without limit
    currency: str

    @property
    def subject(self) -> tuple[str, str, int | None]:
        """Return whom it speaks of: there is one entry for each."""
        return self.role, self.department, self.person


Table = tuple[Entry, ...]


def read(row: CeilingTable) -> Table:
    """Return what a table says."""
    return tuple(Entry(**each) for each in row.entries)


def in_force(policy: str, *, day: date, at: datetime) -> CeilingTable | None:
    """Return the table that held on a day, as it was known at an instant; None where the policy had none."""
    rows = CeilingTable.objects.filter(policy=policy, verdict=Verdict.ENTERED, since__lte=day, decided_at__lte=at)
    return rows.order_by("-since", "-id").first()


def entry_for(table: Table, role: str, department: str | None, person: int | None = None) -> Entry | None:
    """Return the entry that decides: of the person, else of the role in the department, of the role, the department."""
    known = {each.subject: each for each in table}
    if person is not None and (own := known.get(("", "", person))) is not None:
        return own
    place = department or ""
    asked = ((role, place, None), (role, "", None), ("", place, None))
    return next((known[each] for each in asked if any(each[:2]) and each in known), None)


def entries_of(table: Table, actor: Actor) -> tuple[Entry | None, ...]:
    """Return what bounds an actor; a deputy promises no more than whom they stand in for, nor than their own name says.

    Whoever has no entry (None) may promise nothing.
    """
    found = entry_for(table, actor.role, actor.department, _number(actor.principal))
    own = entry_for(table, "", None, _number(actor.person)) if actor.behalf else None
    return (found, own) if own is not None else (found,)


def _number(key: str) -> int | None:
    return int(key[1:]) if key[:1] == "p" and key[1:].isdecimal() else None


def covers(entries: Iterable[Entry | None], value: Mapping[str, Any], currency: str, *, on: date) -> bool:
    """Return whether an amount is within all of the entries; `currency` is that in which the policy compares.

    Between two currencies both are compared at what they are worth there; where no rate is known it is not within.
    """
    return all(_covers(each, value, currency, on) for each in entries)


def _covers(entry: Entry | None, value: Mapping[str, Any], currency: str, on: date) -> bool:
    given = Decimal(value["amount"])
    if given <= 0 or entry is None:
        return given <= 0
    if entry.amount is None:
        return True
    if entry.currency == value["currency"]:
        return given <= Decimal(entry.amount)
    one, other = amount(value, currency), worth(entry, currency, on=on)
    return one is not None and other is not None and one <= other


def worth(entry: Entry, currency: str, *, on: date) -> Decimal | None:
    """Return what a limit is worth in a currency on a day; None where no rate is known."""
    assert entry.amount is not None, "without limit is worth everything"
    if entry.currency == currency:
        return Decimal(entry.amount)
    quote = rates.quote(entry.currency, currency, on)
    return None if quote is None else Decimal(entry.amount) * quote.rate


def can_keep(person: Person) -> bool:
    """Return whether a person proposes and decides on tables: a manager, the policy owner, an administrator."""
    return Membership.objects.filter(person=person, policy="", role__in=KEEPERS).exists()


def propose(
    policy: str, entries: Sequence[Entry], *, since: date, reason: str, by: Person, today: date, now: datetime
) -> CeilingTable:
    """Return a whole table as it waits for somebody else. Raises CeilingError."""
    reason = plain(reason)[:500]
    subjects = [each.subject for each in entries]
    _need(can_keep(by), _("Only a manager, the policy owner or an administrator changes promise limits."))
    _need(bool(entries) and len(entries) <= MOST, _("Enter at least one limit."))
    _need(len(set(subjects)) == len(subjects), _("Each role, department or person has one limit only."))
    _need(since >= today, _("Promise limits hold from today on or from a later day, never for what was."))
    _need(bool(reason), _("Say why the limits are changed."))
    with transaction.atomic():
        waiting = CeilingTable.objects.select_for_update().filter(policy=policy, decided_at=None)
        _need(not waiting.exists(), _("Another table of this policy waits for a decision. Decide on it first."))
        row = CeilingTable.objects.create(
            policy=policy, since=since, entries=[asdict(each) for each in entries], reason=reason,
            proposed_by=by, proposed_at=now,
        )  # fmt: skip
        changes.note([row], by=by, now=now)
    return row


def approve(row: CeilingTable, *, by: Person, now: datetime) -> None:
    """Let a table apply from its day on, at the earliest from now. Raises CeilingError."""
    with transaction.atomic():
        row = _to_decide(row)
        _need(row.proposed_by_id != by.pk, _("Nobody lets apply what they proposed. Somebody else decides."))
        _need(can_keep(by), _("Only a manager, the policy owner or an administrator changes promise limits."))
        _decide(row, Verdict.ENTERED, by, now)


def decline(row: CeilingTable, *, because: str, by: Person, now: datetime) -> None:
    """Leave the limits as they are, for a reason; who proposed the table takes it back so. Raises CeilingError."""
    because = plain(because)[:500]
    with transaction.atomic():
        row = _to_decide(row)
        is_own = row.proposed_by_id == by.pk
        _need(is_own or can_keep(by), _("Only a manager, the policy owner or an administrator changes promise limits."))
        _need(is_own or bool(because), _("Say why this is declined."))
        row.because = because
        _decide(row, Verdict.WITHDRAWN if is_own else Verdict.DECLINED, by, now)


def waiting_for(policy: str) -> CeilingTable | None:
    """Return the table that waits for a decision."""
    return CeilingTable.objects.filter(policy=policy, decided_at=None).select_related("proposed_by").first()


def to_decide(person: Person) -> QuerySet[CeilingTable]:
    """Return the tables of others that wait for a decision which this person may make, the oldest first."""
    keeps = Exists(Membership.objects.filter(person=person, policy="", role__in=KEEPERS))
    rows = CeilingTable.objects.filter(keeps, decided_at=None).exclude(proposed_by=person)
    return rows.select_related("proposed_by").order_by("id")


def keepers() -> QuerySet[Person]:
    """Return everybody who proposes and decides on tables and may sign in."""
    held = Membership.objects.filter(person=OuterRef("pk"), policy="", role__in=KEEPERS)
    return Person.objects.filter(Exists(held), is_active=True).order_by("pk")


def decided(policy: str) -> list[CeilingTable]:
    """Return what was decided, newest first."""
    rows = CeilingTable.objects.filter(policy=policy).exclude(decided_at=None)
    return list(rows.select_related("proposed_by", "decided_by").order_by("-decided_at", "-id")[:20])


def _to_decide(row: CeilingTable) -> CeilingTable:
    row = CeilingTable.objects.select_for_update().get(pk=row.pk)
    _need(row.decided_at is None, _("It was decided meanwhile."))
    return row


def _decide(row: CeilingTable, verdict: CeilingTable.Verdict, by: Person, now: datetime) -> None:
    row.verdict, row.decided_by, row.decided_at = verdict, by, now
    row.save(update_fields=["verdict", "because", "decided_by", "decided_at"])
    changes.note([row], by=by, now=now)


def _need(holds: bool, why: str) -> None:
    if not holds:
        raise CeilingError(why)
