"""The steps of founding, each read from what is there: whoever works in any order, or elsewhere, is believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ombud.correspondence import accounts
from ombud.correspondence.models import Account
from ombud.organisation import company, editions, publishing
from ombud.organisation.models import Membership, Person, Reach
from ombud.project.founding import trials


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step, whether it is done, and where it is done."""

    key: str
    title: str
    about: str
    url: str
    is_done: bool
    said: str = ""  # what is there already


def steps(now: datetime) -> list[Step]:
    """Return the steps in the order in which a newcomer takes them."""
    in_force = publishing.policies_in_force(now=now)
    return [_administrator(), _company(), _policy(len(in_force)), _calendar(), _people(), _channels(), _trial()]


def _administrator() -> Step:
    count = Person.objects.count()
    return Step(
        key="administrator", title=_("Administrator's account"), url=reverse("desk_sessions"), is_done=True,
        about=_("Keep it safe: set up a second factor."),
        said=ngettext("{n} account", "{n} accounts", count).format(n=count),
    )  # fmt: skip


def _company() -> Step:
    shown = company.shown()
    return Step(
        key="company", title=_("The company"), url=reverse("desk_facts"), is_done=bool(shown.names),
        about=_("Name, logo and colour, as complainants see them; address and seal for letters."),
        said=str(company.house()) if shown.names else "",
    )  # fmt: skip


def _policy(count: int) -> Step:
    return Step(
        key="policy", title=_("The policy"), url=reverse("desk_founding_policy"), is_done=bool(count),
        about=_("Choose one that comes with the program, or hand in your own. It is checked and put in force."),
        said=ngettext("{n} policy in force", "{n} policies in force", count).format(n=count) if count else "",
    )  # fmt: skip


def _calendar() -> Step:
    edition = editions.current()
    return Step(
        key="calendar", title=_("Calendar"), url=reverse("desk_calendar"), is_done=edition is not None,
        about=_("The policy brings its working days and time zones. Look at them, and enter what differs here."),
    )  # fmt: skip


def _people() -> Step:
    count = Membership.objects.exclude(policy="").values("person").distinct().count()
    return Step(
        key="people", title=_("People"), url=reverse("desk_founding_people"), is_done=bool(count),
        about=_("Who works under the policy: from a list, or one by one."),
        said=ngettext("{n} person has a role", "{n} people have a role", count).format(n=count) if count else "",
    )  # fmt: skip


def _channels() -> Step:
    is_reached = Account.objects.exclude(key=accounts.INSTALLATIONS).exists() or Reach.objects.exists()
    return Step(
        key="channels", title=_("Channels"), url=reverse("desk_accounts"), is_done=is_reached,
        about=_("A mailbox for complaints and letters; under How to reach us, your telephone numbers and accounts."),
    )  # fmt: skip


def _trial() -> Step:
    return Step(
        key="trial", title=_("A test complaint"), url=reverse("desk_founding_trial"), is_done=trials.was_made(),
        about=_("Tried from its receipt on and taken back whole, so that it is in no figure."),
    )  # fmt: skip
