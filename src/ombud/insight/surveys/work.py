"""What the clock does about surveys beside its ticks: asks, reminds once, and performs what bad answers lead to."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from ombud.cases import outbox
from ombud.cases.commands import perform
from ombud.cases.errors import Refused
from ombud.cases.fold import folded
from ombud.correspondence import invitations
from ombud.correspondence.models import Message
from ombud.engine.model import CLOCK_ACTOR
from ombud.insight.surveys import choosing
from ombud.insight.surveys.answering import survey_of
from ombud.insight.surveys.inviting import remind
from ombud.insight.surveys.models import Invitation
from ombud.insight.surveys.wording import said

log = logging.getLogger(__name__)

BATCH = 200
LATELY = timedelta(days=1)
Act, State = Invitation.Act, Invitation.State


def run(*, now: datetime) -> int:
    """Do all of it, and return how much that was; call again while it returns some."""
    done = choosing.run(now=now)
    _note_unreachable(now)
    return done + _remind_all(now) + _act_on_bad(now)


def _note_unreachable(now: datetime) -> None:
    """Note whom a message did not reach; looked for among what failed lately, since few messages do."""
    failed = Message.objects.filter(state=Message.State.FAILED, settled_at__gt=now - LATELY)
    waiting = Invitation.objects.filter(message__in=invitations.only_invitations(failed), state=State.ASKED)
    waiting.update(state=State.UNREACHABLE, remind_at=None)


def _remind_all(now: datetime) -> int:
    """Remind whose time has come; who has answered meanwhile has none any more."""
    rows = Invitation.objects.filter(remind_at__lte=now).select_related("case__complainant", "case__office", "version")
    found = list(rows.order_by("remind_at")[:BATCH])
    for row in found:
        with transaction.atomic():
            mine = Invitation.objects.filter(pk=row.pk, remind_at=row.remind_at, state=State.ASKED)
            if not mine.update(remind_at=None):
                continue
            survey = survey_of(row)
            if survey is None or row.until <= now:
                continue
            if remind(row, survey, now=now) is not None:
                Invitation.objects.filter(pk=row.pk).update(reminded_at=now)
    return len(found)


def _act_on_bad(now: datetime) -> int:
    """Perform the act of every bad answer that waits for it; where it is refused, the case's handler is told."""
    rows = Invitation.objects.filter(act=Act.WAITS).select_related("case__complainant", "case__office", "version")
    found = list(rows.order_by("pk")[:BATCH])
    for row in found:
        with transaction.atomic():
            if Invitation.objects.filter(pk=row.pk, act=Act.WAITS).update(act=Act.DONE):
                _act(row, now)
    return len(found)


def _act(row: Invitation, now: datetime) -> None:
    survey = survey_of(row)
    bad = survey.bad if survey is not None else None
    if survey is None or bad is None:
        return
    data = {bad.says: said(row, survey)} if bad.says else {}
    try:
        with transaction.atomic():
            perform(row.case, bad.act, actor=CLOCK_ACTOR, at=now, now=now, data=data)
    except Refused as refused:
        log.warning("%s: %s after a bad answer: %s", row.case.reference, bad.act, refused)
        outbox.tell_refused(row.case, folded(row.case), bad.act, now=now)
        Invitation.objects.filter(pk=row.pk).update(act=Act.REFUSED)
