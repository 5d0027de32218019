"""The check of what complainants read: unworded."""

from __future__ import annotations

from collections.abc import Iterator

from ombud.checks.findings import Finding, finding
from ombud.checks.wording import title_of
from ombud.policy.complainant import shown
from ombud.policy.model.acts import Act
from ombud.policy.model.duties import Duty
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Phase

KINDS = {"phases": Phase, "acts": Act, "duties": Duty}


def check_complainants_words(pack: Pack) -> Iterator[Finding]:
    """Yield what complainants read in the words of staff, once for each kind, where they have pages to read."""
    if not any(channel.is_portal for channel in pack.channels.values()):
        return
    for variant, kind in KINDS.items():
        if lacking := [rule for rule in shown(pack) if isinstance(rule, kind) and not rule.told_as]:
            cites = [ref for rule in lacking if not isinstance(rule, Phase) for ref in rule.cite]
            values = {"titles": [title_of(rule.title, rule.id) for rule in lacking]}
            yield finding("unworded", variant=variant, place=lacking[0].at, clauses=cites, values=values)
