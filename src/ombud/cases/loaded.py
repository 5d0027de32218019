"""A case under its lock, folded, and the way back into the log: what every command begins and ends with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ombud.cases import eventlog
from ombud.cases.bulk_sql import locked_row
from ombud.cases.drafts import NewCase, append
from ombud.cases.fold import folded_rows
from ombud.cases.models import Case, Event
from ombud.engine import State
from ombud.engine.model import Notification, Outcome, Refusal
from ombud.organisation.staff import Roster
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault


@dataclass(frozen=True, kw_only=True, slots=True)
class Performed:
    """What a command wrote."""

    case: Case  # as it is now
    events: tuple[Event, ...]  # in order: rungs due before, the act, automatic acts
    deviations: tuple[Refusal, ...] = ()  # in `observe`: what enforce would have refused
    reports: tuple[Refusal, ...] = ()  # no obstacle but worth telling: backdated, a language not agreed on
    told: tuple[Notification, ...] = ()  # who is told of it


@dataclass(kw_only=True, slots=True)
class Loaded:
    """A case under its lock, folded."""

    case: Case
    rows: list[Event]
    state: State
    vault: Vault
    roster: Roster


def load(case_id: int, *, skip_locked: bool = False) -> Loaded:
    """Return the case with its row locked: on SQLite the transaction already holds the only write lock."""
    case = locked_row(Case, case_id, with_="complainant", skip_locked=skip_locked)
    if case is None:
        raise Case.DoesNotExist
    rows = eventlog.rows_of(case)
    vault = Vault(key_of(case.complainant), case.reference)
    return Loaded(case=case, rows=rows, state=folded_rows(case, rows, vault), vault=vault, roster=Roster(case.policy))


def write(loaded: Loaded, outcome: Outcome, *, now: datetime, is_telling: bool, owner: str = "") -> Performed:
    """Append the outcome's events with everything derived from them."""
    draft = NewCase(
        case=loaded.case,
        complainant=loaded.case.complainant,
        vault=loaded.vault,
        state=loaded.state,
        roster=loaded.roster,
        received=now,
        owner=owner,
        is_new=False,
        was_open=loaded.case.is_open,
        outcomes=[outcome],
    )
    (written,) = append([draft], is_telling=is_telling)
    return Performed(
        case=loaded.case,
        events=written.events,
        deviations=outcome.deviations,
        reports=outcome.reports,
        told=outcome.notifications if is_telling else (),
    )
