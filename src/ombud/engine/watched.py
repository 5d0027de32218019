"""What four eyes have to look at in a procedure, known when it is compiled."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain
from ombud.policy.model.procedures import Procedure


class Watched:
    """The acts that others must keep apart from or are recused for, and the fields that the former need."""

    __slots__ = ("acts", "fields", "needs", "recused")

    def __init__(self, procedure: Procedure, anew: Mapping[str, Collection[str | None]]) -> None:
        """`anew` holds what each act says anew each time: nobody else can have said it before."""
        rules: tuple[Act | Chain, ...] = (*procedure.acts.values(), *procedure.chains.values())
        self.acts = frozenset(name for rule in rules for name in rule.distinct_from)
        self.recused = frozenset(name for act in procedure.acts.values() for name in act.recuses)
        self.needs = {
            id: tuple(name for name in act.needs if name not in anew[id])
            for id, act in procedure.acts.items()
            if id in self.acts
        }
        self.fields = frozenset(name for names in self.needs.values() for name in names)

    def concerns(self, act: str, resets: str | None) -> bool:
        """Return whether performing an act matters: others keep apart from it, or it may begin a round."""
        if act in self.acts or act in self.recused:
            return True
        return resets is not None and bool(self.acts or self.recused)
