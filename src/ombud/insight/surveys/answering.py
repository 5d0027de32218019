"""Taking answers down: once for each invitation, changed as often as somebody likes until it closes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from ombud.insight.surveys.models import Answer, Invitation
from ombud.insight.surveys.wording import vault_of
from ombud.organisation import library
from ombud.policy.model.pack import Pack
from ombud.policy.model.surveys import Survey

OPEN = (Invitation.State.ASKED, Invitation.State.ANSWERED, Invitation.State.UNREACHABLE)  # a mail may come late


class Over(Exception):
    """It can be answered no more: its time is over, or the complainant was erased."""


def pack_of(row: Invitation) -> Pack:
    """Return the policy as it asked; the row has its version at hand."""
    return library.pack(row.version.hash)


def survey_of(row: Invitation) -> Survey | None:
    """Return the survey as it was asked."""
    return pack_of(row).surveys.get(row.survey)


def found(pk: int) -> Invitation | None:
    """Return an invitation with what answering it needs; the link that asks for it was looked at before."""
    rows = Invitation.objects.select_related("version", "case__complainant", "case__office")
    return rows.filter(pk=pk).first()


def is_open(row: Invitation, *, now: datetime) -> bool:
    """Return whether it can still be answered."""
    return row.state in OPEN and now < row.until and not vault_of(row).is_erased


@transaction.atomic
def answer(
    row: Invitation, survey: Survey, chosen: Mapping[str, str], words: Mapping[str, str], *, now: datetime
) -> None:
    """Keep the answers in the place of any before: what was chosen, and free words. Raises Over.

    A bad answer waits for its act, once for the case: a second thought takes nothing back that was begun.
    """
    fresh = Invitation.objects.select_for_update(of=("self",)).select_related("case__complainant").get(pk=row.pk)
    if not is_open(fresh, now=now):
        raise Over
    vault = vault_of(fresh)
    fresh.answers.all().delete()
    Answer.objects.bulk_create(
        Answer(invitation=fresh, question=question, value=value) for question, value in chosen.items()
    )
    fresh.sealed = {question: vault.seal(0, question, said) for question, said in words.items() if said}
    fresh.state, fresh.remind_at, fresh.changed_at = Invitation.State.ANSWERED, None, now
    fresh.answered_at = fresh.answered_at or now
    if survey.is_bad(chosen) and fresh.act == Invitation.Act.NONE:
        fresh.act = Invitation.Act.WAITS
    fresh.save(update_fields=["sealed", "state", "remind_at", "changed_at", "answered_at", "act"])
