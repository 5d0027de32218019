"""The shipped policies, read once and checked once in a run: neither a pack nor a report is ever changed."""

from __future__ import annotations

from functools import cache

from ombud.checks import Report, check
from ombud.policy import load
from ombud.policy.model.pack import Pack


@cache
def pack_of(policy: str) -> Pack:
    return load(policy)


@cache
def report_of(policy: str) -> Report:
    """Return what the checks say of a shipped policy without people (with them: `ombud.checks.with_staff`)."""
    return check(pack_of(policy))
