"""What an organisation keeps beside its cases: exams, training, rates, promise limits, authorities, partners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from ombud.organisation import address_book, ceiling_tables, courses, rates, training
from ombud.organisation.ceiling_tables import Entry
from ombud.organisation.models import Office, Person

Entries = Sequence[Mapping[str, Any]]


def keep(policy: str, records: Mapping[str, Entries], *, by: Person, now: datetime, since: datetime) -> None:
    """Record what the policy's file holds: exams, sessions, rates, addresses, all entered when it came into force."""
    today = timezone.localdate(now)
    for entry in records.get("training", ()):
        passed_on = min(today - timedelta(days=entry["days"]), timezone.localdate(since))
        training.record(
            Person.objects.get(username=entry["who"]),
            policy,
            entry["exam"],
            passed_on=passed_on,
            valid_until=passed_on + timedelta(days=entry["holds"]) if "holds" in entry else None,
            score=entry["score"],
            by=by,
            now=since,
        )
    for entry in records.get("sessions", ()):
        courses.hold(
            policy,
            entry["course"],
            held_on=min(today - timedelta(days=entry["days"]), timezone.localdate(since)),
            contents=entry["contents"],
            trainer=entry["trainer"],
            minutes=entry["minutes"],
            people=list(Person.objects.filter(username__in=entry["who"])),
            by=by,
            now=since,
        )
    for entry in records.get("rates", ()):
        day = today - timedelta(days=entry["days"])
        rates.enter(entry["currency"], entry["rate"], day=day, source=entry["source"], by=by, now=since)
    for entry in records.get("ceilings", ()):
        _limit(policy, entry, by=by, since=since)
    for entry in records.get("authorities", ()):
        office = Office.objects.get(key=entry["office"]) if entry["office"] else None
        address_book.keep(None, {**entry, "office": office}, by=by, now=since)


def _limit(policy: str, given: Mapping[str, Any], *, by: Person, since: datetime) -> None:
    """Let promise limits hold, which the policy owner decided on."""
    day = timezone.localdate(since)
    table = [Entry(**{"currency": "CNY", **each}) for each in given["entries"]]
    row = ceiling_tables.propose(policy, table, since=day, reason=given["reason"], by=by, today=day, now=since)
    ceiling_tables.approve(row, by=Person.objects.get(username="policy"), now=since)
