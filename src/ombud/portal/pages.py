"""What the portal's views share: the policies in force with a way in for complainants, the case's cookie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache

from ombud.cases.access.case_access import READ, Accessed, Grant, access_case, grant_from
from ombud.cases.errors import NoSuchCase
from ombud.cases.references import normal_reference
from ombud.correspondence.models import PartnerLink
from ombud.interface.browser_zone import browser_zone
from ombud.organisation import publishing
from ombud.organisation.library import pack as load_pack
from ombud.organisation.offices import zone_of_case
from ombud.organisation.publishing import policies_in_force
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Channel, Office
from ombud.policy.vocabulary import CHANNEL, LANGUAGE
from ombud.portal.requests import speak_of
from ombud.worktime.zones import known_zone

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
COOKIE = "ombud_case_"
MOST = 20  # complaints of one browser that are listed
KEPT = 180 * 24 * 3600  # seconds, where somebody asked for it
RESERVED = frozenset({CHANNEL, LANGUAGE})  # fields that the edge fills in


@dataclass(frozen=True, slots=True)
class FilingRoute:
    """A policy under which complainants may file, and the channel that they file through."""

    pack: Pack
    channel: Channel
    office: Office | None = None  # the one whose link was followed
    is_one_of_several: bool = False
    through: PartnerLink | None = None  # the partner's link that was followed


def filing_routes(*, now: datetime) -> list[FilingRoute]:
    """Return every policy in force that lets complainants file by themselves."""
    found = []
    for version in policies_in_force(now=now):
        pack = load_pack(version.hash)
        channel = next((each for each in pack.channels.values() if each.is_portal), None)
        if channel is not None:
            found.append(FilingRoute(pack, channel))
    return found


def filing_route(policy: str, *, now: datetime, channel: str = "", office: str = "") -> FilingRoute:
    """Return the policy's entrance through one of its channels (by default the first that complainants may use).

    Links that name a channel or an office lead there; 404 where the policy has no such thing.
    """
    several = filing_routes(now=now)
    for found in several:
        if found.pack.id != policy:
            continue
        chosen = found.pack.channels.get(channel) if channel else found.channel
        if chosen is None or not chosen.is_portal or (office and office not in found.pack.offices):
            break
        speak_of(found.pack)
        return FilingRoute(found.pack, chosen, found.pack.offices.get(office), len(several) > 1)
    raise Http404


def partner_route(link: PartnerLink, *, now: datetime) -> FilingRoute:
    """Return the way in that a partner's link opens: its channel and office, asked as on the portal's own channel.

    404 where the policy is in force no longer, or has no such channel.
    """
    version = publishing.in_force(link.policy, now=now)
    pack = load_pack(version.hash) if version is not None else None
    if pack is None or link.channel not in pack.channels:
        raise Http404
    channel = pack.channels[link.channel]
    own = next((each.form for each in pack.channels.values() if each.is_portal), ())
    channel = channel if channel.form else replace(channel, form=own)
    office = pack.offices.get(link.office.key) if link.office is not None else None
    speak_of(pack)
    return FilingRoute(pack, channel, office, len(filing_routes(now=now)) > 1, link)


def private(
    view: Callable[Concatenate[HttpRequest, P], R],
) -> Callable[Concatenate[HttpRequest, P], R]:
    """Keep the page out of every cache: it holds what somebody told in confidence."""

    @wraps(view)
    def handle(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return never_cache(handle)


def remember(response: HttpResponse, grant: Grant, *, is_kept: bool = False) -> None:
    """Give the browser the cookie that opens this case, and only under /track/: until it is closed, or kept."""
    response.set_cookie(
        COOKIE + grant.reference,
        grant.token,
        max_age=KEPT if is_kept else None,
        path="/track/",
        secure=settings.IS_SECURE,
        httponly=True,
        samesite="Lax",
    )


def granted(request: HttpRequest, reference: str) -> Grant | None:
    """Return what the browser's cookie proves for this case, if it has one."""
    token = request.COOKIES.get(COOKIE + reference)
    if token is None:
        return None
    try:
        grant = grant_from(token)
    except NoSuchCase:
        return None
    return grant if grant.reference == reference else None


def accessed(request: HttpRequest, reference: str, action: str = READ) -> Accessed | None:
    """Return the complainant's view of a case, or None where the secret is still to be given."""
    found = _accessed(request, reference, action)
    if found is not None:
        speak_of(found.state.program.pack)
    if found is not None and not browser_zone(request):
        timezone.activate(reader_zone(found))  # until the request ends
    return found


def reader_zone(found: Accessed) -> ZoneInfo:
    """Return by which clock a case's pages tell its complainant the time where their browser does not say: by that of
    the complaint, else by the office's."""
    own = known_zone(found.case.time_zone)
    return ZoneInfo(own) if own else zone_of_case(found.state.program.pack, found.state.office)


def _accessed(request: HttpRequest, reference: str, action: str = READ) -> Accessed | None:
    known = normal_reference(reference)
    grant = granted(request, known) if known else None
    if grant is None or known is None:
        return None
    try:
        return access_case(grant, known, action)
    except NoSuchCase:
        return None


def granted_cases(request: HttpRequest) -> list[Accessed]:
    """Return the cases that this browser may open, the newest first."""
    named = [name.removeprefix(COOKIE) for name in request.COOKIES if name.startswith(COOKIE)]
    found = [each for reference in named[:MOST] if (each := _accessed(request, reference)) is not None]
    return sorted(found, key=lambda each: each.case.received_at, reverse=True)


def moment() -> datetime:
    """Return the instant that a request works with; read once, at its edge."""
    return timezone.now()
