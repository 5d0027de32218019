"""The commands that write a case's life: one transaction each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from ombud.cases import groups, outbox, promises, recipients, wake_ups
from ombud.cases.drafts import NewCase, Written, append, open_draft
from ombud.cases.errors import CannotMigrate, Forbidden, NoPolicy, NothingAhead, ReasonMissing, Refused, Stale
from ombud.cases.fold import seconds
from ombud.cases.loaded import Loaded, load, write
from ombud.cases.loaded import Performed as Performed
from ombud.cases.messages import erased_refusal, horizon_refusal
from ombud.cases.models import Case, Duty, Event
from ombud.cases.references import new_secret, secret_digest
from ombud.cases.submitted import clean, completed, first_data, unknown_people
from ombud.engine import EngineError, State, advance, late_reason_refusal, recalendar, record_beside, step
from ombud.engine import migrate as go_on_under
from ombud.engine import repair_clock as go_on_from_now
from ombud.engine.ladder import next_wake
from ombud.engine.model import Actor, Refusal, Submission
from ombud.organisation import editions
from ombud.organisation.library import hash_of, library, name_of
from ombud.organisation.models import MANAGER, POLICY_OWNER, CalendarEdition, Membership, Person, PolicyVersion
from ombud.policy.event_names import REISSUE, RESERVED_EVENTS
from ombud.policy.model.procedures import MAIN
from ombud.policy.outsiders import addressed_by
from ombud.policy.plain_text import plain
from ombud.policy.values import INSTANTS
from ombud.policy.vocabulary import COMPLAINANT, REASON, RECEIVE, SYSTEM
from ombud.privacy.models import Complainant
from ombud.worktime import HorizonError

_MIGRATING = (MANAGER, POLICY_OWNER)  # who may move a case to another version


@dataclass(kw_only=True, slots=True)
class Received:
    """A new case; the secret is told once and kept only as an HMAC."""

    case: Case
    secret: str
    events: tuple[Event, ...] = ()
    duties: tuple[Duty, ...] = ()  # in order of opening, as they were written


def perform(
    case: Case,
    act: str,
    *,
    actor: Actor,
    at: datetime,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    seen: int | None = None,
    mode: str = "enforce",
    is_telling: bool = True,
    owner: str | None = None,
) -> Performed:
    """Perform an act on a case; the only way to change it.

    `at` is when it occurred, `now` when it is recorded (both aware); `seen` is the number of the
    last event that a person or API caller looked at (left out by clock and imports); `data` holds
    the act's fields as submitted (files: ids of attachments, uploaded by `owner` or else the actor).
    `mode="observe"` records deviations instead of refusing; `is_telling=False` writes no outbox rows (imports).

    Raises Stale, Refused (with every failed condition), AttachmentRefused; then nothing was written.
    """
    given = clean(data or {})
    _check_time(at, given)
    with transaction.atomic():
        groups.lock_first(case, act, given)
        loaded = load(case.pk)
        if seen is not None:
            _check_seen(loaded, seen, given)
        if loaded.vault.is_erased and (refusal := erased_refusal(loaded.state.program.pack, given)):
            raise Refused([refusal], data=given)
        if unknown := unknown_people(loaded.state.program.pack, given):
            raise Refused(unknown, data=given)
        if mode == "enforce" and (too_much := promises.refusals(loaded.state, act, given, actor=actor, at=at)):
            raise Refused(too_much, data=given)
        submission = Submission(
            act=act,
            actor=actor,
            occurred=seconds(at),
            recorded=seconds(now),
            data=completed(loaded.state, act, given, at, actor=actor, roster=loaded.roster),
        )
        before = recipients.known(loaded.state)
        try:
            outcome = step(loaded.state, submission, mode=mode, staff=loaded.roster)
        except HorizonError as error:
            raise Refused([horizon_refusal()], data=given) from error
        if outcome.refused:
            raise Refused(outcome.refused, data=given)
        groups.check_links(loaded.case, outcome.links, actor=actor.person)
        outcome = replace(
            outcome,
            notifications=outcome.notifications + recipients.further_notifications(before, loaded.state, outcome),
        )
        if roles := addressed_by(loaded.state.program.pack, given):
            outbox.try_now(case, roles, now=now)
        return write(loaded, outcome, now=now, is_telling=is_telling, owner=owner or actor.person)


def receive(
    version: PolicyVersion,
    *,
    channel: str,
    language: str,
    time_zone: str = "",
    data: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    now: datetime,
    act: str = RECEIVE,
    procedure: str = MAIN,
    source: str | None = None,
    is_history: bool | None = None,
    is_telling: bool = True,
    owner: str | None = None,
    along: Callable[[Received], None] | None = None,
    edition: CalendarEdition | None = None,
    complainant: Complainant | None = None,
) -> Received:
    """Open a case by its first act and return it with the complainant's secret.

    Edges call channels.intake.receive, which finds the version in force. `source` is an import's
    own key: a second case with the same one is refused with an IntegrityError; what it brings was found
    long ago, unless `is_history` says that it arrives only now. `owner` is as for `perform`; `along` is
    called in the transaction that writes the case: what it writes stands or falls with it. `edition` is the
    current one, where the caller has it; `complainant` is the row whose key seals already what the case is made of.
    `at` is when the complaint arrived: staff who enter it so late that the
    policy has it reported say why in `data` (`late_reason`), unless a record with a `source` says when.

    Raises Refused, AttachmentRefused; then nothing was written.
    """
    _check_time(at, data)
    edition = edition or editions.current()
    if edition is None:
        raise NoPolicy
    secret = new_secret()
    draft = open_draft(
        version,
        edition.pk,
        procedure=procedure,
        channel=channel,
        language=language,
        time_zone=time_zone,
        office=actor.office,
        secret=secret_digest(secret),
        source=source,
        at=at,
        now=now,
        complainant=complainant,
    )
    draft.owner = owner or actor.person
    given = first_data(draft.state, act, clean(data), channel=channel, language=language)
    if unknown := unknown_people(draft.pack, given):
        raise Refused(unknown, data=given)
    # Nothing of this case is in the database yet, so the policy is asked before the write lock is taken.
    whole = completed(draft.state, act, given, at, actor=actor, roster=draft.roster)
    try:
        is_old = source is not None if is_history is None else is_history
        outcome = draft.step(act, actor=actor, at=seconds(at), now=seconds(now), data=whole, is_history=is_old)
    except HorizonError as error:
        raise Refused([horizon_refusal()], data=given) from error
    refused = [*outcome.refused, *(() if source else _unexplained(draft, actor, given, at=at, now=now))]
    if refused:
        raise Refused(refused, data=given)
    received = Received(case=draft.case, secret=secret)

    def last(written: Sequence[Written]) -> None:
        ((received.events, received.duties),) = written
        if along is not None:
            along(received)

    append([draft], is_telling=is_telling, along=last)
    return received


def pass_time(
    case_id: int, *, now: datetime, mode: str = "enforce", is_telling: bool = True, is_patient: bool = True
) -> Performed | None:
    """Perform every rung and opening of a case that is due before `now`; None where there is nothing to do.

    Where somebody is acting on the case just now, whoever is not patient passes it over.
    """
    with transaction.atomic():
        try:
            loaded = load(case_id, skip_locked=not is_patient)
        except Case.DoesNotExist:
            return None
        outcome = advance(loaded.state, seconds(now), mode=mode, staff=loaded.roster)
        if not outcome.events:
            wake_ups.write([(case_id, next_wake(loaded.state))])
            return None
        return write(loaded, outcome, now=now, is_telling=is_telling)


def recount(case_id: int, edition_id: int, *, now: datetime) -> Performed | None:
    """Count a case's open due times anew under another calendar edition; None where it is counted so already."""
    with transaction.atomic():
        loaded = load(case_id)
        if loaded.case.edition_id == edition_id or loaded.state.ended:
            return None
        passed = advance(loaded.state, seconds(now), staff=loaded.roster)
        program = library.program(hash_of(loaded.case.policy_version_id), name_of(edition_id), loaded.case.procedure)
        outcome = recalendar(loaded.state, program, at=seconds(now))
        both = replace(
            passed, events=passed.events + outcome.events, notifications=passed.notifications + outcome.notifications
        )
        return write(loaded, both, now=now, is_telling=True)


