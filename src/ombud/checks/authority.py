"""Checks of who decides an approval: unapproved and approval-skipped (nobody), author-approves (who asks for it)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ombud.checks.findings import Finding, finding
from ombud.checks.may_analysis import MayAnalysis, Values, may_analysis
from ombud.checks.messages import joined, phrase
from ombud.checks.model.abstract_state import NONE, Component, Space
from ombud.checks.model.sample_values import OTHER_WORD
from ombud.checks.wording import act_title, fact_title, fact_value, role_title, title_of
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.vocabulary import ACTOR, HANDLER
from ombud.texts import Text

Case = Mapping[Component, int]  # the values of what the stages of an approval read


def check_authority(space: Space) -> Iterator[Finding]:
    """Yield the approvals that ask nobody in some case, and those that the proposer's own role may give."""
    for chain in space.procedure.chains.values():
        let = _let_through(space, chain)
        cases = [
            case
            for case in unapproved(space, chain)
            if not any(all(each[part] >> value & 1 for part, value in case.items()) for each in let)
        ]
        if cases:
            yield finding(
                "unapproved" if _divides(space, chain) else "approval-skipped",
                place=chain.at,
                clauses=chain.cite,
                values={
                    "chain": title_of(chain.title, chain.id),
                    "case": _words(space, cases),
                    "example": _words(space, cases[:1]),
                    "act": act_title(space.pack, space.procedure, chain.starts),
                },
            )
        yield from _author_approves(space.pack, space.procedure, chain)


# -- unapproved


def unapproved(space: Space, chain: Chain) -> list[Case]:
    """Return the cases in which an approval asks none of its stages, so that it counts as given once it is begun."""
    may, act = may_analysis(space), space.procedure.acts[chain.starts]
    found: dict[tuple[tuple[Component, int], ...], Case] = {}
    for phase in act.from_phases:
        values = may.narrowed(act.when, may.before(act, phase)) if phase in may.at else None
        for case in may.unasked(chain, values) if values is not None else ():
            found.setdefault(tuple(case.items()), case)
    return list(found.values())


def _divides(space: Space, chain: Chain) -> bool:
    """Return whether two stages divide cases by the same fact: then a case between them is more likely forgotten."""
    read = [set(space.reads(stage.where)) for stage in chain.stages]
    return any(one & other for index, one in enumerate(read) for other in read[:index])


def _let_through(space: Space, chain: Chain) -> list[Case]:
    """Return the cases, as sets of values, that a condition lets go on without it, as `minor or approved(plan)`.

    So the policy says itself that they need no approval, provided that the condition lets no other cases go on.
    """
    may, part = may_analysis(space), ("chain", chain.id)
    parts = sorted({each for stage in chain.stages for each in space.reads(stage.where)})
    found: list[Case] = []
    for act in space.procedure.acts.values():
        if act.when is None or part not in space.reads(act.when):
            continue
        values = list(_anything(may))
        values[may.slot[part]] = 1 << NONE
        without = may.narrowed(act.when, values)
        if without is not None and not may.may_ask(chain, without):
            found.append({each: without[may.slot[each]] for each in parts})
    return found


def _anything(may: MayAnalysis) -> Values:
    return tuple(sum(1 << value for value in may.values(part)) for part in may.parts)


def _words(space: Space, cases: list[Case]) -> Text:
    """Return the cases in words: all values of one fact, or the first of the combinations of several."""
    first = cases[0]
    if len(first) == 1:
        [part] = first
        return _is(space, part, [case[part] for case in cases])
    return joined([_is(space, part, [value]) for part, value in first.items()], "and")


def _is(space: Space, part: Component, values: list[int]) -> Text:
    name, pack = part[1], space.pack
    if part[0] != "var":
        title = act_title(pack, space.procedure, name)
        return phrase("done-times", title=title, values=[phrase("times", count=value) for value in values])
    real = [space.domains[part][value] for value in values]
    titles = [phrase("any-other") if each == OTHER_WORD else fact_value(pack, name, each) for each in real]
    return phrase("is", title=fact_title(pack, name), values=titles)


# -- author-approves


def _author_approves(pack: Pack, procedure: Procedure, chain: Chain) -> Iterator[Finding]:
    """The act that begins an approval is what its author does; `distinct_from` has to keep them out."""
    act = procedure.acts[chain.starts]
    if {act.id, act.same_as} & set(chain.distinct_from):
        return
    authors = _authors(procedure, act)
    roles = list(dict.fromkeys(stage.role for stage in chain.stages if stage.role in authors))
    if roles:
        yield finding(
            "author-approves",
            place=chain.at,
            clauses=chain.cite,
            values={
                "chain": title_of(chain.title, chain.id),
                "act": act_title(pack, procedure, act.id),
                "roles": [role_title(pack, role) for role in roles],
                "role": role_title(pack, roles[0]),
            },
        )


def _authors(procedure: Procedure, act: Act) -> set[str]:
    """Return the roles whose people may perform an act; a handler holds one of those that may take the case."""
    takers = {
        role
        for each in procedure.acts.values()
        if any(setting.fact == HANDLER and setting.kind == ACTOR for setting in each.sets)
        for role in each.by
    }
    return set(act.by) | (takers if HANDLER in act.by else set())
