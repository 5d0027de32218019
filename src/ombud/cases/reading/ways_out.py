"""Why acts are refused, and who can do something about it: for the case page, and for reminding them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from ombud.cases.access.case_access import Accessed
from ombud.cases.fold import program_of, seconds
from ombud.engine import State
from ombud.engine.available_acts import possible_acts
from ombud.engine.messages import joined
from ombud.engine.model import Actor, AvailableAct, Refusal
from ombud.engine.roles import approver_roles, holders_of, is_outsider
from ombud.engine.ways_out import ways_out
from ombud.organisation import staff
from ombud.organisation.models import Person
from ombud.organisation.staff import Roster
from ombud.organisation.standing_in import deputies_of
from ombud.policy.vocabulary import HANDLER, MACHINES
from ombud.texts import Text

SHOWN = 4  # people named for one act; beyond them their role says enough


@dataclass(frozen=True, kw_only=True, slots=True)
class WayOut:
    """An act that may lift a refusal, and who can do it."""

    act: str
    title: Text
    roles: Text
    people: tuple[Person, ...]  # others than the reader, at most SHOWN
    is_mine: bool  # the reader can do it
    is_outsiders: bool  # only somebody outside can: nobody here can be reminded of it


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocked:
    """One refusal with the ways out of it."""

    refusal: Refusal
    ways: tuple[WayOut, ...]


def blocked(
    accessed: Accessed, offers: Iterable[tuple[AvailableAct, Actor]], *, now: datetime
) -> dict[str, tuple[Blocked, ...]]:
    """Return for each of the offered acts that is blocked why it is, each reason with who can do something about it."""
    offers = list(offers)
    if not any(offer.blocked for offer, _actor in offers):
        return {}
    roster, state, at = Roster(accessed.case.policy), accessed.state, seconds(now)
    possible, mine = possible_acts(state, at), {offer.act for offer, _actor in offers if not offer.blocked}
    found = {
        offer.act: [
            each for each in ways_out(state, offer.act, actor, at, roster, possible) if each[0] in offer.blocked
        ]
        for offer, actor in offers
        if offer.blocked
    }
    able = {act: _able(state, act, roster) for ways in found.values() for _refusal, acts in ways for act in acts}
    people = staff.people({key for keys in able.values() for key in keys})
    ways = {act: _way(accessed, act, keys, people, roster, act in mine) for act, keys in able.items()}
    return {
        act: tuple(Blocked(refusal=refusal, ways=tuple(ways[each] for each in acts)) for refusal, acts in each_refusal)
        for act, each_refusal in found.items()
    }


def who_can(accessed: Accessed, act: str) -> tuple[Person, ...]:
    """Return everybody of the organisation who can do an act on the case; KeyError for an act that there is not."""
    able = _able(accessed.state, act, Roster(accessed.case.policy))
    return tuple(staff.people(able | deputies_of(able, accessed.case.policy, now=timezone.now())).values())


def _way(
    accessed: Accessed, act: str, keys: Iterable[str], people: Mapping[str, Person], roster: Roster, is_mine: bool
) -> WayOut:
    pack, roles = program_of(accessed.case).pack, _roles(accessed.state, act, roster)
    others = [people[key] for key in keys if key in people and people[key] != accessed.reader]
    return WayOut(
        act=act,
        title=accessed.state.program.title_of(act),
        roles=joined([pack.roles[role].title for role in roles if role in pack.roles]),
        people=tuple(sorted(others, key=str)[:SHOWN]),
        is_mine=is_mine,
        is_outsiders=bool(roles) and all(is_outsider(pack, role) for role in roles),
    )


def _roles(state: State, act: str, roster: Roster) -> tuple[str, ...]:
    """Return the roles that an act belongs to as the case stands: of a verdict that of the stage reached."""
    plan = state.program.acts[act]
    if plan.chain is not None:
        run = state.runs.get(plan.chain.id)
        stage = plan.chain.stages[max(run.stage, 0) if run else 0]
        return approver_roles(state, stage.role, (), roster)
    return tuple(role for role in (plan.act.by if plan.act else ()) if role not in MACHINES and role != HANDLER)


def _able(state: State, act: str, roster: Roster) -> set[str]:
    """Return the keys of who can do an act on the case: its roles' people there, and its handler where it is theirs."""
    plan, pack = state.program.acts[act], state.program.pack
    roles = [role for role in _roles(state, act, roster) if not is_outsider(pack, role)]
    keys = {key for role in roles for key in holders_of(state, role, roster)}
    if plan.act is not None and HANDLER in plan.act.by and state.handler:
        keys.add(state.handler)
    return keys
