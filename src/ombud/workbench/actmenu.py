"""The acts that do not move a case on, in the groups of their menu: what adds, what changes, what ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from ombud.engine.model import AvailableAct
from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack
from ombud.policy.procedure import STAY, destinations
from ombud.policy.vocabulary import EVIDENCE, MISSING, REASON, REMARK

FRESH = frozenset({REASON, REMARK, MISSING, EVIDENCE})  # fields that are said anew each time


def only_adds(act: Act | None) -> bool:
    """Return whether an act adds to what is known and touches nothing else, so that two of them never conflict."""
    if act is None or not {*act.needs, *act.may} <= FRESH or set(destinations(act)) - {STAY}:
        return False
    more = (act.choice, act.sets, act.starts, act.resets, act.affects, act.opens, act.links, act.unlinks, act.spreads)
    return not any((*more, act.recuses, act.records, act.awaits))


def groups(
    offers: Iterable[AvailableAct], acts: Mapping[str, Act], pack: Pack, procedure: str
) -> list[tuple[str, list[AvailableAct]]]:
    """Return the acts under the heading of each group; groups without any are left out."""
    phases = pack.procedures[procedure].phases
    adding, changing, ending = [], [], []
    for offer in offers:
        act = acts.get(offer.act)
        targets = set(destinations(act)) - {STAY} if act else set()
        if only_adds(act):
            adding.append(offer)
        elif targets and all(target in phases and phases[target].is_end for target in targets):
            ending.append(offer)
        else:
            changing.append(offer)
    titled = ((_("Add"), adding), (_("Change"), changing), (_("End"), ending))
    return [(title, found) for title, found in titled if found]
