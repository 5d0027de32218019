"""How the rules of a pack fit together: mistakes that no entry shows by itself."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import product

from ombud.policy.causes import check_causes
from ombud.policy.courses import check_courses
from ombud.policy.cross_case import check_periodic, check_powers
from ombud.policy.distribution import check_distribution
from ombud.policy.document_checks import check_documents
from ombud.policy.guaranteed_facts import Facts, Guaranteed, approving, known_by
from ombud.policy.mapping_reader import capital
from ombud.policy.model.duties import Duty
from ombud.policy.model.limits import Limit, Rung
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.model.tables import Cell, Table
from ombud.policy.model.values import FieldType, Value
from ombud.policy.procedure import act_of, destinations, is_external, targets
from ombud.policy.report_checks import check_reports
from ombud.policy.suggestions import check_suggestions
from ombud.policy.surveys import check_surveys
from ombud.policy.symbol_table import SymbolTable
from ombud.policy.values import interval
from ombud.policy.vocabulary import CLOCK, NOBODY
from ombud.policy.watching import check_watch

MAX_COMBINATIONS = 20_000  # of a table's inputs; larger ones are left to the check `gap`


def check_across(pack: Pack, scope: SymbolTable) -> None:
    """Add what does not fit together to the scope's problems."""
    check_periodic(pack, scope)
    check_documents(pack, scope)
    check_reports(pack, scope)
    check_surveys(pack, scope)
    check_distribution(pack, scope)
    check_watch(pack, scope)
    check_causes(pack, scope)
    check_courses(pack, scope)
    check_suggestions(pack, scope)
    for procedure in pack.procedures.values():
        guaranteed = Guaranteed(procedure)
        check_powers(procedure, guaranteed, pack, scope)
        for duty in procedure.duties.values():
            _check_ladder(duty.breach, f'duty "{duty.id}"', procedure, scope)
            _check_own_trigger(duty, procedure, scope)
            _check_awaited(duty, procedure, scope)
            _check_outsider(duty, procedure, pack, scope)
            _check_anchor(duty, guaranteed, scope)
            for trigger in duty.after:
                facts = guaranteed.when(trigger) | known_by(duty.where)
                _check_limit(duty.limit, f'duty "{duty.id}"', trigger, facts, pack, scope)
        for chain in procedure.chains.values():
            awaited = any(chain.approval in duty.do for duty in procedure.duties.values())
            for number, stage in enumerate(chain.stages, 1):
                what = f'stage {number} of chain "{chain.id}"'
                _check_ladder(stage.breach, what, procedure, scope)
                if stage.within is None and not awaited:
                    scope.problems.add(
                        stage.at,
                        f"{capital(what)} has no time limit and no duty awaits {chain.approval}, so it would never "
                        f'be due. Add "within", or a duty with "do: {chain.approval}".',
                    )
                elif stage.within is not None:
                    brought = approving(chain.stages[: number - 1])
                    facts = guaranteed.when(chain.starts) | known_by(stage.where) | brought
                    _check_limit(stage.within, what, chain.starts, facts, pack, scope)


def _rung_acts(duty: Duty) -> Iterator[tuple[Rung, str]]:
    return ((rung, rung.act) for rung in duty.breach if rung.act is not None)


def _check_ladder(ladder: tuple[Rung, ...], what: str, procedure: Procedure, scope: SymbolTable) -> None:
    for rung in ladder:
        if rung.act is not None and CLOCK not in procedure.acts[rung.act].by:
            scope.problems.add(
                rung.at,
                f'A rung of {what} performs act "{rung.act}", which the clock may not do. Add clock to its "by".',
            )


def _check_own_trigger(duty: Duty, procedure: Procedure, scope: SymbolTable) -> None:
    for rung, act in _rung_acts(duty):
        again = {act, *procedure.acts[act].outcomes} & set(duty.after)
        if again:
            scope.problems.add(
                rung.at,
                f'A rung of duty "{duty.id}" performs act "{act}", which opens the same duty again, so it would '
                'never come to an end. Let another act follow, or take it out of "after".',
            )


def _check_awaited(duty: Duty, procedure: Procedure, scope: SymbolTable) -> None:
    """What was done in time but typed in late must still be possible after the rung's act."""
    for rung, id in _rung_acts(duty):
        act = procedure.acts[id]
        for phase in sorted(targets(procedure, act) if destinations(act) else ()):
            if procedure.phases[phase].is_end:
                continue
            for awaited in duty.do:
                wanted = act_of(procedure, awaited)
                if wanted is not None and phase not in wanted.from_phases:
                    scope.problems.add(
                        rung.at,
                        f'A rung of duty "{duty.id}" performs act "{id}", which leads to phase "{phase}", but '
                        f'"{awaited}" is not allowed there: done in time and recorded late, it would be refused. '
                        f'Add "{phase}" to the "from" of act "{wanted.id}".',
                    )


