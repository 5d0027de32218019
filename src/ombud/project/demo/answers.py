"""The demo's surveys: whoever was to be asked was asked when it happened, and some have answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ombud.cases.models import Case, Event
from ombud.correspondence.models import Message
from ombud.insight.surveys import answering
from ombud.insight.surveys.inviting import Wanted, invite
from ombud.insight.surveys.models import Invitation
from ombud.organisation.models import PolicyVersion
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.surveys import Survey

#: What one after another answers, over and over again; nothing for who does not answer.
Entries = Sequence[Mapping[str, Any] | None]
SOON = timedelta(hours=20)  # after being asked


def tell(pack: Pack, version: PolicyVersion, answers: Mapping[str, Entries], *, now: datetime) -> None:
    """Ask by each survey that follows an event, and take down the answers of its file."""
    for survey in pack.surveys.values():
        entries = answers.get(survey.id, ())
        for number, (case, at) in enumerate(_happened(pack, survey)):
            row = invite(case, Wanted(survey=survey, version=version), now=at)
            if row is not None and row.message is not None:  # what was sent long ago is not to be sent now
                Message.objects.filter(pk=row.message.pk).update(state=Message.State.HANDED_OVER, sent_at=at)
            said = entries[number % len(entries)] if entries else None
            if row is not None and row.state == Invitation.State.ASKED and said is not None and at + SOON < now:
                chosen = {id: str(said[id]) for id, asked in survey.questions.items() if id in said and asked.answers}
                words = {id: said[id] for id, asked in survey.questions.items() if id in said and not asked.answers}
                answering.answer(row, survey, chosen, words, now=at + SOON)


def _happened(pack: Pack, survey: Survey) -> list[tuple[Case, datetime]]:
    """Return the complaints to which the first of the survey's acts happened, with when, oldest first."""
    rows = Event.objects.filter(act__in=survey.after, case__policy=pack.id, case__procedure=MAIN).order_by("occurred")
    first: dict[int, datetime] = {}
    for row in rows:
        first.setdefault(row.case_id, row.occurred_at)
    cases = Case.objects.select_related("complainant", "office").in_bulk(first)
    return [(cases[pk], at) for pk, at in first.items()]
