"""Changing what is known of working days takes two people: one proposes it, a manager who is another one decides."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from ombud.organisation import editions
from ombud.organisation.editions import RENEWED, Proposal
from ombud.organisation.models import MANAGER, POLICY_OWNER, CalendarEdition, CalendarProposal, Membership, Person
from ombud.organisation.staff import managers
from ombud.policy.plain_text import plain
from ombud.worktime import Announcement

Verdict = CalendarProposal.Verdict
LATEST = 5  # decided ones that are shown


class DecisionError(Exception):
    """A change of working days cannot be proposed or decided on like this; the message says why, and what to do."""


def can_propose(person: Person) -> bool:
    """Return whether the person proposes changes: a manager, or the policy owner."""
    return Membership.objects.filter(person=person, policy="", role__in=(MANAGER, POLICY_OWNER)).exists()


def can_decide(person: Person) -> bool:
    """Return whether the person decides on what somebody else proposed: a manager."""
    return managers().filter(pk=person.pk).exists()


def is_alone(person: Person) -> bool:
    """Return whether nobody else could decide on what the person proposes."""
    return not managers().exclude(pk=person.pk).exists()


def suggest(proposal: Proposal, *, notice: Announcement | None = None, by: Person, now: datetime) -> CalendarProposal:
    """Return the proposal as it waits for a manager. Raises DecisionError."""
    _need(can_propose(by), _("Only a manager or the policy owner proposes changes of working days."))
    content = notice.to_data() if notice else None
    with transaction.atomic():
        same = CalendarProposal.objects.filter(decided_at=None, source=proposal.source, undoes=proposal.undoes)
        is_there = any(row.notice == content for row in same.select_for_update())
        _need(not is_there, _("Somebody has proposed this already; it waits for a decision."))
        return CalendarProposal.objects.create(
            notice=content, undoes=proposal.undoes, source=proposal.source, proposed_by=by, proposed_at=now
        )


def notice_of(row: CalendarProposal) -> Announcement | None:
    """Return the notice that a proposal brings."""
    return Announcement.from_data(row.notice) if row.notice else None


def effect_of(row: CalendarProposal) -> Proposal:
    """Return what a proposal would do now. Raises DecisionError where it would do nothing any more."""
    if notice := notice_of(row):
        return editions.propose(notice)
    if row.undoes is None and row.source == RENEWED:
        found = editions.propose_renewal()
    else:
        assert row.undoes is not None, "neither a notice nor newer packages"
        found = editions.propose_undo(row.undoes) if editions.can_undo(row.undoes) else None
    if found is None:
        raise DecisionError(_("This would change nothing any more. Decline it, or take it back."))
    return found


def approve(row: CalendarProposal, *, token: str, by: Person, now: datetime) -> CalendarEdition | None:
    """Put a proposal in force and return the edition; None where it is not what `token` stands for any more.

    Raises DecisionError.
    """
    with transaction.atomic():
        row = _to_decide(row, by)
        _need(row.proposed_by_id != by.pk, _("Nobody puts in force what they proposed. Another manager decides."))
        proposal = effect_of(row)
        if proposal.token != token:
            return None
        row.edition = editions.enter(proposal, now=now, by=by)
        _decide(row, Verdict.ENTERED, by, now)
    return row.edition


def decline(row: CalendarProposal, *, because: str, by: Person, now: datetime) -> None:
    """Let things be as they are, for a reason; who proposed it takes it back so. Raises DecisionError."""
    because = plain(because)
    with transaction.atomic():
        row = _to_decide(row, by)
        is_own = row.proposed_by_id == by.pk
        _need(is_own or bool(because), _("Say why this is declined."))
        row.reason = because[:500]
        _decide(row, Verdict.WITHDRAWN if is_own else Verdict.DECLINED, by, now)


def waiting() -> list[CalendarProposal]:
    """Return what waits for a decision, oldest first."""
    return list(CalendarProposal.objects.filter(decided_at=None).select_related("proposed_by").order_by("id"))


def decided() -> list[CalendarProposal]:
    """Return what was decided lately, newest first."""
    rows = CalendarProposal.objects.exclude(decided_at=None).select_related("proposed_by", "decided_by")
    return list(rows.order_by("-decided_at", "-id")[:LATEST])


def waiting_for(manager: Person) -> int:
    """Return how many proposals of others wait for a manager."""
    return CalendarProposal.objects.filter(decided_at=None).exclude(proposed_by=manager).count()


def _to_decide(row: CalendarProposal, by: Person) -> CalendarProposal:
    row = CalendarProposal.objects.select_for_update(of=("self",)).select_related("undoes").get(pk=row.pk)
    _need(row.decided_at is None, _("It was decided meanwhile."))
    _need(row.proposed_by_id == by.pk or can_decide(by), _("Only a manager decides on changes of working days."))
    return row


def _decide(row: CalendarProposal, verdict: CalendarProposal.Verdict, by: Person, now: datetime) -> None:
    row.verdict, row.decided_by, row.decided_at = verdict, by, now
    row.save(update_fields=["verdict", "reason", "decided_by", "decided_at", "edition"])


def _need(holds: bool, why: str) -> None:
    if not holds:
        raise DecisionError(why)
