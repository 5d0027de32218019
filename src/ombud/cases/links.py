"""What a case's events mean beyond it: links to lead cases, ledger entries, tasks that they ask for."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ombud.cases import groups, ledgers, tasks
from ombud.cases.eventlog import decoded
from ombud.cases.models import Case, CaseLink, Event, LedgerEntry
from ombud.engine import begin
from ombud.engine.apply import apply
from ombud.engine.model import Link, Outcome, Record
from ombud.engine.side_effects import link_of, matter_of, record_of
from ombud.organisation.library import hash_of, library, name_of, pack
from ombud.policy.event_names import MIGRATE
from ombud.privacy.sealing import Vault


def write_links(case: Case, outcome: Outcome, *, now: datetime) -> None:
    """Write what new events say of groups and ledgers, and ask for what they want of other cases."""
    groups.write_members(case, outcome.links, {event.seq: event.occurred for event in outcome.events}, now=now)
    ledgers.write_entries(case, outcome.records)
    for spread in outcome.spreads:
        asked = {"seq": spread.seq, "lead_too": spread.lead_too}
        tasks.ask(tasks.SPREAD, case, f"{case.reference}/{spread.seq}", now=now, **asked)


def note_end(case: Case, was_open: bool, *, now: datetime) -> None:
    """Let the case that opened this one know that it has ended."""
    if case.parent_id is not None and was_open and not case.is_open:
        tasks.ask(tasks.THEN, case, case.reference, now=now)


@dataclass(kw_only=True, slots=True)
class Links:
    """Links, ledger entries and matters opened as a case's events say, whole."""

    links: list[CaseLink] = field(default_factory=list)  # unsaved
    entries: list[LedgerEntry] = field(default_factory=list)  # likewise
    opened: set[tuple[int, str]] = field(default_factory=set)  # (event, procedure) of each matter


def links_of(case: Case, rows: Sequence[Event], vault: Vault | None) -> Links:
    """Return what all events of a case say of groups, ledgers and matters."""
    found = Links()
    if not _may_belong(case, rows):
        return found
    state = begin(library.program(hash_of(case.first_version_id), name_of(case.first_edition_id), case.procedure))
    records: list[Record] = []
    for event, row in zip(decoded(rows, vault), rows, strict=True):
        apply(state, event, library)
        plan = state.program.acts.get(event.act)
        if plan is None or plan.act is None:
            continue
        if (record := record_of(state, plan.act, event)) is not None:
            records.append(record)
        if (matter := matter_of(state, plan.act, event)) is not None:
            found.opened.add((matter.seq, matter.procedure))
        if (link := link_of(plan.act, event)) is not None:
            _add(found.links, case, link, row)
    found.entries = ledgers.rows_of(case, records)
    return found


def _may_belong(case: Case, rows: Sequence[Event]) -> bool:
    """Return whether any of these events can be about a group, a ledger or a matter: most cases have none."""
    done = {row.act for row in rows}
    versions = {hash_of(case.first_version_id), *(row.data["pack"] for row in rows if row.act == MIGRATE)}
    for version in versions:
        acts = pack(version).procedures[case.procedure].acts
        if any(act.links or act.unlinks or act.records or act.opens for id, act in acts.items() if id in done):
            return True
    return False


def _add(links: list[CaseLink], case: Case, link: Link, row: Event) -> None:
    if link.lead is None:
        for each in links:
            each.until = each.until or row.occurred_at
    elif (lead := groups.find_lead(link.lead)) is not None:
        links.append(CaseLink(member=case, lead=lead, seq=row.seq, since=row.occurred_at))


def rebuild(case: Case, rows: Sequence[Event], vault: Vault) -> None:
    """Write a case's links and ledger entries anew; what a member refused is kept, since no event says it."""
    wanted = links_of(case, rows, vault)
    refused = dict(CaseLink.objects.filter(member=case).values_list("seq", "refused"))
    CaseLink.objects.filter(member=case).delete()
    LedgerEntry.objects.filter(case=case).delete()
    for link in wanted.links:
        link.refused = refused.get(link.seq, {})
    CaseLink.objects.bulk_create(wanted.links)
    LedgerEntry.objects.bulk_create(wanted.entries)


def problems(
    case: Case,
    rows: Sequence[Event],
    *,
    links: Sequence[CaseLink],
    entries: Sequence[LedgerEntry],
    matters: Set[tuple[int, str]],
) -> list[str]:
    """Return where the stored links, ledger entries and matters opened from the case are not what the events say."""
    wanted = links_of(case, rows, None)
    found = []
    if sorted(map(_of_link, links)) != sorted(map(_of_link, wanted.links)):
        found.append("its links to lead cases are not what its events say")
    if sorted(map(_of_entry, entries)) != sorted(map(_of_entry, wanted.entries)):
        found.append("its ledger entries are not what its events say")
    if matters != wanted.opened:
        found.append("the matters opened from it are not what its events say")
    return found


def _of_link(row: CaseLink) -> tuple[Any, ...]:
    return row.seq, row.lead_id, row.since, row.until is None, row.until


def _of_entry(row: LedgerEntry) -> tuple[Any, ...]:
    return row.seq, row.policy, row.ledger, row.person_id, row.points is None, row.points, row.at
