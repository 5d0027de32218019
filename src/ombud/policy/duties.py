"""Duties and chains of approval: who owes what by when, and what happens on a breach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ombud.policy.acts import read_taken
from ombud.policy.guards import read_guard
from ombud.policy.late_entries import read_length_of_time
from ombud.policy.limits import at_due, read_ladder, read_limit, refuse_keys, without_cutoff
from ombud.policy.mapping_reader import MappingReader, capital, ids
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain, Stage
from ombud.policy.model.duties import Bearer, Duty
from ombud.policy.model.limits import Limit, Rung
from ombud.policy.model.values import FieldType
from ombud.policy.procedure import STAY, proposed_by
from ombud.policy.source import Items, Node
from ombud.policy.symbol_table import ProcedureSymbols, SymbolTable
from ombud.policy.vocabulary import ACTOR, BEARER, BOSS, DEPARTMENT, HANDLER, NOBODY, TRIGGER
from ombud.worktime import Mode, Unit

DUTY_KEYS = (
    "title", "told_as", "bearer", "after", "where", "do", "within", "every", "from", "until", "pause", "breach",
    "anchor", "react", "if_past", "early", "retrigger", "then", "cite",
)  # fmt: skip
CHAIN_KEYS = ("title", "starts", "stages", "distinct_from", "distinct_stages", "rejected", "approved", "cite")
STAGE_KEYS = ("title", "role", "if", "within", "quorum", "needs", "may", "breach", "cite")
_ACTOR = re.compile(r"actor\((\w+)\)\Z")


def read_duties(node: Node | None, scope: SymbolTable, names: ProcedureSymbols) -> dict[str, Duty]:
    return {id: _duty(id, value, scope, names) for id, value in (ids(node, scope.problems, '"duties"') if node else ())}


def _duty(id: str, node: Node, scope: SymbolTable, names: ProcedureSymbols) -> Duty:
    form = MappingReader(node, scope.problems, f'duty "{id}"', DUTY_KEYS)
    form.require("after", ": the acts that open it")
    form.require("do", ": the acts that discharge it")
    if ("within" in form) == ("every" in form):
        scope.problems.add(form.place, f'Duty "{id}" needs either "within" (one limit) or "every" (it recurs).')
    if "from" in form and "every" not in form:
        scope.problems.add(form.at("from"), f'"from" of duty "{id}" belongs to "every"; with "within" remove it.')
    limit = form.get("within") or form.get("every")
    length = read_limit(limit, scope, form.what) if limit else Limit(at=form.place)
    if "every" in form and length.field:
        scope.problems.add(
            form.at("every"), f'Duty "{id}" recurs, so "every" must be a length: a date comes only once. Use "within".'
        )
    anchor, is_field = _anchor(form, scope, names)
    if limit is not None and is_field and anchor is not None and scope.kinds[anchor].type is FieldType.DATE:
        refuse_keys(limit, scope, ("cutoff",), f"{form.what} counts from a date, which has no time of day")
        length = without_cutoff(length)
    bearer, breach = _bearer(form, scope, names), _ladder(form, scope, names, length)
    for rung in breach:
        if bearer.kind == NOBODY and (lost := sorted({BEARER, BOSS} & set(rung.tell))):
            scope.problems.add(
                rung.at, f'A rung of duty "{id}" tells the {lost[0]}, but nobody owes the duty. Name the role to tell.'
            )
    return Duty(
        id=id,
        title=form.title(id),
        bearer=bearer,
        after=form.names("after", "act or outcome", names.events),
        where=read_guard(form.get("where"), scope, names, f'"where" of duty "{id}"', is_narrow=True),
        do=form.names("do", "act or outcome", names.events),
        limit=length,
        react=_react(form, scope),
        is_recurring="every" in form,
        recurs_from=form.one_of("from", ("last", "schedule"), "last"),
        until=form.names("until", "act or outcome", names.events),
        pause=form.names("pause", "phase", names.phases),
        breach=breach,
        anchor=anchor,
        anchor_is_field=is_field,
        if_past=form.one_of("if_past", ("overdue", "now", "skip"), "overdue"),
        early=form.flag("early"),
        retrigger=form.one_of("retrigger", ("keep", "restart", "stack"), "keep"),
        then=form.name("then", "duty", names.duties),
        told_as=form.text("told_as"),
        cite=scope.cite(form),
        at=form.place,
    )


def _react(form: MappingReader, scope: SymbolTable) -> Limit | None:
    node = form.get("react")
    return read_length_of_time(node, scope, f'"react" of {form.what}') if node is not None else None


def _ladder(form: MappingReader, scope: SymbolTable, names: ProcedureSymbols, limit: Limit) -> tuple[Rung, ...]:
    """Return the rungs of a duty or stage with this limit."""
    ladder = tuple(_in_hours_of(limit, rung) for rung in read_ladder(form, "breach", scope, names))
    for rung in ladder:
        counted = rung.offset or rung.every
        if counted is not None and counted.calendar and (not counted.length or counted.mode is Mode.CLOCK):
            scope.problems.add(
                rung.at,
                f'The "calendar" of a rung of {form.what} changes nothing: elapsed time, and the due time itself, are '
                "the same on every calendar. Remove it, or write workdays or working hours.",
            )
    return ladder


def _in_hours_of(limit: Limit, rung: Rung) -> Rung:
    """Return the rung with its minutes or hours counted as the duty's own: 2 h before an elapsed day are elapsed."""
    hours = (Unit.MINUTE, Unit.HOUR)
    lengths = list(_lengths(limit))
    modes = {each.mode for each in lengths}
    if rung.offset is None or rung.offset.unit not in hours or len(modes) != 1:
        return rung
    if any(each.unit not in hours for each in lengths):
        return rung
    return replace(rung, offset=replace(rung.offset, mode=modes.pop()))


