"""Change each number, role, phase and calendar of a policy, and see whether any of its scenarios notices."""

from __future__ import annotations

from ombud.checks.mutation.changes import mutants
from ombud.checks.mutation.mutant import Mutant
from ombud.checks.mutation.trial import Score, mutate

__all__ = ["Mutant", "Score", "mutants", "mutate"]