def _check_outsider(duty: Duty, procedure: Procedure, pack: Pack, scope: SymbolTable) -> None:
    if not is_external(pack, procedure, duty.bearer):
        return
    acts = [procedure.acts[act] for _, act in _rung_acts(duty)]
    if not acts:
        scope.problems.add(
            duty.at,
            f'Duty "{duty.id}" is owed by {_nobody_of_ours(duty)}, and its ladder does not end in an act, so the case '
            "could wait for ever. Add a rung such as {at: 0, act: ...}.",
        )
        return
    last = acts[-1]
    ends = {*duty.do, *duty.until}
    leads = targets(procedure, last)
    if last.id not in ends and not ends & set(last.outcomes) and not all(procedure.phases[to].is_end for to in leads):
        owing = "it would stay open" if duty.bearer.kind == NOBODY else "somebody outside would go on owing it"
        scope.problems.add(
            duty.at,
            f'The ladder of duty "{duty.id}" ends in act "{last.id}", which does not end the duty, so {owing}. '
            'Add the act to "until".',
        )


def _nobody_of_ours(duty: Duty) -> str:
    return "nobody" if duty.bearer.kind == NOBODY else "somebody outside, whom nobody can make act"


def _check_anchor(duty: Duty, guaranteed: Guaranteed, scope: SymbolTable) -> None:
    if duty.anchor is None or not duty.anchor_is_field:
        return
    for trigger in duty.after:
        if duty.anchor not in guaranteed.when(trigger) | known_by(duty.where):
            scope.problems.add(
                duty.at,
                f'Duty "{duty.id}" counts from "{duty.anchor}", which may be absent after "{trigger}". '
                f'Let that act need it, or add "where: known({duty.anchor})".',
            )


def _check_limit(
    limit: Limit, what: str, trigger: str, facts: Facts | set[str], pack: Pack, scope: SymbolTable
) -> None:
    """A limit must come out whatever the case holds when its trigger happens."""
    if limit.field is not None and limit.otherwise is None and limit.field not in facts:
        scope.problems.add(
            limit.at,
            f'The limit of {what} is the date "{limit.field}", which may be absent after "{trigger}". '
            'Let that act need it, or add an "else".',
        )
    table = pack.tables.get(limit.by or "")
    if table is not None:
        # With an "else" the limit comes out all the same; that the table has a gap is for the check to say.
        if limit.otherwise is None and (missing := uncovered(pack, table, set(facts))):
            case = ", ".join(f"{name} {_said(value)}" for name, value in missing.items())
            scope.problems.add(
                limit.at,
                f'The limit of {what} is graded by table "{limit.by}", which says nothing after "{trigger}" where '
                f"{case}. Let the act need these facts, or add a row that covers the rest.",
            )
    elif limit.by is not None and limit.otherwise is None and limit.by not in facts:
        scope.problems.add(
            limit.at,
            f'The limit of {what} is graded by "{limit.by}", which may be absent after "{trigger}". '
            'Let that act need it, or add an "else".',
        )
    for inner in (*_counted(limit, facts), *([limit.otherwise] if limit.otherwise else [])):
        _check_limit(inner, what, trigger, facts, pack, scope)


def _counted(limit: Limit, facts: Facts | set[str]) -> list[Limit]:
    """Return the limits inside that must come out: of several that are compared, a date may be absent, but not all."""
    inner = list(limit.cases.values())
    if limit.order is None:
        return inner
    return [each for each in inner if each.field is None or each.otherwise or each.field in facts] or inner


def _said(value: Value) -> str:
    if isinstance(value, dict):
        return f"is {value['amount']} {value['currency']}"
    return "is absent" if value is None else f"is {str(value).lower()}"


def uncovered(pack: Pack, table: Table, guaranteed: set[str]) -> dict[str, Value] | None:
    """Return values of its inputs for which a table has no output, absent ones first; None if there are none."""
    samples = []
    for index, name in enumerate(table.inputs):
        values = _samples(pack, name, [row.cells[index] for row in table.rows])
        may_be_absent = name not in guaranteed
        if name in pack.tables:
            may_be_absent = uncovered(pack, pack.tables[name], guaranteed) is not None
        samples.append([None, *values] if may_be_absent else values)
    size = 1
    for values in samples:
        size *= len(values)
    for case in product(*samples) if size <= MAX_COMBINATIONS else ():
        facts = {name: value for name, value in zip(table.inputs, case, strict=True) if value is not None}
        if table.decide(facts) is None:
            return dict(zip(table.inputs, case, strict=True))
    return None


def _samples(pack: Pack, name: str, cells: list[Cell]) -> list[Value]:
    """Return one value of each class that the table's cells tell apart."""
    kind = pack.kinds[name]
    if kind.type is FieldType.BOOL:
        return [True, False]
    if kind.choices:
        return [int(choice) if kind.type is FieldType.INTEGER else choice for choice in kind.choices]
    if kind.type in (FieldType.MONEY, FieldType.INTEGER):
        is_money = kind.type is FieldType.MONEY
        numbers = _numbers(cells, kind.domain, Decimal("0.01") if is_money else Decimal(1))
        return [{"amount": str(n), "currency": pack.currency} if is_money else int(n) for n in numbers]
    named = [value for cell in cells for value in cell.values]
    return [*dict.fromkeys(named), ""]  # and one that no cell names


def _numbers(cells: list[Cell], domain: str | None, step: Decimal) -> list[Decimal]:
    ends = {Decimal(0)}
    for cell in cells:
        ends |= {Decimal(end) for end in (cell.low, cell.high, *cell.values) if end is not None}
    candidates = sorted({end + shift for end in ends for shift in (-step, Decimal(0), step)})
    return [n for n in candidates if domain is None or interval(domain).holds(n)]
