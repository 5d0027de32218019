"""Checks of what is recorded and of clocks that stop: needs-before-set, unused-field, unused-value,
unused-retention, never-resumes.
"""

from __future__ import annotations

from collections.abc import Iterator

from ombud.checks.findings import Finding, finding
from ombud.checks.rules.known import limit_names
from ombud.checks.wording import act_title, column_title, duty_title, phase_title, title_of, value_title
from ombud.policy.model.guards import Guard
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.model.tables import Table
from ombud.policy.model.values import Field, FieldType
from ombud.policy.procedure import decided_to, targets, waits_in
from ombud.policy.vocabulary import KEPT, OWN_FACTS, REASON


def check_records(pack: Pack) -> Iterator[Finding]:
    """Yield facts that are read before anything gives them, facts that nothing touches, clocks that stop for good."""
    for procedure in pack.procedures.values():
        yield from _needed_before_given(pack, procedure)
        yield from _never_resuming(procedure)
    yield from _unused(pack)
    yield from _unused_values(pack)
    yield from _unused_retention(pack)


def given_in(pack: Pack, procedure: Procedure) -> set[str]:
    """Return the facts that some act may bring, and the tables that can then be decided."""
    found = set(OWN_FACTS)
    for act in procedure.acts.values():
        found |= {*act.needs, *act.may, *(each.fact for each in act.sets)}
    for chain in procedure.chains.values():
        found |= {name for stage in chain.stages for name in (*stage.needs, *stage.may)}  # what approving brings
        found.add(REASON)  # both verdicts take it
    return found | set(pack.tables)


def _needed_before_given(pack: Pack, procedure: Procedure) -> Iterator[Finding]:
    given = given_in(pack, procedure)
    for act in procedure.acts.values():
        for name in sorted(_names(act.when) - given):
            if name in pack.fields:
                values = {"act": act_title(pack, procedure, act.id), "field": column_title(pack.fields[name])}
                yield finding("needs-before-set", place=act.at, clauses=act.cite, values=values)
        taken = {*(act.opens.copies if act.opens else ()), *(act.spreads.copies if act.spreads else ())}
        for name in sorted(taken - given):
            values = {"act": act_title(pack, procedure, act.id), "field": column_title(pack.fields[name])}
            yield finding("needs-before-set", place=act.at, clauses=act.cite, values=values)
    for duty in procedure.duties.values():
        for name in sorted((_names(duty.where) | set(limit_names(duty.limit))) - given):
            if name in pack.fields:
                values = {"act": duty_title(procedure, duty.id), "field": column_title(pack.fields[name])}
                yield finding("needs-before-set", place=duty.at, clauses=duty.cite, values=values)

    for chain in procedure.chains.values():
        for stage in chain.stages:
            for name in sorted((_names(stage.where) | set(limit_names(stage.within))) - given):
                if name in pack.fields:
                    values = {"act": title_of(chain.title, chain.id), "field": column_title(pack.fields[name])}
                    yield finding("needs-before-set", place=stage.at, clauses=chain.cite, values=values)


def _names(guard: Guard | None) -> set[str]:
    return set(guard.names) if guard else set()


def _unused(pack: Pack) -> Iterator[Finding]:
    used: set[str] = set()
    for procedure in pack.procedures.values():
        used |= given_in(pack, procedure)
        stages = [stage for chain in procedure.chains.values() for stage in chain.stages]
        guards = [*(a.when for a in procedure.acts.values()), *(d.where for d in procedure.duties.values())]
        used |= {name for guard in [*guards, *(each.where for each in stages)] for name in _names(guard)}
        limits = [*(duty.limit for duty in procedure.duties.values()), *(each.within for each in stages)]
        used |= {name for limit in limits for name in limit_names(limit)}
    used |= {name for table in pack.tables.values() for name in table.inputs}
    used |= {field for channel in pack.channels.values() for step in channel.form for field in step.fields}
    for field in pack.fields.values():
        if field.id not in used and not field.at.file.startswith("base/"):
            yield finding("unused-field", place=field.at, clauses=field.cite, values={"field": column_title(field)})


def _never_resuming(procedure: Procedure) -> Iterator[Finding]:
    """A phase that pauses a duty, and from which everything leads to phases that pause it too, or end the case."""
    for duty in procedure.duties.values():
        for phase in duty.pause:
            seen, work = {phase}, [phase]
            while work:
                new = _next_phases(procedure, work.pop()) - seen
                seen |= new
                work += [each for each in new if each in duty.pause]
            if not any(each not in duty.pause and not procedure.phases[each].is_end for each in seen):
                values = {"duty": duty_title(procedure, duty.id), "phase": phase_title(procedure, phase)}
                yield finding("never-resumes", place=duty.at, clauses=duty.cite, values=values)


def _next_phases(procedure: Procedure, phase: str) -> set[str]:
    acts = [act for act in procedure.acts.values() if phase in act.from_phases]
    found = {to for act in acts for to in targets(procedure, act, phase)}
    for chain in procedure.chains.values():
        if phase in waits_in(procedure, chain) or chain.starts in {act.id for act in acts}:
            found |= decided_to(chain, phase)
    return found & set(procedure.phases)


def _unused_values(pack: Pack) -> Iterator[Finding]:
    """Values that a table, or a choice that only rules fill in, declares and that never come out."""
    for table in pack.tables.values():
        yield from _never_out(table, "table", {str(row.output) for row in table.rows})
    for field in pack.fields.values():
        if field.type is FieldType.CHOICE and field.id not in OWN_FACTS and (given := _values_set(pack, field.id)):
            yield from _never_out(field, "choice", given)


def _never_out(source: Field | Table, variant: str, given: set[str]) -> Iterator[Finding]:
    if left := [value for value in source.of if value not in given]:
        values = {
            "title": column_title(source),
            "values": [value_title(source, each) for each in left],
            "given": [value_title(source, each) for each in source.of if each in given],
        }
        yield finding("unused-value", variant=variant, place=source.at, clauses=source.cite, values=values)


def _unused_retention(pack: Pack) -> Iterator[Finding]:
    """A time for keeping something that no case has, such as `cases`: nothing would ever be removed by it."""
    for rule in pack.retention.values():
        if rule.id not in KEPT:
            values = {"id": rule.id, "known": list(KEPT)}
            yield finding("unused-retention", place=rule.at, clauses=rule.cite, values=values)


def _values_set(pack: Pack, name: str) -> set[str] | None:
    """Return the values that acts set a fact to; None where people, or another case, may give it any."""
    acts = [act for procedure in pack.procedures.values() for act in procedure.acts.values()]
    stages = [s for procedure in pack.procedures.values() for chain in procedure.chains.values() for s in chain.stages]
    typed_in = {field for act in acts for field in (*act.needs, *act.may)}
    typed_in |= {field for stage in stages for field in (*stage.needs, *stage.may)}
    if name in typed_in:
        return None
    found: set[str] = set()
    for setting in (setting for act in acts for setting in act.sets if setting.fact == name):
        if setting.kind == "constant":
            found.add(str(setting.value))
        elif setting.kind == "name" and setting.value in pack.tables:
            found |= {str(row.output) for row in pack.tables[setting.value].rows}
        else:
            return None
    return found
