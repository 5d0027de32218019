"""The overseas policy's people: Anna and Ben answer in Berlin under Hans; Zhao routes at headquarters under Tao; Lau
advises on law, Bo plans the brand, Gao is the management and Xiao the general manager's meeting.
"""

from __future__ import annotations

from dataclasses import replace

from django.utils import timezone

from builders import shipped_pack
from cast import Cast, Staff, make_cast
from ombud.engine.model import Actor
from ombud.organisation import changes, training
from ombud.organisation.models import Membership, Office
from ombud.organisation.publishing import publish

POLICY = "overseas-customers"
BERLIN = ("anna", "ben", "hans")
STAFF: Staff = {
    "anna": ("agent", None),
    "ben": ("agent", None),
    "hans": ("head", None),
    "zhao": ("hq_agent", "hq_service"),
    "tao": ("hq_lead", "hq_service"),
    "lau": ("legal", "legal"),
    "bo": ("brand", "brand"),
    "gao": ("management", "management"),
    "xiao": ("gm_meeting", "management"),
}


class Overseas(Cast):
    """The people, each with the actor that they act as."""

    def actor(self, name: str) -> Actor:
        return replace(super().actor(name), office="europe" if name in BERLIN else None)


def make_overseas() -> Overseas:
    """Publish the policy, from today on so that nothing recurring is due yet, and return its staff.

    Ben has not passed the exam.
    """
    now = timezone.now()
    publish(shipped_pack(POLICY), now=now)
    people = make_cast(POLICY, STAFF).people
    office = Office.objects.get(key="europe")
    held = Membership.objects.filter(person__in=[people[name] for name in BERLIN])
    changes.note(held, by=None, now=now, is_gone=True)
    held.update(office=office)
    changes.note(held, by=None, now=now)
    for name in BERLIN:
        people[name].tz = "Europe/Berlin"
        people[name].save()
    for name in ("anna", "hans", "tao"):
        training.record(people[name], POLICY, "handling", passed_on=now.date(), by=people["mo"], now=now)
    return Overseas(people, STAFF)