def migrate(
    case: Case, version: PolicyVersion, *, by: Person | None, now: datetime, reason: str, is_telling: bool = True
) -> Performed:
    """Let an open case go on under another published version of its policy; its past stays as it was.

    `by` is a manager or the policy's owner, or None where the version itself says so. Raises Forbidden, and
    CannotMigrate where the case has ended, is there already, or has no place in the version.
    """
    held = set(Membership.objects.filter(person=by, policy="").values_list("role", flat=True)) if by else set()
    role = next((each for each in _MIGRATING if each in held), None)
    if by is not None and role is None:
        raise Forbidden
    reason = plain(reason)
    if not reason:
        raise CannotMigrate("Say why the case is to go on under another version.")
    published = PolicyVersion.objects.filter(pk=version.pk, status=PolicyVersion.Status.PUBLISHED)
    if version.policy != case.policy or not published.exists():
        raise CannotMigrate("Only another published version of the same policy can be taken.")
    with transaction.atomic():
        loaded = load(case.pk)
        if loaded.state.ended:
            raise CannotMigrate("The case has ended, under the version that it had then.")
        if loaded.case.policy_version_id == version.pk:
            raise CannotMigrate("The case is under this version already.")
        passed = advance(loaded.state, seconds(now), staff=loaded.roster)
        edition = name_of(loaded.case.edition_id)
        try:
            program = library.program(version.hash, edition, loaded.case.procedure)
            outcome = go_on_under(loaded.state, program, at=seconds(now))
        except EngineError as error:
            raise CannotMigrate(str(error)) from error
        (event,) = outcome.events
        event = replace(event, data={**event.data, REASON: reason})
        if by is not None and role is not None:
            event = replace(event, actor=by.key, role=role)
        both = replace(
            passed, events=(*passed.events, event), notifications=passed.notifications + outcome.notifications
        )
        return write(loaded, both, now=now, is_telling=is_telling)


