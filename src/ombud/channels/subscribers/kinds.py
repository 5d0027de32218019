"""What subscribers choose from: what kind of thing an event is, whatever the policy calls it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ombud.cases.fold import folded_rows
from ombud.cases.models import Case, Event
from ombud.policy.event_names import RESERVED_EVENTS, RUNG

KIND = "subscriber"  # of accounts
SECRET = "secret"
OPENED, ACTED, LIMIT, ENDED = "opened", "acted", "limit", "ended"
KINDS: Final[Mapping[str, str | Promise]] = {
    OPENED: _("A case is opened"),
    ACTED: _("An act is performed"),
    LIMIT: _("A limit comes near or is missed"),
    ENDED: _("A case ends"),
}


def kind_of(case: Case, rows: Sequence[Event], seq: int) -> str:
    """Return what kind of thing an event of a case is, by all its rows; empty for what only the register needs."""
    row = next(each for each in rows if each.seq == seq)
    if seq == 1:
        return OPENED
    if row.act == RUNG:
        return LIMIT
    if row.act in RESERVED_EVENTS:
        return ""
    if case.closed_at is not None and not is_open(case, rows, seq) and is_open(case, rows, seq - 1):
        return ENDED
    return ACTED


def is_open(case: Case, rows: Sequence[Event], seq: int) -> bool:
    """Return whether the case was open after an event."""
    return not phase_is_end(case, rows, seq)


def phase_after(case: Case, rows: Sequence[Event], seq: int) -> str:
    """Return the phase that the case was in after an event."""
    return folded_rows(case, [each for each in rows if each.seq <= seq], None).phase


def phase_is_end(case: Case, rows: Sequence[Event], seq: int) -> bool:
    """Return whether the case was over after an event."""
    state = folded_rows(case, [each for each in rows if each.seq <= seq], None)
    phase = state.program.procedure.phases.get(state.phase)
    return phase is not None and phase.is_end
