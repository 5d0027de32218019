"""Cases in memory and the one way into the log: one case at a time, thousands for whoever fills a register in bulk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import transaction

from ombud.cases import attachments, contacts, eventlog, links, outbox, projections, search
from ombud.cases.bulk_sql import Batch, insert_keyed, new_row, update, write_together
from ombud.cases.errors import NoPolicy, Refused
from ombud.cases.messages import horizon_refusal
from ombud.cases.models import Attachment, Case, Duty, Event, Outbox
from ombud.cases.references import new_reference
from ombud.engine import State, begin, record_beside, step
from ombud.engine.confidence import PEOPLE
from ombud.engine.model import CLOCK_ACTOR, Actor, Matter, Notification, Outcome, Submission
from ombud.engine.model import Event as EngineEvent
from ombud.organisation import editions
from ombud.organisation import library as versions
from ombud.organisation.library import library, name_of, version_of
from ombud.organisation.models import PolicyVersion
from ombud.organisation.round_trips import one_round_trip
from ombud.organisation.staff import Roster
from ombud.policy.event_names import CONFIDE
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.policy.procedure import first_act
from ombud.privacy.blind import Blinded
from ombud.privacy.keys import key_of, make_complainant
from ombud.privacy.models import Complainant
from ombud.privacy.sealing import Vault, is_sealed
from ombud.worktime import HorizonError

_WRITTEN = (*projections.CASE_FIELDS, "summary", "seq", "head")  # of a case that is there


@dataclass(kw_only=True, slots=True)
class NewCase:
    """A case in memory with what goes next into its log: step it as often as wanted, then append it."""

    case: Case
    complainant: Complainant | None  # None only where a case of old has none
    vault: Vault
    state: State
    roster: Roster
    received: datetime  # recorded then
    owner: str = ""  # whose waiting files its events may name
    is_new: bool = True  # not in the database yet
    was_open: bool = True
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def pack(self) -> Pack:
        return self.state.program.pack

    @property
    def events(self) -> list[EngineEvent]:
        return [event for outcome in self.outcomes for event in outcome.events]

    @property
    def notifications(self) -> list[Notification]:
        return [tell for outcome in self.outcomes for tell in outcome.notifications]

    def step(
        self,
        act: str,
        *,
        actor: Actor,
        at: int,
        now: int,
        data: Mapping[str, Any],
        mode: str = "enforce",
        is_history: bool = False,
    ) -> Outcome:
        """Perform an act on the draft; its events are kept where nothing was refused."""
        submission = Submission(act=act, actor=actor, occurred=at, recorded=now, data=data)
        outcome = step(self.state, submission, mode=mode, staff=self.roster, is_history=is_history or mode == "observe")
        self.keep(outcome)
        return outcome

    def keep(self, outcome: Outcome) -> None:
        """Take over what a step or `engine.advance` on `state` led to."""
        self.outcomes.append(outcome)


def open_draft(
    version: PolicyVersion,
    edition_id: int,
    *,
    procedure: str,
    channel: str,
    language: str,
    time_zone: str = "",
    office: str | None,
    secret: str,
    source: str | None,
    at: datetime,
    now: datetime,
    roster: Roster | None = None,
    parent: Case | None = None,
    parent_seq: int | None = None,
    complainant: Complainant | None = None,
) -> NewCase:
    """Return an empty draft; `secret` is the HMAC to store.

    What `parent` opened is sealed under its complainant's key, and so is erased with it; `complainant` is one who is
    known before the case.
    """
    program = library.program(version.hash, name_of(edition_id), procedure)
    complainant = parent.complainant if parent is not None else complainant
    key = key_of(complainant)
    if complainant is None or key is None:
        complainant, key = make_complainant(now=now)
    case = new_row(
        Case,
        reference=new_reference(program.pack.reference_prefix),
        secret=secret,
        policy=version.policy,
        first_version_id=version.pk,
        first_edition_id=edition_id,
        procedure=procedure,
        channel=channel,
        language=language,
        time_zone=time_zone,
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


class Written(NamedTuple):
    """What was written of one draft."""

    events: tuple[Event, ...]
    duties: tuple[Duty, ...]


def append(
    drafts: Sequence[NewCase],
    *,
    is_telling: bool,
    along: Callable[[Sequence[Written]], None] | None = None,
    hold: Callable[[], Collection[int]] | None = None,
) -> list[Written]:
    """Write the drafts' events with everything derived from them, in one transaction; return each one's rows.

    The only way into the log, for cases that are new and those that are there; `is_telling=False` writes no outbox
    rows, `along` is called in the transaction and writes by statements of its own, which may be sent with the rest (see
    `round_trips`). Where the cases were read before it, `hold` is called first in it: it locks them and returns the
    keys of those that nobody changed since; the others are left as they are.
    Raises AttachmentRefused for files that an event may not name.
    """
    prepared = [_prepared(draft, is_telling=is_telling) for draft in drafts]
    with transaction.atomic(savepoint=False):  # part of the command's own transaction, where there is one
        if hold is not None:
            held = hold()
            prepared = [entry for entry in prepared if entry.draft.case.pk in held]
        written = [Written(tuple(entry.rows), entry.projection.duties) for entry in prepared]
        fresh = [entry for entry in prepared if entry.draft.is_new]
        changed = [entry for entry in prepared if not entry.draft.is_new]
        with one_round_trip():
            for entry in fresh:
                entry.draft.case.complainant = entry.draft.complainant
                insert_keyed(entry.draft.case)
            documents = [(projections.key_of(entry.draft.case), entry.document) for entry in fresh]
            write_together((entry.batch for entry in prepared), beside=[search.filled(documents)])
            update([entry.draft.case for entry in changed], _WRITTEN)
            if along is not None:
                along(written)
        _mark_stored(fresh)
        projections.write_changes([(entry.draft.case, entry.projection, entry.words, entry.stood) for entry in changed])
        for entry in prepared:
            _link_files(entry)
            _write_consequences(entry.draft, is_telling=is_telling)
    return written


@dataclass(kw_only=True, slots=True, eq=False)
class _Prepared:
    """What a draft will write."""

    draft: NewCase
    rows: list[Event]
    files: Mapping[str, Attachment]
    projection: projections.Projection
    batch: Batch  # the rows that are only added
    words: list[str]  # the terms of all that is new
    document: search.Ready  # the whole search document of a case that is new
    stood: Sequence[str]  # the search marks of the state before


def _prepared(draft: NewCase, *, is_telling: bool) -> _Prepared:
    """Return the draft's rows, chained to its log, and bring its case up to date in memory."""
    case, events = draft.case, draft.events
    named = [key for event in events for key in eventlog.named_files(draft.pack, event.data)]
    files = attachments.wanted(named, None if draft.is_new else case, draft.owner)
    rows: list[Event] = []
    previous = case.head
    for event in events:
        row = eventlog.encode(event, case, pack=draft.pack, vault=draft.vault, files=files, previous=previous)
        previous = row.hash
        rows.append(row)
    projection = projections.project(case, draft.state, draft.roster)
    projection.viewers |= outbox.viewers(draft.notifications, draft.state, draft.roster)
    projection.viewers |= projections.viewers_of_actors(case.policy, rows)
    stood = () if draft.is_new else projections.state_marks(case)
    projections.apply(case, projection)
    projections.summarise(case, rows)
    case.seq, case.head = rows[-1].seq, rows[-1].hash
    known = contacts.noted(draft.pack, events, draft.state.facts, draft.state.office)
    words = _words(draft, files, known)
    batch = _batch(draft, rows, known, projection)
    if is_telling:
        batch.add(_told(draft))
    return _Prepared(
        draft=draft,
        rows=rows,
        files=files,
        projection=projection,
        batch=batch,
        words=words,
        document=projections.new_document(case, projection, words) if draft.is_new else "",
        stood=stood,
    )


