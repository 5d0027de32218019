"""The portal's front page: what can be complained about, through which channels, and what is promised."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from ombud.correspondence import accounts
from ombud.interface.limit_text import hours
from ombud.interface.qr import qr
from ombud.organisation import company
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Channel
from ombud.portal import wording
from ombud.portal.pages import FilingRoute, filing_route, filing_routes, moment
from ombud.portal.requests import speak_of
from ombud.portal.wording import Promise
from ombud.worktime import WHOLE_DAY

ICONS = {
    "phone": "phone",
    "web": "globe",
    "store": "store",
    "social": "message-circle",
    "email": "mail",
    "letter": "mailbox",
}
LIMITS = 2  # of a way in: what is said and done first
SHOWN = 6  # promises on the front page; a receipt lists those of its case


@dataclass(frozen=True, slots=True)
class ChannelCard:
    """A channel as the front page shows it."""

    channel: Channel
    icon: str
    hours: str
    is_always: bool
    address: str = ""  # of the mailbox that takes it in, or the number at which it is taken in
    reach: str = ""  # in the company's own words
    page: str = ""  # that it leads to, also as a picture for cameras
    limits: tuple[Promise, ...] = ()  # how fast it is answered

    @property
    def picture(self) -> SafeString | str:
        """Return the page that it leads to as a QR code."""
        return qr(self.page) if self.page else ""

    @property
    def link(self) -> str:
        """Return what opens mail, or calls."""
        scheme, address = ("mailto", self.address) if "@" in self.address else ("tel", "".join(self.address.split()))
        return f"{scheme}:{quote(address, safe='@+')}"


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Show the policy in force, let people choose where there are several, or say that there is none."""
    found = filing_routes(now=moment())
    if len(found) == 1:
        return _show(request, found[0])
    return render(request, "portal/choose.html", {"entrances": found})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show the company's privacy notice in the nearest language that it has; 404 where there is none."""
    house = company.house()
    if not house.notice:
        raise Http404
    return render(request, "portal/privacy.html", {"house": house})


@require_safe
def policy(request: HttpRequest, policy: str) -> HttpResponse:
    """Show one policy's own front page, to which its website, app or office can link."""
    return _show(request, filing_route(policy, now=moment(), office=request.GET.get("office", "")))


def _show(request: HttpRequest, way: FilingRoute) -> HttpResponse:
    speak_of(way.pack)
    promises = wording.promises(way.pack)[:SHOWN]
    context = {
        "way": way,
        "pack": way.pack,
        "ways": channel_cards(way.pack),
        "promises": promises,
        "house": company.house(),
    }
    return render(request, "portal/start.html", context)


def channel_cards(pack: Pack) -> list[ChannelCard]:
    """Return the channels of a policy with their hours, and with the mailboxes that take complaints in."""
    addresses, facts = accounts.addresses_of(pack.id), company.of_policy(pack.id)
    found = []
    for channel in pack.channels.values():
        spec = pack.calendars.get(channel.hours) if channel.hours else None
        is_always = spec is None or (not spec.seasons and all(windows == WHOLE_DAY for windows in spec.week))
        fact = facts.get(channel.id)
        found.append(
            ChannelCard(
                channel=channel,
                icon=ICONS.get(channel.kind, "inbox"),
                hours=hours(spec) if spec else "",
                is_always=is_always,
                address=addresses.get(channel.id, ""),
                reach=company.said(channel, facts),
                page=fact.link if fact is not None else "",
                limits=wording.at_first(pack, channel.id)[:LIMITS],
            )
        )
    return found
