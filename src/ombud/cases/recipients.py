"""Whom powers over duties and approvals concern: the bearer of what moved or changed hands, and who is to approve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ombud.cases.projections import OWED
from ombud.engine import State
from ombud.engine.model import DutyView, Event, Notification, Outcome
from ombud.engine.roles import addressee, department_of, office_of
from ombud.policy.model.duties import Bearer

Known = Mapping[tuple[str, int], DutyView]


def known(state: State) -> Known:
    """Return what is owed, to compare with what is owed after an act."""
    return {(view.duty, view.instance): view for view in state.duties() if view.status in OWED}


def further_notifications(before: Known, state: State, outcome: Outcome) -> tuple[Notification, ...]:
    """Return whom to tell beside those that the policy's acts inform themselves."""
    told = {(tell.act, tell.to) for tell in outcome.notifications if tell.why == "act"}
    event = next((each for each in outcome.events if _has_powers(state, each)), None)
    found: list[Notification] = []
    for key, view in known(state).items():
        old = before.get(key)
        if old is None:
            found += _to_approve(state, view, outcome)
        elif event is not None and view.bearer != old.bearer:
            found.append(_tell(state, view, "act", event))
        elif event is not None and view.due_at != old.due_at:
            found.append(_tell(state, view, "due-moved", event))
    return tuple(tell for tell in found if (tell.act, tell.to) not in told)


def _has_powers(state: State, event: Event) -> bool:
    plan = state.program.acts.get(event.act)
    return plan is not None and bool(plan.powers or (plan.chain is not None and plan.chain.powers))


def _to_approve(state: State, view: DutyView, outcome: Outcome) -> Iterator[Notification]:
    """Yield a word to who is to decide a stage of an approval that was just reached."""
    plan = state.program.duties[view.duty]
    if plan.stage is not None:
        yield _tell(state, view, "act", outcome.events[-1], act=state.program.chains[plan.stage[0]].chain.starts)


def _tell(state: State, view: DutyView, why: str, event: Event, *, act: str | None = None) -> Notification:
    to: Bearer = addressee(state, view.bearer)
    is_role = to.kind == "role"
    return Notification(
        to=to,
        department=department_of(state, to.name) if is_role else state.department,
        office=office_of(state, to.name) if is_role else None,
        why=why,
        at=event.occurred,
        act=act or event.act,
        duty=view.duty,
        instance=view.instance,
        due_at=view.due_at,
        clauses=view.clauses,
    )
