"""Whom a message on a case may go to: its complainant, or a role outside that the case itself has an address of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.utils import timezone

from ombud.cases.access.case_access import Accessed
from ombud.correspondence import accounts, reaching
from ombud.correspondence.reaching import NOWHERE
from ombud.engine.addresses import address_of
from ombud.notices import addressing
from ombud.organisation.models import words
from ombud.policy.outsiders import addressed
from ombud.policy.vocabulary import COMPLAINANT
from ombud.workbench import packs

ASKED, WAY = "to", "way"  # the fields that choose whom, and where they are written to


@dataclass(frozen=True, kw_only=True, slots=True)
class Receiver:
    """Somebody outside; without an address nothing can be sent to them."""

    role: str
    title: str
    name: str
    address: str
    passed_over: tuple[str, ...] = ()  # accounts that they would rather be told through, and may not now
    ways: tuple[Way, ...] = ()  # to the complainant, the one that is taken unless another is chosen first


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One way to the complainant that an account of ours can take now."""

    name: str
    address: str
    account: str

    @property
    def shown(self) -> str:
        """Return the address as people know it."""
        return self.address.rpartition(":")[2]


def of(accessed: Accessed) -> list[Receiver]:
    """Return whom a message on the case may go to, its complainant first."""
    pack, state = packs.pack_of(accessed.case), accessed.state
    ways = reaching.complainant(accessed.case, state, now=timezone.now())
    reach = next(iter(ways), NOWHERE)
    speaking = [(each, accounts.speaking(accessed.case, each.address)) for each in ways]
    open_ways = tuple(Way(name=r.name, address=r.address, account=str(a)) for r, a in speaking if a is not None)
    complainant = _receiver(accessed, COMPLAINANT, (reach.name, reach.address), reach.passed_over)
    found = [replace(complainant, ways=open_ways)]
    for role in addressed(pack):
        own = address_of(state, role)
        if addressing.is_named(own):
            found.append(_receiver(accessed, role, next(iter(addressing.outsider_of(own)), ("", ""))))
    return found


def chosen(request: HttpRequest, accessed: Accessed) -> Receiver:
    """Return who was chosen, and by which way; the complainant where nobody was, or whom the case does not name.

    A way that has closed meanwhile, or was never one, gives way to the first.
    """
    asked, known = request.POST.get(ASKED) or request.GET.get(ASKED), of(accessed)
    found = next((each for each in known if each.role == asked), known[0])
    way = next((each for each in found.ways if each.address == request.POST.get(WAY)), None)
    return found if way is None else replace(found, name=way.name, address=way.address)


def _receiver(
    accessed: Accessed, role: str, mailed: addressing.Receiver, passed_over: tuple[str, ...] = ()
) -> Receiver:
    name, address = mailed
    title = words(dict(packs.pack_of(accessed.case).roles[role].title))
    return Receiver(role=role, title=title, name=name, address=address, passed_over=passed_over)
