"""The one entrance for new complaints: portal, API, import, and staff who type in a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, gettext_noop, override

from ombud.cases import commands
from ombud.cases.commands import Received
from ombud.cases.errors import NoPolicy, Refused
from ombud.cases.messages import text
from ombud.engine.model import COMPLAINANT_ACTOR, Actor, Refusal
from ombud.organisation import library, offices, publishing
from ombud.organisation.models import CalendarEdition, PolicyVersion
from ombud.policy.vocabulary import CHANNEL, COMPLAINANT, COUNTRY, NAME, OFFICE
from ombud.privacy.models import Complainant
from ombud.texts import code_of
from ombud.worktime.zones import known_zone


def receive(
    policy: str,
    *,
    channel: str,
    language: str,
    time_zone: str = "",
    data: Mapping[str, Any],
    actor: Actor = COMPLAINANT_ACTOR,
    at: datetime,
    now: datetime,
    office: str | None = None,
    source: str | None = None,
    is_history: bool | None = None,
    is_telling: bool = True,
    is_carried: bool = False,
    is_anonymous: bool = False,
    owner: str | None = None,
    along: Callable[[Received], None] | None = None,
    version: PolicyVersion | None = None,
    edition: CalendarEdition | None = None,
    complainant: Complainant | None = None,
) -> Received:
    """Open a case under the version of `policy` in force at `now`; return it with the complainant's secret.

    `office` is the one that it came in at; without, it is that of whoever enters it, else the one that serves the
    complainant's country. The policy's own act may set another. `time_zone` is the complainant's; without, it is that
    of their country where it has one only. `is_carried` says that it came in at an account of ours
    on this channel, where otherwise only staff may say so. `owner` is whose uploads the data may name; `along` is
    called in the transaction that writes the case; `version` and `edition` are those in force, where the caller has
    them; `is_anonymous` says that they name nobody, which is said in their language in place of a name, and refused
    by channels whose complaints must name somebody; `complainant` is as for `commands.receive`.

    Raises NoPolicy, Refused, AttachmentRefused; then nothing was written.
    """
    version = version or publishing.in_force(policy, now=now)
    if version is None:
        raise NoPolicy
    pack = library.pack(version.hash)
    known = pack.channels.get(channel)
    if known is None:
        raise Refused([_refusal(CHANNEL, gettext_noop("The policy knows no such channel."))], data=data)
    if actor.person == COMPLAINANT and not known.is_portal and not is_carried:
        message = gettext_noop("Complaints through this channel are entered by staff.")
        raise Refused([_refusal(CHANNEL, message)], data=data)
    if office is not None and office not in pack.offices:
        raise Refused([_refusal(OFFICE, gettext_noop("The policy knows no such office."))], data=data)
    if is_anonymous and not known.is_anonymous:
        message = gettext_noop("The policy takes no anonymous complaints by this channel.")
        raise Refused([replace(_refusal(NAME, message), clauses=known.cite)], data=data)
    if is_anonymous:
        with override(code_of(language)):
            data = {**data, NAME: gettext("Anonymous")}
    place = office or (actor.office if actor.office in pack.offices else None)
    actor = replace(actor, office=place or offices.of_country(pack, data.get(COUNTRY)))
    return commands.receive(
        version,
        channel=channel,
        language=language,
        time_zone=known_zone(time_zone) or offices.zone_of_country(data.get(COUNTRY), now=now),
        data=data,
        actor=actor,
        at=at,
        now=now,
        source=source,
        is_history=is_history,
        is_telling=is_telling,
        owner=owner,
        along=along,
        edition=edition,
        complainant=complainant,
    )


def _refusal(code: str, message: str) -> Refusal:
    return Refusal(code=code, message=text(message), field=code)
