"""Asks the complainant of one case, or writes down why not: never twice, and never who gave up or was erased."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import translation

from ombud.cases.eventlog import rows_of
from ombud.cases.fold import folded_rows
from ombud.cases.models import Case
from ombud.clock.models import Occurrence
from ombud.correspondence import invitations, survey_links
from ombud.correspondence.invitations import Asking
from ombud.correspondence.models import Message
from ombud.engine import State
from ombud.insight.measuring import choices_of
from ombud.insight.surveys.models import Invitation
from ombud.interface.days import letter_day
from ombud.notices.writing import language_of
from ombud.organisation.models import PolicyVersion
from ombud.organisation.offices import zone_of_case
from ombud.policy.model.surveys import Survey
from ombud.policy.vocabulary import WITHDRAWALS
from ombud.privacy.keys import digest, key_of
from ombud.privacy.sealing import Vault
from ombud.texts import code_of
from ombud.worktime.zones import known_zone


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A survey that a case is to be asked in."""

    survey: Survey
    version: PolicyVersion
    occurrence: Occurrence | None = None


def invite(case: Case, wanted: Wanted, *, now: datetime) -> Invitation | None:
    """Ask the complainant of a case, whose row has its complainant; None where its events do not ask after all.

    Raises IntegrityError where another clock was quicker.
    """
    survey, key = wanted.survey, key_of(case.complainant)
    state = folded_rows(case, rows_of(case), Vault(key, case.reference))
    if survey.after and not any(event in state.log for event in survey.after):
        return None
    row = Invitation(
        policy=case.policy,
        survey=survey.id,
        version=wanted.version,
        case=case,
        occurrence=wanted.occurrence,
        state=_why_not(case, state, survey, is_erased=key is None),
        at=now,
        until=now + timedelta(days=survey.open_days),
    )
    way = invitations.way_to(case, state, now=now) if row.state == Invitation.State.ASKED else None
    if row.state == Invitation.State.ASKED and way is None:
        row.state = Invitation.State.UNREACHABLE
    with transaction.atomic():
        row.save(force_insert=True)
        if way is not None and key is not None:
            row.message = invitations.queue(
                case, key, way, _asking(row, survey, state, is_reminder=False), dedupe=str(row.pk), now=now
            )
            row.remind_at = now + timedelta(days=survey.remind) if survey.remind else None
            row.save(update_fields=["message", "remind_at"])
    return row


def remind(row: Invitation, survey: Survey, *, now: datetime) -> Message | None:
    """Ask once more, by the way that is open now; None where there is none any more."""
    case, key = row.case, key_of(row.case.complainant)
    if key is None:
        return None
    state = folded_rows(case, rows_of(case), Vault(key, case.reference))
    way = invitations.way_to(case, state, now=now)
    if way is None:
        return None
    asking = _asking(row, survey, state, is_reminder=True)
    return invitations.queue(case, key, way, asking, dedupe=f"{row.pk}/again", now=now)


def asked_before(case_ids: Iterable[int], surveys: Iterable[str]) -> set[tuple[int, str]]:
    """Return (case, survey) of those that were asked, or not for a reason."""
    rows = Invitation.objects.filter(case__in=case_ids, survey__in=surveys)
    return set(rows.values_list("case_id", "survey"))


def _why_not(case: Case, state: State, survey: Survey, *, is_erased: bool) -> Invitation.State:
    if is_erased:
        return Invitation.State.ERASED
    if case.closed_at is not None and any(
        act in state.log and state.log[act].occurred == int(case.closed_at.timestamp()) for act in WITHDRAWALS
    ):
        return Invitation.State.WITHDRAWN
    if not _is_drawn(case, state, survey):
        return Invitation.State.LEFT_OUT
    return Invitation.State.ASKED


def _is_drawn(case: Case, state: State, survey: Survey) -> bool:
    """Return whether a case is in the sample: drawn by its number, so that looking again draws the same."""
    value = choices_of(state.program.pack, state.facts).get(survey.sampled_by or "", "")
    return int(digest("survey sample", f"{survey.id} {case.reference}")[:8], 16) % 100 < survey.share_of(value)


def _asking(row: Invitation, survey: Survey, state: State, *, is_reminder: bool) -> Asking:
    language, own = language_of(row.case, state), known_zone(row.case.time_zone)
    here = ZoneInfo(own) if own else zone_of_case(state.program.pack, state.office)
    with translation.override(code_of(language)):
        until = letter_day(row.until.astimezone(here).date())
    return Asking(
        title=survey.title,
        about=survey.about,
        link=survey_links.page_of(row.pk, until=row.until),
        until=until,
        language=language,
        is_reminder=is_reminder,
    )
