"""Checks of what is recorded and of clocks that stop: needs-before-set, unused-field, never-resumes."""

from __future__ import annotations

from collections.abc import Iterator

from ombud.checks.findings import Finding, finding
from ombud.checks.rules.known import limit_names
from ombud.checks.wording import act_title, column_title, duty_title, phase_title
from ombud.policy.model import Guard, Pack, Procedure
from ombud.policy.procedure import targets


def check_records(pack: Pack) -> Iterator[Finding]:
    """Yield facts that are read before anything gives them, facts that nothing touches, clocks that stop for good."""
    for procedure in pack.procedures.values():
        yield from _needed_before_given(pack, procedure)
        yield from _never_resuming(procedure)
    yield from _unused(pack)


def given_in(pack: Pack, procedure: Procedure) -> set[str]:
    """Return the facts that some act may bring, and the tables that can then be decided."""
    found = {"channel", "language", "department", "office", "handler"}
    for act in procedure.acts.values():
        found |= {*act.needs, *act.may, *(each.fact for each in act.sets)}
    for chain in procedure.chains.values():
        found |= {name for stage in chain.stages for name in (*stage.needs, *stage.may)}  # what approving brings
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


def _names(guard: Guard | None) -> set[str]:
    return set(guard.names) if guard else set()


def _unused(pack: Pack) -> Iterator[Finding]:
    used: set[str] = set()
    for procedure in pack.procedures.values():
        used |= given_in(pack, procedure)
        guards = [*(a.when for a in procedure.acts.values()), *(d.where for d in procedure.duties.values())]
        used |= {name for guard in guards for name in _names(guard)}
    used |= {name for table in pack.tables.values() for name in table.inputs}
    used |= {field for channel in pack.channels.values() for step in channel.form for field in step.fields}
    for field in pack.fields.values():
        if field.id not in used and not field.at.file.startswith("base/"):
            yield finding("unused-field", place=field.at, clauses=field.cite, values={"field": column_title(field)})


def _never_resuming(procedure: Procedure) -> Iterator[Finding]:
    """A phase that pauses a duty, and from which acts lead only to phases that pause it or end the case."""
    for duty in procedure.duties.values():
        for phase in duty.pause:
            seen, work = {phase}, [phase]
            while work:
                here = work.pop()
                for act in procedure.acts.values():
                    if here in act.from_phases:
                        new = targets(procedure, act, here) - seen
                        seen |= new
                        work += [each for each in new if each in duty.pause]
            if not any(each not in duty.pause and not procedure.phases[each].is_end for each in seen):
                values = {"duty": duty_title(procedure, duty.id), "phase": phase_title(procedure, phase)}
                yield finding("never-resumes", place=duty.at, clauses=duty.cite, values=values)
