"""In which of their roles a token's person acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext_noop

from ombud.cases.access.case_access import Accessed
from ombud.cases.errors import Forbidden, Refused
from ombud.cases.messages import text
from ombud.cases.reading import queries
from ombud.engine.model import Actor, Refusal
from ombud.organisation.staff import Holdings
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import RECEIVE

_NOT_HELD = gettext_noop("You do not hold this role for this case.")


def for_filing(holdings: Holdings, pack: Pack, wanted: str | None) -> Actor:
    """Return whoever holds these in the role in which they enter a complaint: the one asked for, else one that may.

    Raises Forbidden where they hold none under the policy, Refused where they do not hold the one asked for.
    """
    held = [each.actor(pack) for each in holdings.get(pack.id, ()) if each.role in pack.roles]
    if not held:
        raise Forbidden
    if wanted is not None:
        return _named(held, wanted)[0]
    first = pack.main.acts[RECEIVE].by
    return next((actor for actor in held if actor.role in first), held[0])


def for_act(found: Accessed, act: str, wanted: str | None, *, now: datetime) -> Actor:
    """Return the actor for an act: the one that the offers name, among the roles asked for."""
    if wanted is not None:
        found = replace(found, actors=tuple(_named(list(found.actors), wanted)))
    if len(found.actors) == 1:
        return found.actors[0]
    # Of several roles the one in which the least stands in the way.
    offered = (actor for offer, actor in queries.offers(found, now=now) if offer.act == act)
    return next(offered, found.actors[0])


def _named(held: list[Actor], role: str) -> list[Actor]:
    found = [actor for actor in held if actor.role == role]
    if not found:
        raise Refused([Refusal(code="role", message=text(_NOT_HELD))])
    return found
