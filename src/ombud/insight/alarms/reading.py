"""The alarms that a reader is shown: those of policies of which they see every case."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from ombud.cases.access.permissions import Permissions, scoped
from ombud.cases.models import Case, Duty
from ombud.cases.reading.paging import Page, by_instant, instant_cursor
from ombud.insight.alarms.models import Alarm, Mute

PAGE = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmLine:
    """One alarm with what the reader may open of it."""

    alarm: Alarm
    examples: tuple[Case, ...]
    matter: Case | None
    duty: Duty | None  # what the matter still asks for
    mute: Mute | None  # that holds today


def policies_of(permissions: Permissions, known: Iterable[str]) -> tuple[str, ...]:
    """Return the policies whose alarms the reader sees: an alarm counts cases of all departments."""
    return tuple(each for each in known if permissions.sees_all or each in permissions.full_policies)


def may_answer(permissions: Permissions, policy: str) -> bool:
    """Return whether the reader mutes series and says what was done: managers, and who handles all of the policy."""
    return permissions.is_manager or policy in permissions.full_policies


def alarms(
    permissions: Permissions, policies: Collection[str], *, is_over: bool, cursor: str | None, today: date
) -> Page[AlarmLine]:
    """Return alarms that go on, or that are over, newest first; the queries do not hang on how many. Raises NotOurs."""
    rows = Alarm.objects.filter(policy__in=policies, ended_at__isnull=not is_over).select_related("done_by")
    if (last := by_instant(cursor)) is not None:
        at, key = last
        rows = rows.filter(Q(found_at__lt=at) | Q(found_at=at, pk__lt=key))
    found = list(rows.order_by("-found_at", "-pk")[: PAGE + 1])
    more, shown = len(found) > PAGE, found[:PAGE]
    cases = _cases(permissions, shown)
    duties = {
        row.case_id: row
        for row in Duty.objects.filter(
            case__in=[each.matter_id for each in shown if each.matter_id in cases], status=Duty.Status.OPEN
        )
    }
    mutes = {_key(row): row for row in Mute.objects.filter(policy__in=policies, until__gte=today).select_related("by")}
    return Page(
        rows=tuple(
            AlarmLine(
                alarm=each,
                examples=tuple(cases[pk] for pk in each.examples if pk in cases),
                matter=cases.get(each.matter_id or 0),
                duty=duties.get(each.matter_id or 0),
                mute=mutes.get(_key(each)),
            )
            for each in shown
        ),
        after=instant_cursor(shown[-1].found_at, shown[-1].pk) if more else None,
    )


def alarm(permissions: Permissions, policies: Collection[str], pk: int) -> Alarm | None:
    """Return an alarm that the reader may answer; None where there is none for them."""
    found = Alarm.objects.filter(policy__in=policies, pk=pk).first()
    return found if found is not None and may_answer(permissions, found.policy) else None


def _key(row: Alarm | Mute) -> tuple[str, str, str, str]:
    return row.policy, row.dimension, row.value, row.direction


def _cases(permissions: Permissions, shown: Iterable[Alarm]) -> Mapping[int, Case]:
    wanted = {pk for each in shown for pk in (*each.examples, each.matter_id) if pk is not None}
    rows = scoped(permissions, is_leading=False).filter(pk__in=wanted).select_related("complainant")
    return {row.pk: row for row in rows}
