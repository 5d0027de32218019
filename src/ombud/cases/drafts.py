"""New cases before they are written: one for `receive`, thousands at once for whoever fills a register in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from ombud.cases import attachments, eventlog, links, outbox, projections
from ombud.cases.bulk_sql import insert, insert_keyed
from ombud.cases.errors import NoPolicy, Refused
from ombud.cases.messages import horizon_refusal
from ombud.cases.models import Attachment, Case, Event
from ombud.cases.references import new_reference
from ombud.engine import State, begin, step
from ombud.engine.model import SYSTEM, Actor, Matter, Notification, Outcome, Submission
from ombud.engine.model import Event as EngineEvent
from ombud.organisation import editions
from ombud.organisation import library as versions
from ombud.organisation.library import library, name_of, version_of
from ombud.organisation.models import PolicyVersion
from ombud.organisation.staff import Roster
from ombud.policy.cross_case import first_acts
from ombud.policy.model import FieldType, Pack, Procedure
from ombud.privacy import blind
from ombud.privacy.keys import key_of, make_complainant
from ombud.privacy.models import BlindIndex, Complainant
from ombud.privacy.sealing import Vault, is_sealed
from ombud.worktime import HorizonError


@dataclass(kw_only=True, slots=True)
class NewCase:
    """A case that exists only in memory: step it as often as its history is long, then write it."""

    case: Case
    complainant: Complainant
    vault: Vault
    state: State
    roster: Roster
    received: datetime  # recorded then
    events: list[EngineEvent] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
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
        self.notifications.extend(outcome.notifications)
        self.outcomes.append(outcome)


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
    parent: Case | None = None,
    parent_seq: int | None = None,
) -> NewCase:
    """Return an empty draft; `secret` is the HMAC to store.

    What `parent` opened is sealed under its complainant's key, and so is erased with it.
    """
    program = library.program(version.hash, name_of(edition_id), procedure)
    key = key_of(parent.complainant) if parent is not None else None
    if parent is not None and parent.complainant is not None and key is not None:
        complainant = parent.complainant
    else:
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
        parent=parent,
        parent_seq=parent_seq,
    )
    return NewCase(
        case=case,
        complainant=complainant,
        vault=Vault(key, case.reference),
        state=begin(program, office=office),
        roster=roster or Roster(version.policy),
        received=now,
    )


def write_drafts(drafts: Sequence[NewCase], *, is_telling: bool) -> list[tuple[Event, ...]]:
    """Write the drafts with everything derived from them, in one transaction; return each one's events."""
    entries = []
    logs: list[tuple[Event, ...]] = []
    for draft in drafts:
        projection = projections.project(draft.case, draft.state, draft.roster)
        rows = _encode(draft)
        projection.viewers |= outbox.viewers(draft.notifications, draft.state, draft.roster)
        projection.viewers |= projections.viewers_of_actors(draft.case.policy, rows)
        projections.apply(draft.case, projection)
        projections.summarise(draft.case, rows)
        draft.case.seq, draft.case.head = rows[-1].seq, rows[-1].hash
        entries.append((draft.case, projection, projections.words_of(draft.pack, draft.events)))
        logs.append(tuple(rows))
    with transaction.atomic():
        insert([draft.complainant for draft in drafts if draft.complainant._state.adding])
        for draft in drafts:
            draft.complainant._state.adding = False  # what these cases open goes under the same key
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
                outbox.enqueue(
                    draft.case, draft.notifications, draft.state, draft.roster, actors=actors, now=draft.received
                )
        for draft in drafts:
            for outcome in draft.outcomes:
                links.write_links(draft.case, outcome, now=draft.received)
                open_matters(draft.case, draft.state, outcome.openings, now=draft.received, is_telling=is_telling)
            links.note_end(draft.case, True, now=draft.received)
    return logs


def first_act(procedure: Procedure) -> str | None:
    """Return the act by which the clock begins a matter of this procedure."""
    return next((act.id for act in first_acts(procedure)), None)


def open_matters(
    parent: Case, state: State, matters: Sequence[Matter], *, now: datetime, is_telling: bool = True
) -> None:
    """Open what a case's new events open beside it, each as a case of its own begun by the clock.

    Called in the transaction that wrote the events. Raises Refused where the policy's first act is not possible.
    """
    edition = editions.current() if matters else None
    for matter in matters:
        if edition is None:
            raise NoPolicy
        pack = state.program.pack
        draft = open_draft(
            versions.version(version_of(pack.hash), pack.hash),
            edition.pk,
            procedure=matter.procedure,
            channel="",
            language=parent.language,
            office=matter.office,
            secret="",  # nobody outside is told of it
            source=None,
            at=datetime.fromtimestamp(matter.at, UTC),
            now=now,
            parent=parent,
            parent_seq=matter.seq,
        )
        act = first_act(pack.procedures[matter.procedure])
        assert act is not None, "the loader demands one"
        actor = Actor(person=SYSTEM, role="clock", department=matter.department, office=matter.office)
        data = {name: value for name, value in matter.data.items() if _may_go_along(pack, name, value)}
        try:
            outcome = draft.step(act, actor=actor, at=matter.at, now=int(now.timestamp()), data=data)
        except HorizonError as error:
            raise Refused([horizon_refusal()]) from error
        if outcome.refused:
            raise Refused(outcome.refused)
        write_drafts([draft], is_telling=is_telling)


def _may_go_along(pack: Pack, name: str, value: Any) -> bool:
    """Return whether a fact can be said of another case: not what was erased, nor files, which belong to their own."""
    field = pack.fields.get(name)
    return not is_sealed(value) and (field is None or FieldType.FILES not in (field.type, field.item))


def _encode(draft: NewCase) -> list[Event]:
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
