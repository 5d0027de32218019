"""Recording what is said in public, linking it to a case, and reading it back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from ombud.cases.access.permissions import Permissions, scoped
from ombud.cases.models import Case
from ombud.cases.reading.paging import PAGE, Page, by_instant_and_uuid, instant_cursor
from ombud.insight.opinion.models import Mention
from ombud.organisation.models import Person
from ombud.privacy.sealing import HouseVault

WEEKS, SHOWN = 26, 3  # that the chart shows; mentions that a case shows
WORDS = "words"


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What was said, where and to how many."""

    policy: str
    medium: str
    words: str
    tone: str
    published_at: datetime
    link: str = ""
    reach: int | None = None
    source: str | None = None  # the key that another system knows it by
    case: Case | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MentionLine:
    """One mention as a reader is shown it."""

    mention: Mention
    words: str
    case: Case | None  # where the reader may see it


def record(said: Said, *, by: Person, now: datetime) -> tuple[Mention, bool]:
    """Keep a mention and return it, and whether it is new: one that a system tells again changes nothing."""
    if said.source is not None:
        known = Mention.objects.filter(policy=said.policy, source=said.source).first()
        if known is not None:
            return known, False
    row = Mention(
        policy=said.policy, medium=said.medium, link=said.link, tone=said.tone, reach=said.reach,
        published_at=said.published_at, at=now, by=by, source=said.source, case=said.case,
    )  # fmt: skip
    row.sealed = vault_of(row).seal(0, WORDS, said.words)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the same was told at the same moment
        return Mention.objects.get(policy=said.policy, source=said.source), False
    return row, True


def link(mention: Mention, case: Case | None) -> None:
    """Say which case a mention is about; None: of none."""
    mention.case = case
    mention.save(update_fields=["case"])


def policies_of(permissions: Permissions, known: Collection[str]) -> tuple[str, ...]:
    """Return the policies whose mentions the reader sees: those that they work under; what was said was public."""
    return tuple(each for each in known if permissions.sees_all or each in permissions.policies)


def may_record(permissions: Permissions, policy: str) -> bool:
    """Return whether the reader records mentions: whoever works under the policy, and managers; auditors only look."""
    return permissions.is_manager or policy in permissions.policies


def may_link(permissions: Permissions, mention: Mention) -> bool:
    """Return whether the reader says which case a mention is about: not where it is about one that they may not see."""
    if not may_record(permissions, mention.policy):
        return False
    return mention.case_id is None or scoped(permissions, is_leading=False).filter(pk=mention.case_id).exists()


def listed(
    permissions: Permissions,
    policies: Collection[str],
    *,
    tone: str = "",
    case: Case | None = None,
    cursor: str | None = None,
) -> Page[MentionLine]:
    """Return mentions, or those of a case, published last first, in as many queries for any number. Raises NotOurs."""
    rows = Mention.objects.filter(policy__in=policies).select_related("by")
    if case is not None:
        rows = rows.filter(case=case)
    if tone:
        rows = rows.filter(tone=tone)
    if (last := by_instant_and_uuid(cursor)) is not None:
        at, key = last
        rows = rows.filter(Q(published_at__lt=at) | Q(published_at=at, pk__lt=key))
    found = list(rows.order_by("-published_at", "-pk")[: PAGE + 1])
    more, shown = len(found) > PAGE, found[:PAGE]
    wanted = [each.case_id for each in shown if each.case_id is not None]
    cases = {row.pk: row for row in scoped(permissions, is_leading=False).filter(pk__in=wanted)}
    return Page(
        rows=tuple(
            MentionLine(mention=each, words=words_of(each), case=cases.get(each.case_id or 0)) for each in shown
        ),
        after=instant_cursor(shown[-1].published_at, shown[-1].pk) if more else None,
    )


def of_case(case: Case) -> tuple[int, list[MentionLine]]:
    """Return how often something is said of a case, and what was last, for whoever sees the case."""
    rows = Mention.objects.filter(case=case)
    last = rows.order_by("-published_at", "-pk")[:SHOWN] if (number := rows.count()) else ()
    return number, [MentionLine(mention=each, words=words_of(each), case=case) for each in last]


def words_of(mention: Mention) -> str:
    """Return what was said."""
    found = vault_of(mention).open(0, WORDS, mention.sealed)
    return found if isinstance(found, str) else ""


def weeks(policies: Collection[str], *, now: datetime) -> list[tuple[int, int]]:
    """Return for each of the last weeks how many mentions there were, and how many of them negative; oldest first."""
    found = [[0, 0] for _ in range(WEEKS)]
    rows = Mention.objects.filter(
        policy__in=policies, published_at__gt=now - timedelta(weeks=WEEKS), published_at__lte=now
    ).values_list("published_at", "tone")
    for published_at, tone in rows:
        week = found[-1 - (now - published_at) // timedelta(weeks=1)]
        week[0] += 1
        week[1] += tone == Mention.Tone.NEGATIVE
    return [(every, negative) for every, negative in found]


def vault_of(row: Mention) -> HouseVault:
    """Return what seals the words of a mention."""
    return HouseVault("mentions", row.pk.hex)
