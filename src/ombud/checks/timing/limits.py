"""Checks of limits and ladders on the real calendars: what contradicts, what never comes, what comes at night."""

from __future__ import annotations

from collections.abc import Iterator

from ombud.checks.findings import Finding
from ombud.checks.model.abstract_state import Space
from ombud.checks.rules.deadlines import Kinds
from ombud.checks.timing.contradictions import contradictory_limits
from ombud.checks.timing.horizon import beyond_known_years
from ombud.checks.timing.night import told_at_night
from ombud.checks.timing.warnings import warnings_that_never_come
from ombud.engine import compile_program
from ombud.policy.model import Pack


def check_limits(pack: Pack) -> Iterator[Finding]:
    """Yield limits that contradict each other, warnings that never come, and roles that are told at night."""
    all_kinds = []
    for procedure in pack.procedures.values():
        kinds = Kinds(Space(pack, procedure), compile_program(pack, procedure=procedure.id))
        all_kinds.append(kinds)
        yield from contradictory_limits(kinds)
        yield from warnings_that_never_come(kinds)
    yield from told_at_night(pack, all_kinds)
    yield from beyond_known_years(pack)
