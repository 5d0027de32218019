"""From a case's event rows to its state: the one place where the register's rows meet the engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ombud.cases import eventlog
from ombud.cases.models import Case, Event
from ombud.engine import Program, State, fold
from ombud.organisation.library import hash_of, library, name_of
from ombud.privacy.sealing import Vault


def seconds(instant: datetime) -> int:
    """Return an aware instant as the engine counts it."""
    assert instant.tzinfo is not None, "an instant without a zone is a bug of the caller"
    return int(instant.timestamp())


def program_of(case: Case) -> Program:
    """Return the program that the case runs under now."""
    return library.program(hash_of(case.policy_version_id), name_of(case.edition_id), case.procedure)


def folded(case: Case, vault: Vault | None = None) -> State:
    """Return the case's state from its events; without a vault personal values stay shut."""
    return folded_rows(case, eventlog.rows_of(case), vault)


def folded_rows(case: Case, rows: Sequence[Event], vault: Vault | None) -> State:
    """Return the state that the case's event rows lead to."""
    program = library.program(hash_of(case.first_version_id), name_of(case.first_edition_id), case.procedure)
    return fold(program, eventlog.decoded(rows, vault), library)
