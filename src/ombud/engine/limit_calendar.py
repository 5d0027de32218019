"""Whose calendar a limit counts on: the case's office's or department's, or that of whoever owes the duty."""

from __future__ import annotations

from collections.abc import Mapping

from ombud.engine.case_facts import CaseFacts
from ombud.policy.model.duties import Bearer
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Department, Office
from ombud.policy.vocabulary import ACTOR, BEARER, DEPARTMENT, OFFICE

ROLE, FIELD, PERSON = "role", "field", "person"  # kinds of bearers, beside the handler and an actor

Owner = Department | Office


class CalendarOwner:
    """Finds, for each case anew, the department or office on whose calendar a limit counts."""

    __slots__ = ("_bearer", "_departments", "_kind", "_offices", "_pack", "_roles", "acts", "reads")

    def __init__(self, kind: str, bearer: Bearer | None, pack: Pack, roles: Mapping[str, tuple[str, ...]]) -> None:
        """`roles` holds who performs each act, for a bearer who has not acted yet."""
        self._kind, self._bearer, self._pack, self._roles = kind, bearer, pack, roles
        self._departments, self._offices = pack.departments, pack.offices
        self.reads = self._find_reads()  # facts on which the answer depends
        is_actors = kind == BEARER and bearer is not None and bearer.kind == ACTOR
        self.acts = frozenset({bearer.name} if is_actors and bearer else ())  # and acts

    def _find_reads(self) -> frozenset[str]:
        if self._kind != BEARER:
            return frozenset({self._kind})
        if self._bearer is None:
            return frozenset()
        if self._bearer.kind == ROLE:
            role = self._pack.roles.get(self._bearer.name)
            if role is None or role.department or role.of == "organisation":
                return frozenset()
            return frozenset({OFFICE} if role.of == OFFICE else {OFFICE, DEPARTMENT})
        named = {self._bearer.name} if self._bearer.kind == FIELD else set()
        return frozenset({OFFICE, DEPARTMENT, *named})

    def owner(self, state: CaseFacts, moved: Bearer | None = None) -> Owner | None:
        """Return whose calendar it is; None = the policy's own. `moved`: who bears this instance now."""
        found: Owner | None
        if self._kind == OFFICE:
            found = self._offices.get(state.facts.get(OFFICE, ""))
        elif self._kind == DEPARTMENT:
            found = self._departments.get(state.facts.get(DEPARTMENT, ""))
        else:
            found = self._of_bearer(state, moved or self._bearer)
        return found if found is not None and found.calendar else None

    def _of_bearer(self, state: CaseFacts, bearer: Bearer | None) -> Owner | None:
        if bearer is None:
            return None
        if bearer.kind == ROLE:
            return self._of_role(state, bearer.name, state.facts.get(DEPARTMENT))
        if bearer.kind == ACTOR:
            entry = state.log.get(bearer.name)
            if entry is not None:
                return self._of_role(state, entry.role, entry.department or state.facts.get(DEPARTMENT))
            return self._of_role(state, next(iter(self._roles[bearer.name]), ""), state.facts.get(DEPARTMENT))
        named = bearer.name if bearer.kind == DEPARTMENT else state.facts.get(bearer.name)
        if bearer.kind in (FIELD, DEPARTMENT) and isinstance(named, str) and named in self._departments:
            return self._inside(state, named)
        # A person is somebody of the department that has the case, as far as a policy can know.
        return self._inside(state, state.facts.get(DEPARTMENT))

    def _of_role(self, state: CaseFacts, id: str, department: str | None) -> Owner | None:
        role = self._pack.roles.get(id)
        if role is None:
            return None
        if role.department:
            return self._departments.get(role.department)
        if role.of == OFFICE:
            return self._offices.get(state.facts.get(OFFICE, ""))
        return None if role.of == "organisation" else self._inside(state, department)

    def _inside(self, state: CaseFacts, department: str | None) -> Owner | None:
        """Return the department, or where it has no calendar of its own the case's office."""
        found = self._departments.get(department or "")
        if found is not None and found.calendar:
            return found
        return self._offices.get(state.facts.get(OFFICE, ""))
