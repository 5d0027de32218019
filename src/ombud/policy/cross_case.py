"""How what an act does beyond its case fits the other rules: matters that it opens, groups, ledgers."""

from __future__ import annotations

from ombud.policy.guaranteed_facts import Guaranteed, known_by
from ombud.policy.mapping_reader import capital
from ombud.policy.model.acts import Act, Opening, Recording, Spreading
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN, Procedure
from ombud.policy.procedure import first_acts
from ombud.policy.symbol_table import SymbolTable
from ombud.policy.vocabulary import CLOCK, COUNT_GROUP, REPORT_UNDELIVERED


def check_powers(procedure: Procedure, guaranteed: Guaranteed, pack: Pack, scope: SymbolTable) -> None:
    for act in procedure.acts.values():
        if act.opens is not None:
            _check_opening(act, act.opens, procedure, guaranteed, pack, scope)
        if act.spreads is not None:
            _check_spreading(act, act.spreads, procedure, scope)
        if act.records is not None:
            _check_recording(act, act.records, guaranteed, scope)


def check_periodic(pack: Pack, scope: SymbolTable) -> None:
    """Add the periodic duties whose occurrences the clock cannot begin: it brings nothing with it."""
    for periodic in pack.periodic.values():
        if (procedure := pack.procedures.get(periodic.procedure)) is None:
            continue  # told where it was read
        what, found = f'periodic duty "{periodic.id}"', first_acts(procedure)
        if len(found) != 1:
            scope.problems.add(
                periodic.at,
                f'{capital(what)} begins procedure "{procedure.id}" by its one act of the clock from its start phase, '
                f"but it has {len(found)} of these. Let exactly one act have by: clock and from: the start phase.",
            )
        elif found[0].needs:
            scope.problems.add(
                periodic.at,
                f'{capital(what)} begins with act "{found[0].id}" of procedure "{procedure.id}", which needs '
                f"{', '.join(found[0].needs)}, and the clock brings nothing. Let a later act need it.",
            )


def _check_opening(
    act: Act, opening: Opening, procedure: Procedure, guaranteed: Guaranteed, pack: Pack, scope: SymbolTable
) -> None:
    what = f'"opens" of act "{act.id}"'
    opened = pack.procedures[opening.procedure]
    found = first_acts(opened)
    if len(found) != 1:
        scope.problems.add(
            act.at,
            f'{capital(what)} begins procedure "{opened.id}" by its one act of the clock from its start phase, but it '
            f"has {len(found)} of these. Let exactly one act there have by: clock and from: the start phase.",
        )
        return
    (first,) = found
    present = guaranteed.when(act.id) | known_by(opening.where)
    for fact in first.needs:
        if fact not in opening.copies:
            scope.problems.add(
                act.at,
                f'{capital(what)} does not take "{fact}" along, which act "{first.id}" of procedure "{opened.id}" '
                'needs to begin. Add it to "with".',
            )
        elif fact not in present:
            scope.problems.add(
                act.at,
                f'{capital(what)} takes "{fact}" along, which may be absent after the act, and act "{first.id}" of '
                f'procedure "{opened.id}" needs it. Let the act need it, or add "if: known({fact})".',
            )
    _check_taken(opening.copies, first, what, act, scope)
    if opening.then is not None:
        _check_then(act, procedure.acts[opening.then], what, guaranteed, scope)


def _check_then(act: Act, then: Act, what: str, guaranteed: Guaranteed, scope: SymbolTable) -> None:
    if CLOCK not in then.by:
        scope.problems.add(
            act.at,
            f'{capital(what)} performs act "{then.id}" when the other matter ends, which the clock may not do. '
            'Add clock to its "by".',
        )
    if missing := sorted(set(then.needs) - guaranteed.when(act.id)):
        scope.problems.add(
            act.at,
            f'{capital(what)} performs act "{then.id}" when the other matter ends, which needs {", ".join(missing)}, '
            f'and the clock brings nothing. Let act "{act.id}" need it, or act "{then.id}" do without.',
        )


def _check_spreading(act: Act, spreading: Spreading, procedure: Procedure, scope: SymbolTable) -> None:
    what, spread = f'"spreads" of act "{act.id}"', procedure.acts[spreading.act]
    _check_taken(spreading.copies, spread, what, act, scope)
    if spreading.lead and spread.spreads is not None:  # it would never end
        scope.problems.add(
            act.at,
            f'{capital(what)} performs act "{spread.id}" on the lead case too, which spreads an act itself. '
            'Name an act without "spreads", or leave out "lead".',
        )


def _check_taken(copies: tuple[str, ...], taker: Act, what: str, act: Act, scope: SymbolTable) -> None:
    for fact in copies:
        if fact not in (*taker.needs, *taker.may):
            scope.problems.add(
                act.at,
                f'{capital(what)} takes "{fact}" along, but act "{taker.id}" takes no such field. '
                'Add it to its "may", or leave it out of "with".',
            )


def _check_recording(act: Act, recording: Recording, guaranteed: Guaranteed, scope: SymbolTable) -> None:
    if recording.person not in guaranteed.when(act.id) | known_by(recording.where):
        scope.problems.add(
            act.at,
            f'"records" of act "{act.id}" names the person in "{recording.person}", which may be absent then. '
            f'Let the act need it, or add "if: known({recording.person})".',
        )


def acts_of_others(procedure: Procedure, pack: Pack) -> frozenset[str]:
    """Return the acts that the clock performs for a reason outside the case: a beginning, another case, a message, a
    bad answer in a survey, a training that was attended."""
    acts = procedure.acts.values()
    found = {act.id for act in first_acts(procedure)}
    found |= {act.opens.then for act in acts if act.opens and act.opens.then}
    found |= {act.spreads.act for act in acts if act.spreads}
    if any(act.links for act in acts):
        found.add(COUNT_GROUP)
    found.add(REPORT_UNDELIVERED)
    owed = [course.each for course in pack.courses.values() if course.each]
    found |= {each.attended for each in owed if each.procedure == procedure.id}
    if procedure.id == MAIN:
        found |= {survey.bad.act for survey in pack.surveys.values() if survey.bad}
    return frozenset(found & set(procedure.acts))