def _lengths(limit: Limit) -> Iterator[Limit]:
    """Yield every length that the limit may come to."""
    if limit.unit is not None:
        yield limit
    for each in (*limit.cases.values(), limit.otherwise):
        if each is not None:
            yield from _lengths(each)


def _bearer(form: MappingReader, scope: SymbolTable, names: ProcedureSymbols) -> Bearer:
    form.require("bearer", ": who owes it")
    written = form.word("bearer")
    if match := _ACTOR.match(written):
        if match[1] not in names.acts:
            scope.problems.unknown(form.at("bearer"), f'act in "bearer" of {form.what}', match[1], names.acts)
        return Bearer(kind=ACTOR, name=match[1])
    if written == NOBODY:
        return Bearer(kind=NOBODY, name=NOBODY)
    if written == HANDLER:
        return Bearer(kind=HANDLER, name=HANDLER)
    if written in scope.roles:
        return Bearer(kind="role", name=written)
    holders = [name for name, kind in scope.kinds.items() if kind.type in (FieldType.DEPARTMENT, FieldType.PERSON)]
    if written in holders and written != DEPARTMENT:
        return Bearer(kind="field", name=written)
    if written:
        known = {*scope.roles, HANDLER, NOBODY, *holders} - {DEPARTMENT}
        scope.problems.unknown(form.at("bearer"), f'role or field in "bearer" of {form.what}', written, known)
    return Bearer(kind="role", name=written)


def _anchor(form: MappingReader, scope: SymbolTable, names: ProcedureSymbols) -> tuple[str | None, bool]:
    written = form.word("anchor")
    if not written:
        return None, False
    if written == TRIGGER or written in names.events:
        return written, False
    return form.name("anchor", "act, outcome or date", names.events | scope.dates | {TRIGGER}), True


def read_chains(
    node: Node | None, scope: SymbolTable, names: ProcedureSymbols, acts: dict[str, Act]
) -> dict[str, Chain]:
    """Return the chains; an act that starts one has it in `starts` afterwards."""
    chains = {}
    for id, value in ids(node, scope.problems, '"chains"') if node else ():
        chain = _chain(id, value, scope, names, acts)
        chains[id] = chain
        act = acts.get(chain.starts)
        if act is None:
            continue
        if act.starts not in (None, id):
            scope.problems.add(
                chain.at,
                f'Act "{act.id}" starts both chain "{act.starts}" and chain "{id}". Join them into one with stages.',
            )
        acts[act.id] = replace(act, starts=id)
    return chains


def _chain(id: str, node: Node, scope: SymbolTable, names: ProcedureSymbols, acts: dict[str, Act]) -> Chain:
    form = MappingReader(node, scope.problems, f'chain "{id}"', CHAIN_KEYS)
    starts = form.name("starts", "act", names.acts)
    if starts is None and "starts" not in form:
        starts = next((act.id for act in acts.values() if act.starts == id), None)
        if starts is None:
            form.missing("starts", ": the act that begins the approval")
    form.require("rejected", ": the phase where a rejected proposal goes, or stay")
    stages = form.require("stages")
    items: tuple[Node, ...] = stages.items if isinstance(stages, Items) else ()
    if stages is not None and not items:
        scope.problems.add(stages.place, f'"stages" of {form.what} must be a list of stages {{role: ...}}.')
    return Chain(
        id=id,
        title=form.title(id),
        starts=starts or "",
        stages=tuple(
            _stage(item, f"stage {number} of {form.what}", scope, names, acts.get(starts or ""), scope.cite(form))
            for number, item in enumerate(items, 1)
        ),
        distinct_from=form.names("distinct_from", "act", names.performed),
        are_stages_distinct=form.flag("distinct_stages", True),
        rejected=_phase(form, "rejected", names),
        approved=_phase(form, "approved", names),
        cite=scope.cite(form),
        at=form.place,
    )


def _phase(form: MappingReader, key: str, names: ProcedureSymbols) -> str | None:
    """Return the phase where a verdict leads; None where the case stays in its phase."""
    phase = form.name(key, "phase", {STAY, *names.phases})
    return None if phase == STAY else phase


def _stage(
    node: Node, what: str, scope: SymbolTable, names: ProcedureSymbols, starts: Act | None, cite: tuple[str, ...]
) -> Stage:
    form = MappingReader(node, scope.problems, what, STAGE_KEYS)
    form.require("role")
    within = form.get("within")
    quorum = form.number("quorum", 1)
    if quorum < 1:
        scope.problems.add(form.at("quorum"), f'"quorum" of {what} must be at least 1: somebody has to approve.')
    needs, may = read_taken(form, scope)
    if starts is not None and (again := sorted({*needs, *may} & proposed_by(starts))):
        scope.problems.add(
            form.at("needs" if set(again) & set(needs) else "may"),
            f'{capital(what)} takes {", ".join(again)}, which act "{starts.id}" needs: approving would change what is '
            "approved and begin the approval again. Take another field.",
        )
    limit = read_limit(within, scope, what) if within else None
    default = (Rung(offset=at_due(form.place), tell=(BOSS,), at=form.place),)
    return Stage(
        title=form.text("title"),
        role=form.name("role", "role", scope.internal_roles) or "",
        where=read_guard(form.get("if"), scope, names, f'"if" of {what}', is_narrow=True),
        within=limit,
        quorum=quorum,
        needs=needs,
        may=may,
        breach=_ladder(form, scope, names, limit or Limit(at=form.place)) if "breach" in form else default,
        cite=scope.cite(form) if "cite" in form else cite,
        at=form.place,
    )
