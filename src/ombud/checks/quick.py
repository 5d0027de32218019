"""The checks that are done while somebody types, and while nobody has come to do them all."""

from __future__ import annotations

from collections.abc import Sequence

from ombud.checks import QUICK, are_ways_known, findings
from ombud.checks.excerpts import Excerpts
from ombud.checks.findings import Report, answered, ordered
from ombud.checks.rules.calendars import check_calendars
from ombud.checks.rules.four_eyes import check_four_eyes
from ombud.checks.scenarios import check_scenarios
from ombud.policy.model.pack import Pack, Scenario

UNUSED = "unused-explanation"  # it may answer a check that is not done here


def check_quickly(pack: Pack, scenarios: Sequence[Scenario] = ()) -> Report:
    """Return what the quick checks find, and how the given scenarios differ from what they expect."""
    # Calendars are laid out for years: not while somebody types.
    found = [each for run in QUICK if run is not check_calendars for each in run(pack)]
    found += check_scenarios(pack, scenarios)
    known = [each for each in answered(found, pack.explanations) if each.code != UNUSED]
    return Report(policy=pack.id, version=pack.version, findings=ordered(known))


def check_typed(pack: Pack, scenarios: Sequence[Scenario], *, whole: bool) -> tuple[Report, bool]:
    """Return what is found in a text that is being typed, and whether that is all; only what it touches is done anew.

    Walking all ways of a case takes longest. Where an edit has changed them they are left out, unless the `whole` is
    wanted.
    """
    excerpts = Excerpts(pack)
    is_all = whole or are_ways_known(excerpts)
    found = [*findings(pack, scenarios, excerpts=excerpts, only_known_ways=not is_all), *check_four_eyes(pack, None, 0)]
    known = [each for each in answered(found, pack.explanations) if is_all or each.code != UNUSED]
    return Report(policy=pack.id, version=pack.version, findings=ordered(known)), is_all
