"""The portal's front page: what can be complained about, through which channels, and what is promised."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ombud.interface.limit_text import hours
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Channel
from ombud.portal import wording
from ombud.portal.pages import FilingRoute, filing_route, filing_routes, moment
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
class ChannelCard:
    """A channel as the front page shows it."""

    channel: Channel
    icon: str
    hours: str
    is_always: bool


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Show the policy in force, let people choose where there are several, or say that there is none."""
    found = filing_routes(now=moment())
    if len(found) == 1:
        return _show(request, found[0])
    return render(request, "portal/choose.html", {"entrances": found})


@require_safe
def policy(request: HttpRequest, policy: str) -> HttpResponse:
    """Show one policy's own front page, to which its website, app or office can link."""
    return _show(request, filing_route(policy, now=moment(), office=request.GET.get("office", "")))


def _show(request: HttpRequest, way: FilingRoute) -> HttpResponse:
    promises = wording.promises(way.pack)[:SHOWN]
    context = {"way": way, "pack": way.pack, "ways": channel_cards(way.pack), "promises": promises}
    return render(request, "portal/start.html", context)


def channel_cards(pack: Pack) -> list[ChannelCard]:
    """Return the channels of a policy with their hours."""
    found = []
    for channel in pack.channels.values():
        spec = pack.calendars.get(channel.hours) if channel.hours else None
        is_always = spec is None or (not spec.seasons and all(windows == WHOLE_DAY for windows in spec.week))
        found.append(ChannelCard(channel, ICONS.get(channel.kind, "inbox"), hours(spec) if spec else "", is_always))
    return found
