"""`courses`: what people are trained in, and who owes it how often."""

from __future__ import annotations

from ombud.policy.mapping_reader import MappingReader, capital, ids
from ombud.policy.model.people import Course
from ombud.policy.model.procedures import MAIN
from ombud.policy.source import Node
from ombud.policy.symbol_table import SymbolTable

COURSE_KEYS = ("title", "contents", "roles", "every", "procedure", "cite")
#: How many months each lasts; insight and pages count by them.
EVERY = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


def read_courses(node: Node | None, scope: SymbolTable) -> dict[str, Course]:
    """Return the courses by id; `scope.procedures` must be known."""
    return {id: _course(id, value, scope) for id, value in (ids(node, scope.problems, '"courses"') if node else ())}


def _course(id: str, node: Node, scope: SymbolTable) -> Course:
    form = MappingReader(node, scope.problems, f'course "{id}"', COURSE_KEYS)
    if ("roles" in form) != ("every" in form):
        wanted = "every" if "roles" in form else "roles"
        form.problems.add(
            form.place,
            f'{capital(form.what)} has no "{wanted}": who owes a course owes it again and again. Add it, or leave out '
            "both.",
        )
    return Course(
        id=id,
        title=form.title(id),
        contents=form.text("contents"),
        roles=form.names("roles", "role", scope.internal_roles),
        every=form.one_of("every", EVERY, "quarter") if "every" in form else None,
        procedure=form.name("procedure", "procedure", [each for each in scope.procedures if each != MAIN]),
        cite=scope.cite(form),
        at=form.place,
    )
