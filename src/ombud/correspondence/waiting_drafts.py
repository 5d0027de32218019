"""Drafted letters that wait for somebody: those of the cases that they handle, and those that they are to approve."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch

from ombud.cases.access.permissions import Permissions, scoped
from ombud.cases.access.stand_ins import StandIn, lending_each
from ombud.correspondence import letter_versions
from ombud.correspondence.models import LetterVersion, Message
from ombud.policy.model.records import Document

MOST = 50  # that a page shows


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingDraft:
    """A draft that waits for the reader."""

    message: Message
    document: Document
    is_to_approve: bool


def waiting(permissions: Permissions) -> list[WaitingDraft]:
    """Return what waits for somebody, oldest first; two queries where there is any, one where there is none.

    A draft of a case that nobody has taken waits for all who see the case.
    """
    seen = scoped(permissions, is_leading=False).filter(pk=OuterRef("case"))
    rows = Message.objects.filter(Exists(seen), state=Message.State.DRAFTED).select_related("case", "case__handler")
    versions = Prefetch("versions", LetterVersion.objects.order_by("-number"))
    found = list(rows.prefetch_related(versions).order_by("send_at", "id")[: 4 * MOST])
    lent = lending_each(permissions.stand_ins, (row.case for row in found if row.case is not None))
    lines = (_line(row, permissions, lent.get(row.case_id or 0, ())) for row in found)
    return [line for line in lines if line is not None][:MOST]


def _line(row: Message, permissions: Permissions, lent: tuple[StandIn, ...]) -> WaitingDraft | None:
    document, case = letter_versions.document_of(row), row.case
    if document is None or case is None or permissions.is_masked(case.policy):
        return None
    held = permissions.policies.get(case.policy)
    actors = [*(held.actors if held else ()), *(actor for each in lent for actor in each.held.actors)]
    roles = {actor.role for actor in actors}
    is_handed_in = letter_versions.is_handed_in(row.versions.all()[0])
    is_to_approve = is_handed_in and document.approve in roles
    handlers = (None, permissions.person.pk, *(each.absent for each in lent))
    is_own = case.handler_id in handlers and bool(roles) and not is_handed_in
    return (
        WaitingDraft(message=row, document=document, is_to_approve=is_to_approve) if is_to_approve or is_own else None
    )
