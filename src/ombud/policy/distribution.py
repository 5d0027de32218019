"""`distribution`: to whom of a role a complaint goes by rule of the policy."""

from __future__ import annotations

from ombud.policy.guards import read_guard
from ombud.policy.mapping_reader import MappingReader, capital, ids
from ombud.policy.model.distribution import ANYBODY, BY_LOAD, BY_SKILL, CATEGORY, SKILLS, WAYS, DistributionRule
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.source import Node
from ombud.policy.symbol_table import SymbolTable
from ombud.policy.vocabulary import NOBODY, TAKE

DISTRIBUTION_KEYS = ("title", "role", "where", "way", "skills", "else", "cite")


def read_distribution(node: Node | None, scope: SymbolTable, *, category: str | None) -> dict[str, DistributionRule]:
    """Return the rules in the order in which they are asked; `category` is what figures count complaints by."""
    found = {}
    ours = [role for role, is_external in scope.roles.items() if not is_external]
    for id, value in ids(node, scope.problems, '"distribution"') if node else ():
        form = MappingReader(value, scope.problems, f'distribution "{id}"', DISTRIBUTION_KEYS)
        form.require("role")
        form.require("way")
        way = form.one_of("way", WAYS, BY_LOAD)
        skills = form.names("skills", "skill", SKILLS)
        _check_skills(form, way, skills, category)
        usual = ANYBODY if way == BY_SKILL else NOBODY
        otherwise = form.one_of("else", (*((ANYBODY,) if way == BY_SKILL else ()), NOBODY, *ours), usual)
        found[id] = DistributionRule(
            id=id,
            title=form.title(id),
            role=form.name("role", "role of our own people", ours) or "",
            where=read_guard(form.get("where"), scope, scope.procedures[MAIN], f'distribution "{id}"', is_narrow=True),
            way=way,
            skills=skills,
            otherwise=otherwise,
            cite=scope.cite(form),
            at=form.place,
        )
    return found


def _check_skills(form: MappingReader, way: str, skills: tuple[str, ...], category: str | None) -> None:
    if way == BY_SKILL and "skills" not in form:
        form.missing("skills", ": what whoever gets it must have, language or category")
    elif way != BY_SKILL and skills:
        form.problems.add(
            form.at("skills"), f'{capital(form.what)} asks for skills and goes by {way}. Write "way: skill".'
        )
    if CATEGORY in skills and category is None:
        form.problems.add(
            form.at("skills"),
            f'{capital(form.what)} asks for the kind of complaint, and "figures" name no category. Add it there.',
        )


def takers(pack: Pack) -> list[str]:
    """Return the roles of our own people that may take a complaint, and so may be given one."""
    take = pack.main.acts.get(TAKE)
    return (
        [] if take is None else [role.id for role in pack.roles.values() if not role.is_external and role.id in take.by]
    )


def check_distribution(pack: Pack, scope: SymbolTable) -> None:
    """Add which rules give complaints to people who may not take one."""
    able = takers(pack)
    for rule in pack.distribution.values():
        for role in (each for each in rule.roles if each not in able):
            scope.problems.add(
                rule.at,
                f'Distribution "{rule.id}" gives complaints to role "{role}", which may not take one. Add it to the '
                f'"by" of act "{TAKE}".',
            )
