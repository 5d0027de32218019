"""What acts asked for about other cases: done by the clock, each task and its mark in one transaction, so once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_noop

from ombud.cases import eventlog, groups, outbox, tasks
from ombud.cases.commands import Performed, migrate, perform, repair_clock
from ombud.cases.errors import CannotMigrate, Forbidden, NothingAhead, Refused
from ombud.cases.fold import folded, folded_rows, program_of
from ombud.cases.messages import text
from ombud.cases.models import Case, CaseLink, ClockRepair, Event, Outbox
from ombud.clock import upgrades
from ombud.engine.model import CLOCK_ACTOR, Actor, Refusal
from ombud.engine.side_effects import spread_of
from ombud.organisation import library
from ombud.organisation.models import Person
from ombud.policy.event_names import MIGRATE
from ombud.policy.model.values import FieldType
from ombud.policy.vocabulary import COUNT_GROUP, MEMBERS
from ombud.privacy.keys import key_of
from ombud.privacy.masking import mask_text, strike_known
from ombud.privacy.sealing import Vault, is_sealed

log = logging.getLogger(__name__)

BATCH = 200
_ERASED = gettext_noop("The data of the lead case was erased, so nothing can be taken over from it.")


def run(*, now: datetime) -> int:
    """Do what waits and return how many tasks that were; call again while it returns some."""
    done = 0
    for pk in list(_waiting(now).order_by("available_at", "id").values_list("pk", flat=True)[:BATCH]):
        try:
            with transaction.atomic():
                row = (
                    _waiting(now).select_for_update(skip_locked=True, of=("self",)).select_related("case").filter(pk=pk)
                ).first()
                if row is None:  # another clock has it, or has done it
                    continue
                _DO[row.kind](row, now)
                Outbox.objects.filter(pk=pk).update(done_at=now, error="")
        except Exception as error:  # one task that cannot be done must not hold up the others
            log.exception("task %s", pk)
            wait = timedelta(seconds=30) * 2 ** min(Outbox.objects.get(pk=pk).attempts, 10)
            Outbox.objects.filter(pk=pk).update(
                attempts=F("attempts") + 1, available_at=now + wait, error=mask_text(repr(error))[:1000]
            )
        else:
            done += 1
    return done


def _waiting(now: datetime) -> Any:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return Outbox.objects.filter(
        free, kind__in=tasks.KINDS, done_at=None, available_at__lte=now, attempts__lt=outbox.ATTEMPTS
    )


def _case(row: Outbox) -> Case:
    assert row.case is not None, "whatever is asked for is asked of a case"
    return row.case


def _then(row: Outbox, now: datetime) -> None:
    """Perform the act that was to follow the end of a matter on the case that had opened it."""
    child = _case(row)
    parent, seq, ended = child.parent, child.parent_seq, child.closed_at
    assert parent is not None, "asked for by a case that another one opened"
    assert seq is not None, "likewise"
    assert ended is not None, "asked for at its end"
    opener = Event.objects.get(case=parent, seq=seq)
    plan = program_of(parent).acts.get(opener.act)
    act = plan.act.opens.then if plan and plan.act and plan.act.opens else None
    if act is not None and parent.is_open:
        _attempt(parent, act, CLOCK_ACTOR, at=ended, now=now, data={})


def _count(row: Outbox, now: datetime) -> None:
    """Record on the lead case how many belong to its group now."""
    # Counted under its lock: another clock that counts at the same moment must not have the last word with less.
    lead = Case.objects.select_for_update().get(pk=_case(row).pk)
    plan = program_of(lead).procedure.acts.get(COUNT_GROUP)
    if plan is None or not lead.is_open:
        return
    number = groups.size(lead)
    known = folded_rows(lead, eventlog.rows_of(lead), None).facts.get(MEMBERS)
    if known != number:
        at = datetime.fromtimestamp(row.payload["at"], UTC)
        _attempt(lead, COUNT_GROUP, CLOCK_ACTOR, at=at, now=now, data={MEMBERS: number})


def _spread(row: Outbox, now: datetime) -> None:
    """Ask for the act on every member of the group that was there when the lead case's act was recorded.

    Where the policy says so the lead case is one of them.
    """
    lead = _case(row)
    event = Event.objects.get(case=lead, seq=row.payload["seq"])
    members = CaseLink.objects.filter(
        Q(until=None) | Q(until__gt=event.recorded_at), lead=lead, since__lte=event.recorded_at, member__closed_at=None
    )
    told = [link.member for link in members.select_related("member")]
    if row.payload.get("lead_too"):
        told.append(lead)
    wanted = [
        (case, f"{lead.reference}/{event.seq}/{case.reference}", {"lead": lead.pk, "seq": event.seq}) for case in told
    ]
    tasks.ask_all(tasks.FOLLOW, wanted, now=now)


def _follow(row: Outbox, now: datetime) -> None:
    """Perform on one member, or the lead case itself, what was done there; a refusal is noted, its handler told."""
    member = _case(row)
    if not member.is_open:
        return
    lead = Case.objects.select_related("complainant").get(pk=row.payload["lead"])
    rows = [each for each in eventlog.rows_of(lead) if each.seq <= row.payload["seq"]]
    vault = Vault(key_of(lead.complainant), lead.reference)
    state, event = folded_rows(lead, rows, vault), eventlog.decode(rows[-1], vault)
    plan = state.program.acts[event.act]
    spread = spread_of(state, plan.act, event) if plan.act else None
    assert spread is not None, "asked for by an act that spreads"
    fields = state.program.pack.fields
    # A copy lies under the member's key, outlives the erasure of the lead's complainant, and is read by other people:
    # it names nobody of the lead case.
    known, personal = eventlog.naming(state.facts), eventlog.personal_fields(state.program.pack.hash)
    data = {
        name: _without(known, value) if name in personal and member.pk != lead.pk else value
        for name, value in spread.data.items()
        if FieldType.FILES not in (fields[name].type, fields[name].item)  # a file belongs to its own case
    }
    actor = Actor(person=event.actor, role=event.role, department=event.department, office=event.office)
    at = datetime.fromtimestamp(spread.at, UTC)
    if any(is_sealed(value) for value in data.values()):
        refusals: tuple[Refusal, ...] = (Refusal(code="erased", message=text(_ERASED)),)
        outbox.tell_refused(member, folded(member), spread.act, now=now)
    else:
        refusals = _attempt(member, spread.act, actor, at=at, now=now, data=data)
    note = {"act": spread.act, "seq": spread.seq, "reasons": [_reason(each) for each in refusals]} if refusals else {}
    CaseLink.objects.filter(member=member, lead=lead).update(refused=note)


def _without(known: tuple[str, ...], value: Any) -> Any:
    """Return a value without the names that are known in its texts."""
    if isinstance(value, list | tuple):
        return [_without(known, each) for each in value]
    return strike_known(value, known) if isinstance(value, str) else value


def _migrate(row: Outbox, now: datetime) -> None:
    """Move a case to the version that it is to go on under; where that has no place for it, its handler is told."""
    case = _case(row)
    version = library.version(row.payload["version"], library.hash_of(row.payload["version"]))
    if not case.is_open or case.policy_version_id == version.pk:
        return
    by = Person.objects.get(pk=row.payload["by"]) if "by" in row.payload else None
    try:
        migrate(case, version, by=by, now=now, reason=row.payload.get("reason", upgrades.REASON))
    except (CannotMigrate, Forbidden) as error:
        log.warning("%s stays under its version: %s", case.reference, error)
        outbox.tell_refused(case, folded(case), MIGRATE, now=now)


def _repair(row: Outbox, now: datetime) -> None:
    """Let a case that lay ahead of the clock go on from now; where time has caught up with it meanwhile, let it be."""
    asked = ClockRepair.objects.select_related("asked_by", "decided_by").get(pk=row.payload["repair"])
    assert asked.decided_by is not None, "asked for when it was approved"
    with suppress(NothingAhead):
        repair_clock(_case(row), by=asked.decided_by, asked_by=asked.asked_by, reason=asked.reason, now=now)


def _reason(refusal: Refusal) -> dict[str, Any]:
    return {"code": refusal.code, "message": dict(refusal.message), "clauses": list(refusal.clauses)}


def _attempt(
    case: Case, act: str, actor: Actor, *, at: datetime, now: datetime, data: Mapping[str, Any]
) -> tuple[Refusal, ...]:
    """Perform the act and return why it was refused, if it was; whoever handles the case is then told."""
    try:
        _perform(case, act, actor, at=at, now=now, data=data)
    except Refused as refused:
        outbox.tell_refused(case, folded(case), act, now=now)
        return refused.refusals
    return ()


def _perform(case: Case, act: str, actor: Actor, *, at: datetime, now: datetime, data: Mapping[str, Any]) -> Performed:
    """Perform the act as of when it was asked for, or as of now where the case has moved on since."""
    try:
        return perform(case, act, actor=actor, at=at, now=now, data=data)
    except Refused as refused:
        if {each.code for each in refused.refusals} != {"order"}:
            raise
        return perform(case, act, actor=actor, at=now, now=now, data=data)


_DO: Mapping[str, Callable[[Outbox, datetime], None]] = {
    tasks.THEN: _then,
    tasks.COUNT: _count,
    tasks.SPREAD: _spread,
    tasks.FOLLOW: _follow,
    tasks.MIGRATE: _migrate,
    tasks.REPAIR: _repair,
}
