"""New cases before they are written: one for `receive`, thousands at once for whoever fills a register in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from ombud.cases import attachments, eventlog, outbox, projections
from ombud.cases.models import Attachment, Case, Event
from ombud.cases.references import new_reference
from ombud.cases.rows import insert, insert_keyed
from ombud.engine import State, begin, step
from ombud.engine.model import Actor, Outcome, Submission, Tell
from ombud.engine.model import Event as EngineEvent
from ombud.organisation.library import library, name_of
from ombud.organisation.models import PolicyVersion
from ombud.organisation.staff import Roster
from ombud.policy.model import Pack
from ombud.privacy import blind
from ombud.privacy.keys import make_complainant
from ombud.privacy.models import BlindIndex, Complainant
from ombud.privacy.sealing import Vault


@dataclass(kw_only=True, slots=True)
class Draft:
    """A case that exists only in memory: step it as often as its history is long, then write it."""

    case: Case
    complainant: Complainant
    vault: Vault
    state: State
    roster: Roster
    events: list[EngineEvent] = field(default_factory=list)
    tells: list[Tell] = field(default_factory=list)
    files: dict[str, Attachment] = field(default_factory=dict)

    @property
    def pack(self) -> Pack:
        return self.state.program.pack

    def step(
        self, act: str, *, actor: Actor, at: int, now: int, data: Mapping[str, Any], mode: str = "enforce"
    ) -> Outcome:
        """Perform an act on the draft; its events are kept where nothing was refused."""
        submission = Submission(act=act, actor=actor, occurred=at, recorded=now, data=data)
        outcome = step(self.state, submission, mode=mode, staff=self.roster)
        self.keep(outcome)
        return outcome

    def keep(self, outcome: Outcome) -> None:
        """Take over what a step or `engine.advance` on `state` led to."""
        self.events.extend(outcome.events)
        self.tells.extend(outcome.tells)


def open_draft(
    version: PolicyVersion,
    edition_id: int,
    *,
    procedure: str,
    channel: str,
    language: str,
    office: str | None,
    secret: str,
    source: str | None,
    at: datetime,
    now: datetime,
    roster: Roster | None = None,
) -> Draft:
    """Return an empty draft; `secret` is the HMAC to store."""
    program = library.program(version.hash, name_of(edition_id), procedure)
    complainant, key = make_complainant(now=now)
    case = Case(
        reference=new_reference(program.pack.reference_prefix),
        secret=secret,
        policy=version.policy,
        first_version_id=version.pk,
        first_edition_id=edition_id,
        procedure=procedure,
        channel=channel,
        language=language,
        source=source,
        received_at=at,
    )
    return Draft(
        case=case,
        complainant=complainant,
        vault=Vault(key, case.reference),
        state=begin(program, office=office),
        roster=roster or Roster(version.policy),
    )


def write_drafts(drafts: Sequence[Draft], *, is_telling: bool) -> list[tuple[Event, ...]]:
    """Write the drafts with everything derived from them, in one transaction; return each one's events."""
    entries = []
    logs: list[tuple[Event, ...]] = []
    for draft in drafts:
        projection = projections.project(draft.case, draft.state, draft.roster)
        rows = _encode(draft)
        projection.viewers |= outbox.viewers(draft.tells, draft.state, draft.roster)
        projection.viewers |= projections.viewers_of_actors(draft.case.policy, rows)
        projections.apply(draft.case, projection)
        projections.summarise(draft.case, rows)
        draft.case.seq, draft.case.head = rows[-1].seq, rows[-1].hash
        entries.append((draft.case, projection, projections.words_of(draft.pack, draft.events)))
        logs.append(tuple(rows))
    with transaction.atomic():
        insert([draft.complainant for draft in drafts])
        for draft in drafts:
            draft.case.complainant = draft.complainant
        for draft in drafts:
            insert_keyed(draft.case)
        for log, (case, projection, _) in zip(logs, entries, strict=True):
            for row in log:
                row.case_id = case.pk  # known only now
            for duty in projection.duties:
                duty.case_id = case.pk
        insert([row for rows in logs for row in rows])
        insert(
            [row for draft in drafts for row in _contacts(draft.complainant, [event.data for event in draft.events])]
        )
        for draft, entry in zip(drafts, entries, strict=True):
            if draft.files:
                names = attachments.link(draft.files.values(), draft.case, draft.events[0].seq, draft.vault)
                entry[2].extend(projections.words_of(draft.pack, (), names))
        projections.write_new(entries)
        if is_telling:
            for draft in drafts:
                actors = {event.act: event.actor for event in draft.events}
                now = draft.complainant.created_at
                outbox.write(draft.case, draft.tells, draft.state, draft.roster, actors=actors, now=now)
    return logs


def _encode(draft: Draft) -> list[Event]:
    rows: list[Event] = []
    previous = ""
    for event in draft.events:
        row = eventlog.encode(
            event, draft.case, pack=draft.pack, vault=draft.vault, files=draft.files, previous=previous
        )
        previous = row.hash
        rows.append(row)
    return rows


def _contacts(complainant: Complainant, submissions: Sequence[Mapping[str, Any]]) -> list[BlindIndex]:
    found = {(row.kind, row.digest): row for data in submissions for row in blind.rows(complainant, data)}
    return list(found.values())
