"""All checks that lay limits and ladders out on the real calendars, procedure by procedure."""

from __future__ import annotations

from collections.abc import Iterator

from ombud.checks.findings import Finding
from ombud.checks.model.abstract_state import Space
from ombud.checks.rules.deadlines import Kinds, squeezed_totals
from ombud.checks.rules.recurring import recurring_too_late
from ombud.checks.timing.contradictions import contradictory_limits
from ombud.checks.timing.horizon import beyond_known_years
from ombud.checks.timing.night import told_at_night
from ombud.checks.timing.warnings import warnings_that_never_come
from ombud.engine import compile_program
from ombud.policy.model.pack import Pack

EACH = (squeezed_totals, recurring_too_late, contradictory_limits, warnings_that_never_come, told_at_night)


def check_limits(pack: Pack) -> Iterator[Finding]:
    """Yield what is wrong with limits that can be counted, alone, in pairs and in all."""
    for procedure in pack.procedures.values():
        kinds = Kinds(Space(pack, procedure), compile_program(pack, procedure=procedure.id))
        for run in EACH:
            yield from run(kinds)
    yield from beyond_known_years(pack)
