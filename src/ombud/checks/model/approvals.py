"""What becomes of an approval in an abstract case: which stages are asked, what an act starts, voids or leaves."""

from __future__ import annotations

from ombud.checks.model.abstract_state import APPROVED, NONE, PENDING, Space, State
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain
from ombud.policy.procedure import proposed


def pending_stage(chain: Chain, status: int) -> int | None:
    """Return the index of the stage that is pending."""
    return (status - PENDING) % len(chain.stages) if status >= PENDING else None


def stages_asked(space: Space, chain: Chain, values: State) -> list[bool]:
    """Return which stages are needed; a condition that reads an absent value skips none."""
    slots, known = space.stages[chain.id]
    key = tuple([values[slot] for slot in slots])
    found = known.get(key)
    if found is None:
        found = [stage.where is None or space.is_asked(stage.where, values) for stage in chain.stages]
        known[key] = found
    return found


def chain_statuses(space: Space, chain: Chain, act: Act, before: State, after: State) -> list[int]:
    """Return what may have become of an approval after an act that is no step of it."""
    slot = space.slot["chain", chain.id]
    status = before[slot]
    if act.id != chain.starts and (act.resets == chain.id or status == NONE):
        return [NONE]
    now = stages_asked(space, chain, after)
    if act.id == chain.starts:
        return [PENDING + now.index(True) if True in now else APPROVED]
    count, found = len(chain.stages), set()
    written = {*act.needs, *act.may, *(each.fact for each in act.sets)}
    if proposed_in(space, chain) & written:
        found.add(PENDING + count + now.index(True) if True in now else APPROVED)
    was = stages_asked(space, chain, before)
    stage = pending_stage(chain, status)
    given = {index for index in range(count) if was[index] and (stage is None or index < stage)}
    left = [index for index in range(count) if now[index] and index not in given]
    if was == now or (stage is None and not left) or (left and left[0] == stage):
        found.add(status)
    else:
        found.add(PENDING + count + left[0] if left else APPROVED)
    return sorted(found)


def proposed_in(space: Space, chain: Chain) -> frozenset[str]:
    """Return the facts whose change voids an approval; worked out once for all cases."""
    known, key = space.worked_out, ("proposed", chain.id)
    if key not in known:
        known[key] = proposed(space.procedure, chain)
    found: frozenset[str] = known[key]
    return found
