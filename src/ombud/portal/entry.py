"""The portal's front page: what can be complained about, through which channels, and what is promised."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ombud.cases.limitwords import hours
from ombud.policy.model import Channel, Pack
from ombud.portal import wording
from ombud.portal.pages import entrances, moment
from ombud.worktime import WHOLE_DAY

ICONS = {
    "phone": "phone",
    "web": "globe",
    "store": "store",
    "social": "message-circle",
    "email": "mail",
    "letter": "mailbox",
}
SHOWN = 6  # promises on the front page; a receipt lists those of its case


@dataclass(frozen=True, slots=True)
class WayIn:
    """A channel as the front page shows it."""

    channel: Channel
    icon: str
    hours: str
    is_always: bool


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Show the policies in force, or say that none is."""
    found = []
    for way in entrances(now=moment()):
        promises = wording.promises(way.pack)[:SHOWN]
        found.append({"pack": way.pack, "channel": way.channel, "ways": ways_in(way.pack), "promises": promises})
    return render(request, "portal/start.html", {"entrances": found})


def ways_in(pack: Pack) -> list[WayIn]:
    """Return the channels of a policy with their hours."""
    found = []
    for channel in pack.channels.values():
        spec = pack.calendars.get(channel.hours) if channel.hours else None
        is_always = spec is None or all(windows == WHOLE_DAY for windows in spec.week)
        found.append(WayIn(channel, ICONS.get(channel.kind, "inbox"), hours(spec) if spec else "", is_always))
    return found
