"""Where the workbench's navigation leads: one list for the side bar, the phone's bar and the list of keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ombud.organisation.ceiling_gaps import promising
from ombud.policy.model.pack import Pack
from ombud.policy.outsiders import outside_roles
from ombud.workbench import packs


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A page that the navigation leads to."""

    url: str  # the name of its address: `desk_` and what the page calls itself
    label: str | Promise
    icon: str
    key: str = ""  # after g it leads here
    on_phone: str | Promise = ""  # its label in the phone's bar; without one it is not there
    is_for_overseers: bool = (
        False  # not for everybody: page.py says which of them managers, auditors and administrators see
    )
    is_counted: bool = False  # a number may stand beside it

    @property
    def page(self) -> str:
        """Return what the page calls itself."""
        return self.url.removeprefix("desk_")


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Entries under one heading."""

    title: str | Promise = ""
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """A number beside an entry."""

    number: int
    tone: str = ""
    words: str = ""  # shown on hover


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """An entry as one reader sees it on one page."""

    entry: Entry
    is_here: bool
    count: Count | None


GROUPS = (
    Group(
        entries=(
            Entry(
                url="desk_duties",
                label=_("My duties"),
                icon="list-checks",
                key="d",
                on_phone=_("Duties"),
                is_counted=True,
            ),
            Entry(url="desk_inbox", label=_("Inbox"), icon="mails", key="i", is_counted=True),
            Entry(url="desk_register", label=_("Register"), icon="inbox", key="r", on_phone=_("Register")),
            Entry(url="desk_board", label=_("Board"), icon="square-kanban", key="b", on_phone=_("Board")),
            Entry(url="desk_notices", label=_("Notices"), icon="bell", key="n", on_phone=_("Notices"), is_counted=True),
            Entry(url="desk_periodic", label=_("Periodic duties"), icon="repeat", key="e"),
            Entry(url="desk_matters", label=_("Matters"), icon="clipboard-check", key="m"),
        ),
    ),
    Group(
        title=_("What applies"),
        entries=(
            Entry(url="desk_policies", label=_("Policies"), icon="scroll-text", key="p"),
            Entry(url="desk_calendar", label=_("Calendars"), icon="calendar-days", key="c", is_counted=True),
            Entry(url="desk_rates", label=_("Exchange rates"), icon="coins"),
            Entry(url="desk_ceilings", label=_("Promise limits"), icon="hand-coins", is_counted=True),
        ),
    ),
    Group(
        title=_("Figures"),
        entries=(
            Entry(url="desk_overview", label=_("Overview"), icon="layout-dashboard", key="o"),
            Entry(url="desk_compliance", label=_("Clause compliance"), icon="chart-no-axes-combined", key="f"),
            Entry(url="desk_warnings", label=_("Early warnings"), icon="siren", key="w"),
            Entry(url="desk_surveys", label=_("Surveys"), icon="clipboard-list"),
            Entry(url="desk_suggestions", label=_("Suggestions"), icon="lightbulb"),
            Entry(url="desk_opinion", label=_("Opinion watch"), icon="megaphone"),
        ),
    ),
    Group(
        title=_("People and work"),
        entries=(
            Entry(url="desk_authorities", label=_("Authorities and partners"), icon="landmark"),
            Entry(url="desk_referrals", label=_("Work orders"), icon="file-spreadsheet"),
            Entry(url="desk_replies", label=_("Reply templates"), icon="message-square-quote"),
            Entry(url="desk_model_cases", label=_("Model cases"), icon="book-open"),
            Entry(url="desk_rota", label=_("Rota"), icon="alarm-clock", key="s"),
            Entry(url="desk_absences", label=_("Absences"), icon="calendar-off"),
            Entry(url="desk_organisation", label=_("Organisation chart"), icon="network"),
            Entry(url="desk_training", label=_("Training"), icon="graduation-cap"),
            Entry(url="desk_ledgers", label=_("Performance"), icon="award"),
        ),
    ),
    Group(
        title=_("Organisation"),
        entries=(
            Entry(url="desk_founding", label=_("Set-up"), icon="flag", is_for_overseers=True),
            Entry(url="desk_accounts", label=_("Accounts"), icon="mail", is_for_overseers=True),
            Entry(url="desk_connections", label=_("Connections"), icon="plug", is_for_overseers=True),
            Entry(url="desk_tokens", label=_("API tokens"), icon="key-round", is_for_overseers=True),
            Entry(url="desk_facts", label=_("How to reach us"), icon="building-2", is_for_overseers=True),
            Entry(url="desk_people", label=_("People"), icon="users", is_for_overseers=True),
            Entry(url="desk_directories", label=_("Directories"), icon="contact", is_for_overseers=True),
            Entry(url="desk_distribution", label=_("Distribution"), icon="shuffle", is_for_overseers=True),
            Entry(url="desk_sign_in_rules", label=_("Sign-in rules"), icon="lock-keyhole", is_for_overseers=True),
            Entry(url="desk_outbox", label=_("Outbox"), icon="send", is_for_overseers=True),
            Entry(url="desk_keeping", label=_("Keeping"), icon="archive-x", is_for_overseers=True),
            Entry(url="desk_erasures", label=_("Erasures"), icon="eraser", is_for_overseers=True),
            Entry(url="desk_confidential", label=_("Confidential cases"), icon="lock-keyhole", is_for_overseers=True),
            Entry(url="desk_keys", label=_("Keys and backups"), icon="vault", is_for_overseers=True),
            Entry(url="desk_proof", label=_("Proof"), icon="shield-check", is_for_overseers=True),
        ),
    ),
)


def empty_pages(
    known: Iterable[Pack],
    *,
    sees_cases: bool,
    keeps_rates: bool,
    keeps_book: bool,
    has_inbox: bool,
    can_receive: bool,
    sees_warnings: bool,
    plans_rotas: bool,
    owns_policies: bool,
) -> frozenset[str]:
    """Return the pages that would never show anything to who works under these policies.

    `sees_cases`: some case may come to the reader; `keeps_rates`: they enter exchange rates;
    `keeps_book`: they keep, or audit, the address book; `has_inbox`: they answer for what comes in; `can_receive`:
    they may take in a complaint; `sees_warnings`: they see every case of some policy; `plans_rotas`: they
    plan every rota; `owns_policies`: they write the policies.
    """
    known = list(known)
    is_there = {
        "inbox": has_inbox,
        "register": sees_cases,
        "board": sees_cases,
        "overview": sees_cases or owns_policies,
        "compliance": sees_cases,
        "warnings": sees_warnings,
        "opinion": sees_cases,
        "surveys": sees_cases and any(pack.surveys for pack in known),
        "suggestions": sees_cases and any(pack.figures.suggestion for pack in known),
        "replies": sees_cases and bool(known),
        "rota": bool(known) and (sees_cases or plans_rotas),
        "organisation": bool(known),
        "model_cases": sees_cases,
        "matters": sees_cases and bool(packs.matter_kinds(known)),
        "ledgers": sees_cases and any(pack.ledgers for pack in known),
        "periodic": any(pack.periodic for pack in known),
        "training": any(pack.exams or pack.courses for pack in known),
        "referrals": can_receive and keeps_book,
        "authorities": keeps_book and any(outside_roles(pack) for pack in known),
        "ceilings": any(any(promising(pack)) for pack in known),
        "rates": keeps_rates or any(pack.offices for pack in known),
    }
    return frozenset(page for page, there in is_there.items() if not there)


def groups(
    here: str, *, can_oversee: bool, counts: Mapping[str, Count], empty: Collection[str] = ()
) -> list[tuple[str | Promise, list[Place]]]:
    """Return each heading with the places that the reader may go to; `counts` are by page, `empty` are left out."""
    found = [
        (
            group.title,
            [
                Place(entry=entry, is_here=entry.page == here, count=counts.get(entry.page))
                for entry in group.entries
                if (can_oversee or not entry.is_for_overseers) and entry.page not in empty
            ],
        )
        for group in GROUPS
    ]
    return [(title, places) for title, places in found if places]


def counts(
    *, owed: int, overdue: int, unread: int, proposals: int, waiting: int = 0, limits: int = 0
) -> dict[str, Count]:
    """Return what stands beside the entries: duties, unread notices, decisions, messages that wait, where any are."""
    late = gettext("%(n)s overdue") % {"n": overdue} if overdue else ""
    found = {
        "duties": Count(number=owed, tone="bad" if overdue else "", words=late),
        "notices": Count(number=unread, tone="accent"),
        "calendar": Count(number=proposals, tone="accent", words=_decisions(proposals)),
        "ceilings": Count(number=limits, tone="accent", words=_decisions(limits)),
        "inbox": Count(number=waiting),
    }
    return {page: count for page, count in found.items() if count.number}


def _decisions(number: int) -> str:
    return ngettext("%(n)s proposal waits for you", "%(n)s proposals wait for you", number) % {"n": number}
