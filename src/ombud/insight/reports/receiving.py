"""Whom an issued report goes to: who is mailed it, and who cannot be, why not and what they get instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ombud.cases.access.permissions import permissions_of, scoped
from ombud.cases.models import Case
from ombud.correspondence import accounts
from ombud.insight.reports.models import Report
from ombud.notices.alerts import asking
from ombud.notices.carrying import Readers
from ombud.notices.models import Notice
from ombud.organisation.models import Person
from ombud.policy.model.reports import Report as Wanted


class Why(Enum):
    """Why somebody cannot be mailed a report."""

    NO_ADDRESS = "no-address"
    NO_ACCOUNT = "no-account"


WORDS: dict[Why, str | Promise] = {
    Why.NO_ADDRESS: _("no e-mail address is known"),
    Why.NO_ACCOUNT: _("no mailbox sends for this policy"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Somebody whom the policy sends a report."""

    role: str
    person: Person
    why_not: Why | None  # None: they are mailed it


@dataclass(frozen=True, kw_only=True, slots=True)
class NotMailed:
    """Somebody who is not mailed it."""

    person: Person
    why: str | Promise
    is_told: bool  # in the desk, as far as the matter is theirs to see


def readers_of(case: Case, wanted: Wanted) -> list[Reader]:
    """Return whom the report goes to as things stand, nobody twice."""
    holding = Readers()
    roles = {person.pk: (role, person) for role in wanted.sent_to for person in holding.holding(case, role)}
    return [Reader(role=role, person=person, why_not=_why_not(case, person)) for role, person in roles.values()]


def _why_not(case: Case, person: Person) -> Why | None:
    if not person.email:
        return Why.NO_ADDRESS
    return None if accounts.speaking(case, person.email) is not None else Why.NO_ACCOUNT


def not_mailed(report: Report, wanted: Wanted) -> list[NotMailed]:
    """Return who was not mailed the report; of one that did not go out yet, who would not be as things stand."""
    if report.sent_at is not None:
        known = {pk: Why(why) for pk, why in report.not_mailed}
        people = [(person, known[person.pk]) for person in Person.objects.filter(pk__in=known).order_by("pk")]
    else:
        people = [(each.person, each.why_not) for each in readers_of(report.case, wanted) if each.why_not is not None]
    return [NotMailed(person=person, why=WORDS[why], is_told=_sees(person, report.case)) for person, why in people]


def _sees(person: Person, case: Case) -> bool:
    return scoped(permissions_of(person)).filter(pk=case.pk).exists()


def tell(report: Report, not_mailed: Sequence[Person], *, issued_by: Person | None, now: datetime) -> None:
    """Tell those who cannot be mailed in the desk that the report is there, and whoever issued it that they cannot."""
    kinds = {person: Notice.Kind.REPORT for person in not_mailed}
    if not_mailed and issued_by is not None:
        kinds.setdefault(issued_by, Notice.Kind.NOT_MAILED)
    asking.tell(
        [
            Notice(
                person=person, case=report.case, kind=kind, act=report.act, at=now,
                dedupe=f"{kind}/{report.pk}/{report.handed_in_seq}/{person.pk}",
            )
            for person, kind in kinds.items()
        ],
        now=now,
    )  # fmt: skip
