"""What somebody promises or grants in a case, held against the promise limits of the organisation.

The policy asks by a field that is `beyond` an amount; the register answers it when the act is written down, as it
brings the day's rates, and the event keeps the answer. Who gives the last consent must be allowed the amount, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from ombud.cases import money
from ombud.cases.messages import text
from ombud.engine import State
from ombud.engine.model import Actor, Refusal
from ombud.engine.program import ActPlan, ChainPlan
from ombud.engine.roles import boss_of, is_outsider, place_of
from ombud.engine.state import PENDING
from ombud.organisation import ceiling_tables
from ombud.organisation.ceiling_tables import Entry, Table, covers, entries_of, entry_for
from ombud.organisation.staff import Roster, person_id
from ombud.policy.event_names import APPROVE
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import Field, FieldType, Kind, Value
from ombud.policy.values import typed
from ombud.policy.vocabulary import SYSTEM
from ombud.texts import Text

_MONEY = Kind(FieldType.MONEY)
_TOO_MUCH = gettext_noop(
    "{amount} is more than you may promise ({limit}). Somebody whose promise limit covers it gives this consent, or it"
    " is rejected and proposed anew."
)
NO_LIMIT, NOTHING = gettext_noop("without limit"), gettext_noop("nothing")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """What somebody who is about to act may promise."""

    entries: tuple[Entry | None, ...]  # all of them bound it; None = nothing
    amounts: tuple[Field, ...]  # that the act promises
    consenting: tuple[str, ...]  # the roles that consent to more
    value: Mapping[str, Any] | None  # the amount that a consent is asked for
    is_within: bool  # whether they may grant it


def questions(pack: Pack, names: Iterable[str]) -> list[Field]:
    """Return those of the fields that ask whether an amount is more than somebody may promise."""
    return [field for name in names if (field := pack.fields.get(name)) is not None and field.beyond is not None]


def judged(
    state: State, act: str, data: Mapping[str, Any], *, actor: Actor, at: datetime, roster: Roster
) -> dict[str, Any]:
    """Return the data with the answers; to what an actor says of themselves yes is added, never no.

    Where the policy has no table in force they answer for themselves, and of a role nothing is too much.
    """
    plan, pack = state.program.procedure.acts.get(act), state.program.pack
    asked = questions(pack, (*plan.needs, *plan.may)) if plan else []
    if not asked or is_outsider(pack, actor.role):
        return dict(data)
    found = {**data, **{field.id: False for field in asked if not field.is_asked}}
    if (table := _table(pack, at)) is None:
        return found
    for field in asked:
        value = _amount(pack, field, state.facts, data)
        if value is not None and not _may(pack, table, field, value, state, actor, at, roster):
            found[field.id] = True
    return found


def refusals(state: State, act: str, data: Mapping[str, Any], *, actor: Actor, at: datetime) -> list[Refusal]:
    """Return why somebody may not give the last consent to an amount."""
    plan = state.program.acts.get(act)
    chain = _last_consent(state, plan)
    if chain is None or actor.person == SYSTEM or (table := _table(state.program.pack, at)) is None:
        return []
    pack, entries, found = state.program.pack, entries_of(table, actor), []
    for field in _proposed(state, chain):
        value = _amount(pack, field, state.facts, data)
        if value is not None and not covers(entries, value, pack.currency, on=money.day_of(pack, at)):
            clauses = tuple(dict.fromkeys((*chain.chain.cite, *field.cite)))
            found.append(Refusal(code="promise", message=_too_much(value, entries), clauses=clauses))
    return found[:1]


def bound(state: State, act: str, *, actor: Actor, at: datetime) -> Bound | None:
    """Return what somebody may promise or grant by an act; None where it promises nothing, or no table holds."""
    plan, pack = state.program.acts.get(act), state.program.pack
    taken = plan.act if plan else None
    chain = _last_consent(state, plan)
    asked = questions(pack, (*taken.needs, *taken.may)) if taken else _proposed(state, chain) if chain else []
    if not asked or is_outsider(pack, actor.role) or (table := _table(pack, at)) is None:
        return None
    entries, names = entries_of(table, actor), dict.fromkeys(field.beyond.amount for field in asked if field.beyond)
    values = [value for field in asked if (value := _amount(pack, field, state.facts, {})) is not None] if chain else []
    day = money.day_of(pack, at)
    return Bound(
        entries=entries,
        amounts=tuple(pack.fields[name] for name in names),
        consenting=_consenting(state, act, actor, {field.id for field in asked if field.is_asked}),
        value=values[0] if values else None,
        is_within=all(covers(entries, each, pack.currency, on=day) for each in values),
    )


def limit_text(entry: Entry | None) -> Text:
    """Return a limit in words."""
    if entry is None:
        return text(NOTHING)
    return text(NO_LIMIT) if entry.amount is None else text(f"{entry.amount} {entry.currency}")


def _table(pack: Pack, at: datetime) -> Table | None:
    row = ceiling_tables.in_force(pack.id, day=money.day_of(pack, at), at=at)
    return None if row is None else ceiling_tables.read(row)


def _amount(pack: Pack, field: Field, facts: Mapping[str, Value], data: Mapping[str, Any]) -> Any:
    """Return the amount that a question is about, as the act leaves it; None where there is none or it is no money."""
    assert field.beyond is not None, "only questions are asked"
    raw = data.get(field.beyond.amount)
    if raw in (None, ""):
        return facts.get(field.beyond.amount)
    try:
        return typed(_MONEY, raw, pack.currency)
    except ValueError:
        return None  # the policy's own refusal says what is wrong with it


def _may(
    pack: Pack, table: Table, field: Field, value: Mapping[str, Any], state: State, actor: Actor, at: datetime,
    roster: Roster,
) -> bool:  # fmt: skip
    """Return whether the actor, or anybody who holds the role for this case, may promise an amount."""
    day, role = money.day_of(pack, at), field.beyond.role if field.beyond else None
    if role is None:
        return covers(entries_of(table, actor), value, pack.currency, on=day)
    place = place_of(pack, role, state.department or actor.department, state.office)
    holders = roster.holders(role, place.department, place.office)
    asked = [entry_for(table, role, place.department, person_id(each)) for each in sorted(holders)]
    asked = asked or [entry_for(table, role, place.department)]
    return any(covers([each], value, pack.currency, on=day) for each in asked)


def _last_consent(state: State, plan: ActPlan | None) -> ChainPlan | None:
    """Return the approval that approving would complete: no later stage of it is needed."""
    if plan is None or plan.chain is None or plan.verdict != APPROVE:
        return None
    run = state.runs.get(plan.chain.id)
    if run is None or run.status != PENDING:
        return None
    later = [index for index, needed in enumerate(run.ifs) if needed and index > run.stage and index not in run.given]
    return None if later else plan.chain


def _proposed(state: State, chain: ChainPlan) -> list[Field]:
    start = state.program.procedure.acts[chain.start]
    return questions(state.program.pack, (*start.needs, *start.may))


def _consenting(state: State, act: str, actor: Actor, asked: set[str]) -> tuple[str, ...]:
    """Return the roles whose stages the policy asks because of these questions; of the actor's own role its boss."""
    pack, found = state.program.pack, dict[str, None]()
    for chain in state.program.chains.values():
        stages = chain.stages if chain.start == act else ()
        for stage in (each for each in stages if each.where and asked & each.where.names):
            is_own = stage.role == actor.role and act in chain.chain.distinct_from
            found[(boss_of(pack, stage.role) or stage.role) if is_own else stage.role] = None
    return tuple(found)


def _too_much(value: Mapping[str, Any], entries: tuple[Entry | None, ...]) -> Text:
    limit = limit_text(next((each for each in entries if each is None or each.amount is not None), None))
    amount, template = f"{value['amount']} {value['currency']}", text(_TOO_MUCH)
    return {language: words.format(amount=amount, limit=limit[language]) for language, words in template.items()}
