"""What a reader may see of personal values, and the pack's words for what lists show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop

from ombud.cases.messages import text
from ombud.cases.models import Case
from ombud.cases.models import Duty as DutyRow
from ombud.engine import Program
from ombud.engine.program import StageDutyPlan
from ombud.policy.model.pack import Pack
from ombud.policy.procedure import act_of, chain_of
from ombud.policy.vocabulary import NAME, NAMING, NARRATIVE, SUBJECT
from ombud.privacy.keys import key_of
from ombud.privacy.masking import mask, mask_text
from ombud.privacy.sealing import Tampered, Vault, is_sealed
from ombud.texts import Text, same

_NOBODY = gettext_noop("nobody: a time that passes")
LONGEST = 120  # letters of a subject in lists


def phase_title(program: Program, phase: str) -> Text:
    known = program.procedure.phases.get(phase)
    return known.title if known else same(phase)


def duty_title(program: Program, duty: str) -> Text:
    """Return what a duty is called; a stage of an approval without its number, since mostly no other applies."""
    known = program.duties.get(duty)
    if isinstance(known, StageDutyPlan):
        return known.sole_title
    return known.title if known else same(duty)


def duty_clauses(program: Program, duty: str) -> tuple[str, ...]:
    """Return the clauses by which a duty is owed."""
    known = program.duties.get(duty)
    return known.clauses if known else ()


def grade_titles(pack: Pack, grades: Mapping[str, Any]) -> dict[str, Text]:
    """Return the words for each grade of a case."""
    found = {}
    for name, value in grades.items():
        table = pack.tables.get(name)
        found[name] = table.of.get(str(value), same(str(value))) if table else same(str(value))
    return found


def acts_for(program: Program, do: list[str]) -> tuple[tuple[str, Text], ...]:
    """Return the acts behind a duty's `do`, whose outcomes name their act, with their titles."""
    found: dict[str, Text] = {}
    for name in do:
        act = act_behind(program, name)
        if act is not None:
            found[act] = program.title_of(act)
    return tuple(found.items())


def act_behind(program: Program, name: str) -> str | None:
    """Return the act that yields an act or outcome: answer for answer.accepted, plan.approve for plan.approved."""
    if name in program.acts:
        return name
    act, chain = act_of(program.procedure, name), chain_of(program.procedure, name)
    if chain is not None:
        approve, reject = chain.verdicts
        return {chain.approval: approve, chain.rejection: reject}.get(name)
    return act.id if act else None


def bearer_title(program: Program, row: DutyRow, *, is_public: bool = False) -> Text:
    """Return who owes it in words: the person (never to a complainant), else the role with its department."""
    if row.person is not None and not is_public:
        return {**same(str(row.person)), **{tag: name for tag, name in row.person.names.items() if name}}
    role = program.pack.roles.get(row.role)
    department: Mapping[str, str] = row.department.name if row.department else {}
    if role is None:
        return department or (same(row.role) if row.role else text(_NOBODY))
    if not department or role.department:
        return role.title
    return {tag: f"{department.get(tag, '')} \u00b7 {words}".strip(" \u00b7") for tag, words in role.title.items()}


def summary(case: Case, *, is_masked: bool) -> tuple[str, str]:
    """Return (subject, complainant's name) for a line of a list; empty where absent or erased."""
    vault = Vault(key_of(case.complainant), case.reference)
    name = _opened(case, vault, NAME)
    subject = _opened(case, vault, SUBJECT) or _opened(case, vault, NARRATIVE)
    if is_masked:
        subject = mask_text(subject, names_in(case, vault))
        name = mask(NAME, name) if name else ""
    return (subject if len(subject) <= LONGEST else subject[: LONGEST - 1] + "\u2026"), name


def names_in(case: Case, vault: Vault) -> tuple[str, ...]:
    """Return the names and numbers of a case, which its texts may repeat, as far as lists know them."""
    return tuple(filter(None, (_opened(case, vault, each) for each in NAMING)))


def _opened(case: Case, vault: Vault, name: str) -> str:
    kept = case.summary.get(name)
    if not kept:
        return ""
    try:
        value = vault.open(kept["seq"], name, kept["token"]) if "token" in kept else kept["value"]
    except Tampered:
        return ""  # `ombud verify` reports it; one bad row must not take everybody's list away
    return value if isinstance(value, str) and not is_sealed(value) else ""
