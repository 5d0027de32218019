"""`courses`: what people are trained in, and who owes it how often."""

from __future__ import annotations

from ombud.policy.mapping_reader import MappingReader, capital, ids
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Course, CourseDuty
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.values import FieldType
from ombud.policy.procedure import first_acts
from ombud.policy.source import Node
from ombud.policy.symbol_table import SymbolTable
from ombud.policy.vocabulary import CLOCK

COURSE_KEYS = ("title", "contents", "roles", "every", "procedure", "each", "cite")
EACH_KEYS = ("procedure", "person", "until", "attended")
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
    if "each" in form and "every" not in form:
        form.problems.add(
            form.at("each"), f'{capital(form.what)} has "each", but nobody owes it. Add "roles" and "every".'
        )
    return Course(
        id=id,
        title=form.title(id),
        contents=form.text("contents"),
        roles=form.names("roles", "role", scope.internal_roles),
        every=form.one_of("every", EVERY, "quarter") if "every" in form else None,
        procedure=form.name("procedure", "procedure", [each for each in scope.procedures if each != MAIN]),
        each=_each(form, scope),
        cite=scope.cite(form),
        at=form.place,
    )


def _each(course: MappingReader, scope: SymbolTable) -> CourseDuty | None:
    node = course.get("each")
    if node is None:
        return None
    form = MappingReader(node, scope.problems, f'"each" of {course.what}', EACH_KEYS)
    for key in EACH_KEYS:
        form.require(key)
    procedure = form.name("procedure", "procedure", [each for each in scope.procedures if each != MAIN])
    typed = {
        key: [name for name in scope.fields if scope.kinds[name].type is wanted]
        for key, wanted in (("person", FieldType.PERSON), ("until", FieldType.DATE))
    }
    acts = scope.procedures[procedure].acts if procedure else ()
    return CourseDuty(
        procedure=procedure or "",
        person=form.name("person", "field of a person", typed["person"]) or "",
        until=form.name("until", "field of a date", typed["until"]) or "",
        attended=(form.name("attended", "act", acts) or "") if procedure else "",
        at=form.place,
    )


def check_courses(pack: Pack, scope: SymbolTable) -> None:
    """Add what keeps the clock from opening each person's duty, or from saying that they took part."""
    for course in pack.courses.values():
        each = course.each
        if each is None:
            continue
        what = f'Course "{course.id}" opens procedure "{each.procedure}" for each person'
        procedure = pack.procedures[each.procedure]
        found = first_acts(procedure)
        if len(found) != 1:
            scope.problems.add(
                each.at,
                f"{what} by its one act of the clock from its start phase, but it has {len(found)} of these. Let "
                "exactly one act have by: clock and from: the start phase.",
            )
            continue
        brought = (each.person, each.until)
        if lacking := [name for name in brought if name not in (*found[0].needs, *found[0].may)]:
            scope.problems.add(
                each.at, f'{what} by act "{found[0].id}", which takes no {", ".join(lacking)}. Add it to its "needs".'
            )
        for act, brings in ((found[0], brought), (procedure.acts[each.attended], ())):
            if more := [name for name in act.needs if name not in brings]:
                scope.problems.add(
                    each.at,
                    f'{what}, and the clock performs act "{act.id}", which needs {", ".join(more)}: it has nothing to '
                    "say there. Let another act need it.",
                )
        if CLOCK not in procedure.acts[each.attended].by:
            scope.problems.add(
                each.at, f'{what}, and the clock performs act "{each.attended}", whose "by" lacks clock. Add it there.'
            )
