"""Two versions of a policy beside each other: what changed, clause by clause, in the policy's own words."""

from ombud.policy.compare.comparing import compare
from ombud.policy.compare.model import Change, ClauseChange, Comparison, Detail, Side
from ombud.policy.compare.words import say

__all__ = ["Change", "ClauseChange", "Comparison", "Detail", "Side", "compare", "say"]
