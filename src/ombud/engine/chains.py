"""Approvals: starting a run, moving it on, making it void."""

from __future__ import annotations

from ombud.engine.duties import discharge, end, open_instance
from ombud.engine.program import ActPlan, ChainPlan
from ombud.engine.state import PENDING, VOID, ApprovalRun, State
from ombud.policy.event_names import APPROVE, APPROVED, REJECTED
from ombud.policy.model.guards import Guard
from ombud.policy.vocabulary import REASON


def move_chains(
    state: State, plan: ActPlan, keys: tuple[str, ...], changed: set[str], hands: tuple[str, ...], at: int
) -> list[str]:
    """Do what an act means for every approval; return the outcomes that it leads to."""
    if plan.chain is not None:
        decided = _verdict(state, plan.chain, plan.verdict == APPROVE, changed, hands, at)
        return decided + _look_at_all(state, plan.chain.id, keys, changed, at) if changed - {REASON} else decided
    if plan.resets is not None:
        _void(state, state.program.chains[plan.resets], at)
    outcomes: list[str] = []
    if plan.starts is not None:
        outcomes += _start(state, state.program.chains[plan.starts], at)
    return outcomes + _look_at_all(state, plan.starts, keys, changed, at)


def _look_at_all(state: State, but: str | None, keys: tuple[str, ...], changed: set[str], at: int) -> list[str]:
    outcomes: list[str] = []
    for id, run in state.runs.items():
        if id != but and run.status in (PENDING, APPROVED):
            outcomes += _look_again(state, state.program.chains[id], run, keys, changed, at)
    return outcomes


def is_asked(guard: Guard | None, state: State) -> bool:
    """Return whether a stage is needed: a condition that reads an absent value never skips it."""
    return guard is None or guard.holds(state) or any(state.facts.get(name) is None for name in guard.names)


def _start(state: State, chain: ChainPlan, at: int) -> list[str]:
    before = state.runs.get(chain.id)
    _void(state, chain, at)
    run = ApprovalRun(before.number + 1 if before else 1, _ifs(state, chain))
    state.runs[chain.id] = run
    return _reach(state, chain, run, at)


def _verdict(
    state: State, chain: ChainPlan, is_approval: bool, changed: set[str], hands: tuple[str, ...], at: int
) -> list[str]:
    run = state.runs.get(chain.id)
    if run is None or run.status != PENDING:
        return []  # only in `observe`: the deviation is on record, there is nothing to move
    if not is_approval:
        run.status = REJECTED
        _close_decided(state, chain, run, at)
        return [chain.rejection]
    # A deputy and whoever they stand in for are one approval, and neither gives another.
    run.approvers, run.deputies = (*run.approvers, hands[-1]), run.deputies.union(hands[:-1])
    if not chain.reads.isdisjoint(changed):
        run.ifs = _ifs(state, chain)  # what this stage has brought decides about the ones after it
    if len(set(run.approvers)) < chain.stages[run.stage].quorum:
        return []
    _close_decided(state, chain, run, at)
    run.given |= {run.stage}
    run.givers |= run.deputies.union(run.approvers)
    return _reach(state, chain, run, at)


def _close_decided(state: State, chain: ChainPlan, run: ApprovalRun, at: int) -> None:
    duty = chain.duties[run.stage]
    discharge(state, duty, at)
    if duty.id in state.open:
        end(state, duty)  # only in `observe`: decided before it was reached, so it is not met, but nobody owes it


def _reach(state: State, chain: ChainPlan, run: ApprovalRun, at: int) -> list[str]:
    """Go to the first stage that is needed and not given yet; with none left the run is approved."""
    run.approvers, run.deputies = (), frozenset()
    for index, is_needed in enumerate(run.ifs):
        if is_needed and index not in run.given:
            run.status, run.stage, run.reached_at = PENDING, index, at
            duty = chain.duties[index]
            instance = open_instance(state, duty, at, anchor=at)
            if instance is not None and sum(run.ifs) == 1:
                instance.title = duty.sole_title
            return []
    run.status, run.stage = APPROVED, -1
    return [chain.approval]


def _look_again(
    state: State, chain: ChainPlan, run: ApprovalRun, keys: tuple[str, ...], changed: set[str], at: int
) -> list[str]:
    """Begin a run again if what it approved has changed, or if other stages are needed now."""
    if chain.needs & changed:
        _close_stage(state, chain, run)
        fresh = state.runs[chain.id] = ApprovalRun(run.number + 1, _ifs(state, chain))
        fresh.is_displaced = state.phase not in chain.phases
        return _reach(state, chain, fresh, at)
    if chain.reads.isdisjoint(changed) and chain.asks.isdisjoint(keys):
        return []
    ifs = _ifs(state, chain)
    if ifs == run.ifs:
        return []
    was_approved = run.status == APPROVED
    run.ifs = ifs
    if (
        run.status == PENDING
        and ifs[run.stage]
        and not any(needed and index not in run.given for index, needed in enumerate(ifs[: run.stage]))
    ):
        return []  # the stage at which it waits is still the next one
    left = [index for index, needed in enumerate(ifs) if needed and index not in run.given]
    if was_approved and not left:
        return []
    _close_stage(state, chain, run)
    run.number += 1
    run.is_displaced = state.phase not in chain.phases
    return _reach(state, chain, run, at)


def renew_runs(state: State, at: int) -> None:
    """Fit runs to another version of the policy: a pending one whose stages are others now begins again."""
    for id, run in list(state.runs.items()):
        chain = state.program.chains.get(id)
        if chain is None:
            del state.runs[id]
        elif len(chain.stages) != len(run.ifs):
            ifs = _ifs(state, chain)
            if run.status == PENDING:
                for duty in chain.duties:
                    end(state, duty)
                fresh = state.runs[id] = ApprovalRun(run.number + 1, ifs)
                fresh.is_displaced = state.phase not in chain.phases
                _reach(state, chain, fresh, at)
            else:
                run.ifs, run.given = ifs, frozenset(range(len(ifs)))


def _ifs(state: State, chain: ChainPlan) -> tuple[bool, ...]:
    return tuple(is_asked(stage.where, state) for stage in chain.stages)


def _void(state: State, chain: ChainPlan, at: int) -> None:
    run = state.runs.get(chain.id)
    if run is not None:
        _close_stage(state, chain, run, at)
        if run.status in (PENDING, APPROVED):
            run.status = VOID


def _close_stage(state: State, chain: ChainPlan, run: ApprovalRun, at: int | None = None) -> None:
    """End the duty of the stage at which a run waits; `at` is when that was over, None where it is found only now."""
    if run.status == PENDING and run.stage >= 0:
        end(state, chain.duties[run.stage], at)