def repair_clock(
    case: Case, *, by: Person, asked_by: Person, reason: str, now: datetime, is_telling: bool = True
) -> Performed:
    """Let a case whose last entries lie ahead of the clock go on from now; its past stays as it was written.

    Only `keeping.clock_repairs` and its task call it: `by` approved what somebody else, `asked_by`, asked for.
    Raises NothingAhead.
    """
    assert by.pk != asked_by.pk, "two people"
    with transaction.atomic():
        loaded = load(case.pk)
        at = seconds(now)
        if loaded.state.recorded <= at:
            raise NothingAhead
        data = {REASON: reason, "ahead": loaded.state.recorded - at, "asked_by": asked_by.key}
        actor = Actor(person=by.key, role=MANAGER)
        outcome = go_on_from_now(loaded.state, actor=actor, at=at, data=data)
        return write(loaded, outcome, now=now, is_telling=is_telling)


def reissue(case: Case, *, actor: Actor, reason: str, now: datetime) -> str:
    """Replace the complainant's tracking code and return the new one, which is told once; the old one opens nothing.

    `reason` says how the actor made sure whom they speak with. Raises Forbidden for a case that nobody outside follows
    or whose complainant was erased, ReasonMissing.
    """
    reason = plain(reason, lines=True)
    if not reason:
        raise ReasonMissing
    secret = new_secret()
    code = secret_digest(secret)

    def said(fresh: Case) -> dict[str, Any]:
        if not fresh.secret:
            raise Forbidden
        return {REASON: reason, "code": code}

    with transaction.atomic():
        beside(case, REISSUE, actor=actor, said=said, now=now)
        Case.objects.filter(pk=case.pk).update(secret=code)
    return secret


def beside(case: Case, act: str, *, actor: Actor, said: Callable[[Case], Mapping[str, Any]], now: datetime) -> State:
    """Write an event that changes nothing of the case, of what `said` returns for the case as it is now; return it.

    Raises Forbidden for a case whose complainant was erased.
    """
    with transaction.atomic():
        loaded = load(case.pk)
        if loaded.vault.is_erased:
            raise Forbidden
        passed = advance(loaded.state, seconds(now), staff=loaded.roster)
        told = record_beside(loaded.state, act, actor=actor, at=seconds(now), data=said(loaded.case))
        write(loaded, replace(passed, events=passed.events + told.events), now=now, is_telling=True)
        return loaded.state


def _unexplained(
    draft: NewCase, actor: Actor, data: Mapping[str, Any], *, at: datetime, now: datetime
) -> list[Refusal]:
    """Return the demand for a reason where staff enter long afterwards what arrived; others come when they come."""
    if actor.person in (COMPLAINANT, SYSTEM):
        return []
    refusal = late_reason_refusal(draft.state.program, seconds(at), seconds(now), data)
    return [refusal] if refusal else []


def _check_time(at: datetime, data: Mapping[str, Any]) -> None:
    """Raise Refused where no calendar reaches the time at which it is said to have happened."""
    if not INSTANTS[0] <= seconds(at) < INSTANTS[1]:
        raise Refused([horizon_refusal()], data=data)


def _check_seen(loaded: Loaded, seen: int, data: Mapping[str, Any]) -> None:
    """Raise Stale where somebody or something acted since; a rung that merely tells does not count."""
    changed = [row for row in loaded.rows if row.seq > seen and row.act not in RESERVED_EVENTS]
    if changed or seen > loaded.case.seq:
        raise Stale(changed, seq=loaded.case.seq, data=data)