def _words(draft: NewCase, files: Mapping[str, Attachment], known: list[Blinded]) -> list[str]:
    """Return the terms of all that is new in the case."""
    if draft.vault.is_erased:
        return []
    names = attachments.waiting_names(files.values())
    words = projections.words_of(draft.pack, draft.events, names, eventlog.naming(draft.state.facts))
    return words + projections.known_words(known)


def _told(draft: NewCase) -> list[Outbox]:
    """Return what the events tell people."""
    actors = {event.act: event.actor for event in draft.events}
    return outbox.rows(draft.case, draft.notifications, draft.state, draft.roster, actors=actors, now=draft.received)


def _batch(draft: NewCase, rows: Sequence[Event], known: list[Blinded], projection: projections.Projection) -> Batch:
    """Return the rows that are only added, ready to be written once the case has its key."""
    batch, owner = Batch(), draft.complainant
    if owner is not None and owner._state.adding:
        batch.add([owner])
    batch.add(rows)
    if owner is not None:
        batch.add(contacts.rows(owner, known), ignore_conflicts=True)
    if draft.is_new:
        projections.make_ready(batch, draft.case, projection)
    return batch


def _mark_stored(fresh: Sequence[_Prepared]) -> None:
    for entry in fresh:
        if entry.draft.complainant is not None:
            entry.draft.complainant._state.adding = False  # what these cases open goes under the same key


def _link_files(entry: _Prepared) -> None:
    """Make the files that the events name the case's."""
    draft = entry.draft
    for event, row in zip(draft.events, entry.rows, strict=True):
        mine = [entry.files[str(key)] for key in eventlog.named_files(draft.pack, event.data)]
        attachments.link(mine, draft.case, row.seq, draft.vault)


def _write_consequences(draft: NewCase, *, is_telling: bool) -> None:
    """Write what the events mean beyond the case."""
    case, state, now = draft.case, draft.state, draft.received
    for outcome in draft.outcomes:
        links.write_links(case, outcome, now=now)
        open_matters(case, state, outcome.openings, now=now, is_telling=is_telling)
    links.note_end(case, draft.was_open, now=now)


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
            time_zone=parent.time_zone,
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
        actor = replace(CLOCK_ACTOR, department=matter.department, office=matter.office)
        data = {name: value for name, value in matter.data.items() if _may_go_along(pack, name, value)}
        try:
            outcome = draft.step(act, actor=actor, at=matter.at, now=int(now.timestamp()), data=data)
        except HorizonError as error:
            raise Refused([horizon_refusal()]) from error
        if outcome.refused:
            raise Refused(outcome.refused)
        if state.confidants:  # what a confidential case opens holds what it holds
            named = {PEOPLE: sorted(state.confidants)}
            draft.keep(record_beside(draft.state, CONFIDE, actor=CLOCK_ACTOR, at=matter.at, data=named))
        append([draft], is_telling=is_telling)


def _may_go_along(pack: Pack, name: str, value: Any) -> bool:
    """Return whether a fact can be said of another case: not what was erased, nor files, which belong to their own."""
    field = pack.fields.get(name)
    return not is_sealed(value) and (field is None or FieldType.FILES not in (field.type, field.item))
