"""Which open cases would stand differently under another version of their policy; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ombud.cases.access.kept_out import admitting
from ombud.cases.fold import folded, seconds
from ombud.cases.models import Case
from ombud.checks.version_impact import Difference, differences_of, outcome_of
from ombud.engine import MigrationError, Program, advance, migrate
from ombud.engine.local_time import zone_of
from ombud.organisation import editions
from ombud.organisation.library import hash_of, name_of
from ombud.organisation.models import Person
from ombud.organisation.staff import Roster
from ombud.policy.compare.naming import Names
from ombud.policy.compare.words import say
from ombud.policy.model.pack import Pack
from ombud.worktime import bake


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """An open case, and what would be different about it."""

    case: Case
    differences: tuple[Difference, ...]  # empty = it would go on as before
    can_go_over: bool  # False where the version lacks the procedure or the phase of the case


def open_cases(pack: Pack, *, policy: str | None = None, reader: Person | None = None) -> Iterator[Case]:
    """Yield the open cases of a policy that run under another version than `pack`, newest first.

    Without those that the reader is kept out of: for them these do not exist.
    """
    rows = Case.objects.filter(policy=policy or pack.id, closed_at=None)
    if reader is not None:
        rows = rows.filter(admitting(reader, case="pk"))
    for case in rows.order_by("-id").iterator(200):
        if hash_of(case.policy_version_id) != pack.hash:
            yield case


def preview(case: Case, pack: Pack, *, now: datetime) -> Preview:
    """Return how a case would stand at `now` if it went over to `pack`, compared with staying where it is."""
    state, at = folded(case), seconds(now)
    advance(state, at, staff=Roster(case.policy))
    before, procedure = state.program.pack, state.program.procedure
    there, names = pack.procedures.get(procedure.id), Names(before, procedure)
    if there is None:
        what = say("outcomes", "untellable", procedure=procedure.title)
        missing = Difference(what=what, before=names.phase(state.phase), after=None)
        return Preview(case=case, differences=(missing,), can_go_over=False)
    stays = outcome_of(state, at, only_owed=True)
    program = _program(pack, name_of(case.edition_id), procedure.id)
    try:
        migrate(state, program, at=at)
    except MigrationError as error:
        lacking = names.phase(error.phase or state.phase)
        missing = Difference(what=say("outcomes", "phase"), before=lacking, after=say("outcomes", "no_phase"))
        return Preview(case=case, differences=(missing,), can_go_over=False)
    goes = outcome_of(state, at, only_owed=True)
    found = differences_of(stays, goes, Names(before, procedure), Names(pack, there), zone_of(state))
    return Preview(case=case, differences=tuple(found), can_go_over=True)


_PROGRAMS: dict[tuple[str, str, str], Program] = {}


def _program(pack: Pack, edition: str, procedure: str) -> Program:
    """Return a program of a pack that need not be in the database; only the latest pack's are kept."""
    key = (pack.hash, edition, procedure)
    if key not in _PROGRAMS:
        for old in [known for known in _PROGRAMS if known[0] != pack.hash]:
            del _PROGRAMS[old]
        known = editions.read(edition).covering(pack.calendars.values())
        calendars = {id: bake(spec, edition=known, beyond="statutory") for id, spec in pack.calendars.items()}
        _PROGRAMS[key] = Program(pack, procedure, calendars, edition)
    return _PROGRAMS[key]
