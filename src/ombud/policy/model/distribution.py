"""Who gets a complaint that comes in, where the policy itself says so."""

from __future__ import annotations

from dataclasses import dataclass

from ombud.policy.model.guards import Guard
from ombud.policy.model.source import Place
from ombud.policy.vocabulary import LANGUAGE, NOBODY
from ombud.texts import Text

#: How one of a role's people is chosen.
IN_TURN, BY_LOAD, BY_SKILL = "rotation", "load", "skill"
WAYS = (IN_TURN, BY_LOAD, BY_SKILL)
#: What `skill` may ask for; whoever has them is entered with the people.
CATEGORY = "category"
SKILLS = (LANGUAGE, CATEGORY)
#: Where nobody fits, beside another role: whoever comes nearest, or nobody.
ANYBODY = "anybody"


@dataclass(frozen=True, kw_only=True, slots=True)
class DistributionRule:
    """What a role owes on a complaint is given to one of those who hold it; the first rule that holds decides."""

    id: str
    title: Text
    role: str
    where: Guard | None = None
    way: str  # one of WAYS
    skills: tuple[str, ...] = ()
    otherwise: str = NOBODY  # ANYBODY, NOBODY, or the role whose people get it where nobody of the first one can
    cite: tuple[str, ...] = ()
    at: Place

    @property
    def roles(self) -> tuple[str, ...]:
        """Return whose people may get a case, in this order."""
        return (self.role,) if self.otherwise in (ANYBODY, NOBODY) else (self.role, self.otherwise)

    @property
    def is_strict(self) -> bool:
        """Return whether only those get a case who have every skill that it asks for."""
        return self.way == BY_SKILL and self.otherwise != ANYBODY
