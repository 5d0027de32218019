"""Giving a case to somebody, as the policy would let them take it: by the clock, or by whoever hands work over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from ombud.cases.access.kept_out import doors_of
from ombud.cases.errors import Forbidden, KeptOut, Refused, Stale
from ombud.cases.fold import seconds
from ombud.cases.loaded import Performed, load, write
from ombud.cases.models import Case
from ombud.engine import advance
from ombud.engine import allot as give
from ombud.engine.allotting import BECAUSE
from ombud.engine.model import Actor, Refusal
from ombud.organisation.models import Person
from ombud.organisation.staff import Roster, person_id
from ombud.policy.model.pack import Pack
from ombud.policy.plain_text import plain
from ombud.policy.vocabulary import REASON, TAKE

#: Why somebody got a case: the ways of distribution, and that somebody chose so.
ROUND_ROBIN, BY_LOAD, BY_SKILL, ON_SHIFT = "round_robin", "by_load", "by_skill", "on_shift"
CHOSEN, HANDED_OVER = "chosen", "handed_over"
#: What the event says beside it: which competences were asked for, which of them are there, and in which shift.
ASKED_FOR, MET, SHIFT = "asked_for", "met", "shift"


def can_be_given(pack: Pack, procedure: str) -> bool:
    """Return whether cases of the procedure are anybody's to take, and so to be given."""
    return TAKE in pack.procedures[procedure].acts


def actors_of(person: Person, pack: Pack, roster: Roster, *, first: str = "") -> list[Actor]:
    """Return the person in each of their roles under the policy, the role asked for first."""
    found = [
        holding.actor(pack)
        for holding in roster.holdings
        if holding.person == person.key and holding.role in pack.roles and not pack.roles[holding.role].is_external
    ]
    return sorted(found, key=lambda actor: actor.role != first)


def allot(
    case: Case,
    to: Actor,
    *,
    by: Actor,
    because: str,
    held_by: int | None,
    now: datetime,
    reason: str = "",
    more: Mapping[str, Any] | None = None,
) -> Performed:
    """Give the case to somebody who may take it; `held_by` is whose it is meant to be until then (Person.pk).

    `more` is what the event says beside the reason: ASKED_FOR, MET, SHIFT.

    Raises Stale where it is somebody else's meanwhile, KeptOut, Forbidden where its complainant was erased, and Refused
    with everything for which the policy would not let them take it; then nothing was written.
    """
    with transaction.atomic():
        loaded = load(case.pk)
        if loaded.vault.is_erased or TAKE not in loaded.state.program.acts:
            raise Forbidden
        if loaded.case.handler_id != held_by:
            raise Stale([], seq=loaded.case.seq, data={})
        if not doors_of([case.pk])[case.pk].admits(person_id(to.person)):
            raise KeptOut
        passed = advance(loaded.state, seconds(now), staff=loaded.roster)
        said = {BECAUSE: because, **(more or {})} | ({REASON: text} if (text := plain(reason, lines=True)) else {})
        outcome = give(loaded.state, to, by=by, at=seconds(now), data=said, staff=loaded.roster)
        if outcome.refused:
            raise Refused(outcome.refused)
        both = replace(
            outcome,
            events=passed.events + outcome.events,
            notifications=passed.notifications + outcome.notifications,
            openings=passed.openings + outcome.openings,
            links=passed.links + outcome.links,
            spreads=passed.spreads + outcome.spreads,
            records=passed.records + outcome.records,
        )
        return write(loaded, both, now=now, is_telling=True)


def first_code(refusals: tuple[Refusal, ...]) -> str:
    """Return the code of the first reason for which somebody may not take a case."""
    return next(each.code for each in refusals)
