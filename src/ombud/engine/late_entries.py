"""Entries that come late: what of them is reported, and which need a second person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ombud.engine.admission import Admission
from ombud.engine.local_time import end_moment, moment
from ombud.engine.messages import joined, say
from ombud.engine.model import Actor, Refusal
from ombud.engine.program import Program
from ombud.engine.state import State
from ombud.policy.event_names import APPROVE
from ombud.policy.limitwords import limit_text
from ombud.policy.values import is_blank
from ombud.policy.vocabulary import LATE_REASON, SYSTEM
from ombud.worktime import HorizonError, Mode


def late_refusals(state: State, trial: Admission) -> list[Refusal]:
    """Return why a decision may not be entered so late: it would be refused today, and nobody else has confirmed it.

    Decisions are approvals, and acts that extend, waive or transfer duties. Within the policy's time they are taken as
    of when they happened; after it only directly after another person has performed the confirming act.
    """
    submission, plan = trial.submission, trial.plan
    if submission.occurred >= submission.recorded or submission.actor.person == SYSTEM or plan is None:
        return []
    is_decision = bool(plan.powers) or plan.verdict == APPROVE
    if not is_decision or submission.recorded <= _decide_until(state, submission.occurred):
        return []
    if not evaded(trial) or _is_confirmed(state, submission.actor):
        return []
    confirm = _confirming(state)
    key = "late-decision" if confirm is None else "late-unconfirmed"
    words = {} if confirm is None else {"confirm": state.program.title_of(confirm)}
    at = end_moment(state, _decide_until(state, submission.occurred))
    message = say(key, act=trial.title, at=at, **words)
    return [Refusal(code="late-entry", message=message, clauses=trial.clauses)]


def late_reports(state: State, trial: Admission) -> tuple[Refusal, ...]:
    """Return what is no obstacle but worth telling of a late entry that is about to be made."""
    submission, clauses = trial.submission, getattr(trial, "clauses", ())
    gap = submission.recorded - submission.occurred
    if gap <= 0:
        return ()
    found = []
    if is_reported(state.program, submission.occurred, submission.recorded):
        found.append(Refusal(code="backdated", message=say("backdated", hours=str(gap // 3600)), clauses=clauses))
    if submission.actor.person != SYSTEM and not trial.refusals and (refusals := evaded(trial)):
        message = say("evaded", act=trial.title, at=moment(state, submission.occurred))
        found.append(Refusal(code="evaded", message=message, clauses=refusals[0].clauses or clauses))
    if trial.outdated:
        fields = joined([trial.title_of(name) for name in trial.outdated])
        message = say("outdated", fields=fields, at=moment(state, submission.occurred))
        found.append(Refusal(code="outdated", message=message, clauses=clauses, field=trial.outdated[0]))
    return tuple(found)


def evaded(trial: Admission) -> list[Refusal]:
    """Return what would stand in the way of the act if it happened now, as it is written down."""
    submission = replace(trial.submission, occurred=trial.submission.recorded)
    return Admission(trial.state, submission, trial.staff).refusals


def is_reported(program: Program, occurred: int, recorded: int) -> bool:
    """Return whether an entry is late enough to be reported and shown."""
    if recorded <= occurred:
        return False
    try:
        return recorded > program.late_report.due(occurred, {}).at
    except HorizonError:
        return True  # so long ago that the calendars do not know the day


def late_reason_refusal(program: Program, occurred: int, recorded: int, data: Mapping[str, Any]) -> Refusal | None:
    """Return the demand for a reason where an entry that is reported comes without one."""
    if not is_reported(program, occurred, recorded) or not is_blank(data.get(LATE_REASON)):
        return None
    message = say("late-reason", length=limit_text(program.pack.late_entries.report, program.pack))
    return Refusal(code="late-reason", message=message, clauses=program.pack.late_entries.cite, field=LATE_REASON)


def _decide_until(state: State, occurred: int) -> int:
    """Return until when a decision may be entered as of when it was made: by default on the same working day."""
    limit = state.program.late_decide
    if limit is not None:
        return limit.due(occurred, {}).at
    calendar = state.program.calendar
    day = calendar.date_of(
        calendar.next_open(occurred) if not calendar.is_workday(calendar.date_of(occurred)) else occurred
    )
    return calendar.anchor_of(day, Mode.CLOCK) - 1


def _confirming(state: State) -> str | None:
    """Return the act by which a second person confirms, where this procedure has it."""
    act = state.program.pack.late_entries.confirm
    return act if act in state.program.acts else None


def _is_confirmed(state: State, actor: Actor) -> bool:
    """Return whether somebody else confirmed the entry: theirs is the act that a person performed last."""
    return state.last is not None and state.last[0] == _confirming(state) and set(state.last[1]).isdisjoint(actor.hands)
