"""How the names that stand in a rule read: roles, phases, acts and outcomes, fields, duties, by their titles."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ombud.policy.compare.words import WORDS, listed, value
from ombud.policy.event_names import EventName
from ombud.policy.limitwords import fact_title
from ombud.policy.model.duties import Bearer
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.vocabulary import ACTOR, HANDLER, NOBODY
from ombud.texts import Text, same


class Names:
    """The titles of one version, for the rules of one procedure."""

    def __init__(self, pack: Pack, procedure: Procedure | None = None) -> None:
        self.pack, self.procedure = pack, procedure or pack.main

    def role(self, name: str) -> Text:
        role = self.pack.roles.get(name)
        return role.title if role else _fixed(name)

    def phase(self, name: str) -> Text:
        phase = self.procedure.phases.get(name)
        return phase.title if phase else _fixed(name)

    def fact(self, name: str) -> Text:
        return fact_title(name, self.pack)

    def department(self, name: str) -> Text:
        department = self.pack.departments.get(name)
        return department.title if department else same(name)

    def duty(self, name: str) -> Text:
        duty = self.procedure.duties.get(name)
        return duty.title if duty else same(name)

    def owed(self, name: str) -> Text:
        """Return the title of a duty, or of an approval's stage such as `plan.1`."""
        if name in self.procedure.duties:
            return self.procedure.duties[name].title
        chain, stage = self.procedure.chains.get(EventName.of(name).head), EventName.of(name).stage
        if chain is None or stage is None or stage > len(chain.stages):
            return same(name)
        return chain.stages[stage - 1].title or chain.title

    def bearer(self, bearer: Bearer) -> Text:
        """Return who owes a duty."""
        if bearer.kind == "role":
            return self.role(bearer.name)
        if bearer.kind == ACTOR:
            return value("actor", title=self.event(bearer.name))
        if bearer.kind in (HANDLER, NOBODY):
            return value(bearer.kind)
        return self.fact(bearer.name)

    def chain(self, name: str) -> Text:
        chain = self.procedure.chains.get(name)
        return chain.title if chain else same(name)

    def clause(self, name: str) -> Text:
        return same(name)

    def event(self, name: str) -> Text:
        """Return the title of an act, of an outcome such as `answer.accepted`, or of a date that is counted from."""
        head, tail = EventName.of(name)
        if not tail:
            act = self.procedure.acts.get(head)
            return act.title if act else self.chain(head) if head in self.procedure.chains else self._other(head)
        if head in self.procedure.chains:
            return value(tail, title=self.chain(head)) if tail in WORDS.entry("values") else same(name)
        act = self.procedure.acts.get(head)
        if act is None:
            return same(name)
        return value("outcome", title=act.title, value=self.choice(act.choice or "", tail))

    def _other(self, name: str) -> Text:
        return self.fact(name) if name in self.pack.kinds else _fixed(name)

    def choice(self, field: str, name: str) -> Text:
        """Return how a value of a field or a table's output reads."""
        if name in ("true", "false"):
            return value(name)
        known = self.pack.fields.get(field) or self.pack.tables.get(field)
        if known is not None and name in known.of:
            return known.of[name]
        return _fixed(name)


def _fixed(name: str) -> Text:
    """Return a name that every policy has, such as `boss` or `clock`, in words; another as it is."""
    return value(name) if name in WORDS.entry("values") and name not in _SENTENCES else same(name)


_SENTENCES = frozenset({"over", "from", "under", "upto", "row", "pair", "way", "outcome", "before", "after", "tell",
                        "approve", "reject", "approved", "rejected", "extend", "waive", "transfer", "set", "hours",
                        "actor", "any", "none", "comma", "semicolon", "and", "absent"})  # fmt: skip


def each(name: Callable[[str], Text], names: Iterable[str]) -> Text:
    """Return the titles of several names in a row."""
    return listed([name(one) for one in names])
