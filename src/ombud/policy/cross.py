"""How the rules of a pack fit together: mistakes that no entry shows by itself."""

from __future__ import annotations

from ombud.policy.model import Pack
from ombud.policy.scope import Scope


def check(pack: Pack, scope: Scope) -> None:
    """Add what does not fit to the scope's problems."""
