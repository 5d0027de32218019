"""Groups: cases that belong to one lead case, each with a life and an answer of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_noop

from ombud.cases import tasks
from ombud.cases.access.kept_out import is_kept_out
from ombud.cases.access.permissions import may_see, permissions_of
from ombud.cases.errors import Refused
from ombud.cases.fold import program_of
from ombud.cases.messages import text
from ombud.cases.models import Case, CaseLink
from ombud.cases.references import normal_reference
from ombud.engine.model import Link, Refusal
from ombud.organisation.staff import people
from ombud.policy.model.procedures import MAIN
from ombud.policy.vocabulary import LEAD_CASE

_UNKNOWN = gettext_noop("There is no such case. Give the reference of the lead case.")
_OTHER = gettext_noop("The lead case must be a complaint under the same policy.")
_ENDED = gettext_noop("The lead case is closed already. Choose one that is still open.")
_ITSELF = gettext_noop("A case cannot be its own lead case.")
_MEMBER = gettext_noop("The case named belongs to a group itself. Join its lead case, {lead}, instead.")
_LEADS = gettext_noop("This case leads a group itself. Let its members join the other lead case first.")
_JOINED = gettext_noop("This case belongs to the group of {lead} already. Let it leave that group first.")
_MEMBER_OF_ANOTHER = gettext_noop("The case named belongs to a group itself. Choose another lead case.")
_JOINED_ANOTHER = gettext_noop("This case belongs to a group already. Let it leave that group first.")
_ALONE = gettext_noop("This case belongs to no group.")


def check_links(case: Case, links: Iterable[Link], *, actor: str) -> None:
    """Raise Refused where a case cannot join the group that an act names, or leave the one that it is in."""
    for link in links:
        present = CaseLink.objects.filter(member=case, until=None).select_related("lead").first()
        problem = _why_not_leave(present) if link.lead is None else _why_not_join(case, link.lead, present, actor)
        if problem is not None:
            code = "group" if link.lead is None else "lead"
            raise Refused([Refusal(code=code, message=problem, field=None if link.lead is None else LEAD_CASE)])


def lock_first(case: Case, act: str, data: Mapping[str, Any]) -> None:
    """Lock the lead case that an act names where it is the older one, before the case itself is locked.

    Whoever locks two cases does so in this order: of two that join each other each would wait for the other.
    """
    plan = program_of(case).procedure.acts.get(act)
    named = data.get(plan.links) if plan is not None and plan.links is not None else None
    if isinstance(named, str):
        list(Case.objects.select_for_update().filter(reference=normal_reference(named), pk__lt=case.pk))


def _why_not_leave(present: CaseLink | None) -> dict[str, str] | None:
    return dict(text(_ALONE)) if present is None else None


def _why_not_join(case: Case, reference: str, present: CaseLink | None, actor: str) -> dict[str, str] | None:
    lead = find_lead(reference, lock=True)
    if lead is None or not _is_seen(lead, actor):
        return dict(text(_UNKNOWN))
    if lead.pk == case.pk:
        return dict(text(_ITSELF))
    if lead.policy != case.policy or lead.procedure != MAIN or case.procedure != MAIN:
        return dict(text(_OTHER))
    if lead.closed_at is not None:
        return dict(text(_ENDED))
    if (above := CaseLink.objects.filter(member=lead, until=None).select_related("lead").first()) is not None:
        return _naming(_MEMBER, _MEMBER_OF_ANOTHER, above.lead, actor)
    if CaseLink.objects.filter(lead=case, until=None).exists():
        return dict(text(_LEADS))
    return _naming(_JOINED, _JOINED_ANOTHER, present.lead, actor) if present is not None else None


def _naming(message: str, otherwise: str, lead: Case, actor: str) -> dict[str, str]:
    """Return the message with the lead case's reference, or the other one to who may not know of it."""
    if not _is_seen(lead, actor):
        return dict(text(otherwise))
    return {tag: words.format(lead=lead) for tag, words in text(message).items()}


def find_lead(reference: str, *, lock: bool = False) -> Case | None:
    """Return the case behind a reference as people type it, or None."""
    known = normal_reference(reference)
    rows = Case.objects.select_for_update() if lock else Case.objects.all()
    return rows.filter(reference=known).first() if known is not None else None


def _is_seen(lead: Case, actor: str) -> bool:
    """Return whether whoever acts may see the lead case: a refusal must not tell that it exists."""
    person = people([actor]).get(actor)
    return person is None or (may_see(lead, permissions_of(person)) and not is_kept_out(lead, person))


def write_members(case: Case, links: Iterable[Link], occurred: dict[int, int], *, now: datetime) -> None:
    """Write the links that a case's new events made or ended, and let the leads count their groups."""
    for link in links:
        at = datetime.fromtimestamp(occurred[link.seq], UTC)
        if link.lead is not None:
            lead = find_lead(link.lead)
            assert lead is not None, "checked before the event was written"
            CaseLink.objects.create(member=case, lead=lead, seq=link.seq, since=at)
        else:
            present = CaseLink.objects.select_related("lead").get(member=case, until=None)
            lead, present.until = present.lead, at
            present.save(update_fields=["until"])
        tasks.ask(tasks.COUNT, lead, f"{case.reference}/{link.seq}", now=now, at=occurred[link.seq])


def size(lead: Case) -> int:
    """Return how many cases belong to a group, the lead case included."""
    return 1 + CaseLink.objects.filter(lead=lead, until=None).count()
