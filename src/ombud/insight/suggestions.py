"""What complainants suggest: the words of each suggestion as a reader may see them, with what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ombud.cases.models import Case, Event
from ombud.cases.reading.paging import Page
from ombud.cases.reading.titles import names_in, summary
from ombud.insight import measures
from ombud.insight.models import Measured
from ombud.insight.registry import Rows
from ombud.insight.scopes import Scope, measured
from ombud.insight.surveys.free_words import MOST, Group, Text, grouped
from ombud.policy.model.pack import Pack
from ombud.policy.model.records import Suggestions
from ombud.privacy.keys import key_of
from ombud.privacy.masking import mask_text
from ombud.privacy.sealing import Tampered, Vault, is_sealed

SUGGESTED, ANSWERED = "suggested", "suggestions_answered"  # measures


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """What a complainant suggested last in a case, and what came of it."""

    case: Case
    words: str  # empty where they were erased
    at: datetime | None  # when something was suggested first
    outcome: str  # a value of the policy's field; empty while it is not answered


def page(
    pack: Pack, scope: Scope, now: datetime, cursor: str | None, *, side: str = "", is_masked: bool
) -> Page[Suggestion]:
    """Return the suggestions of a span; `side` narrows to those answered or waiting, as that of a share does.

    Raises NotOurs for a side or cursor that there is not.
    """
    found = measures.cases(ANSWERED, scope, now, cursor, side=side)
    return Page(rows=tuple(_told(pack, found.rows, is_masked=is_masked)), after=found.after)


def groups(pack: Pack, scope: Scope, now: datetime, *, is_masked: bool) -> list[Group]:
    """Return the newest suggestions by a word that several share, the largest groups first."""
    rows = Case.objects.filter(pk__in=measured(scope, Rows.SUGGESTED, now).values("case"))
    told = _told(pack, list(rows.order_by("-received_at", "-pk")[:MOST]), is_masked=is_masked)
    return grouped([Text(case=each.case, words=each.words) for each in told if each.words])


def _told(pack: Pack, rows: Sequence[Case], *, is_masked: bool) -> list[Suggestion]:
    """Return the suggestions of these cases in their order; three queries, however many they are."""
    named = pack.figures.suggestion
    assert named is not None, "the page asks where the policy has them"
    whole = Case.objects.select_related("complainant").in_bulk([row.pk for row in rows])
    known = Measured.objects.in_bulk(list(whole))
    written = _written(named, whole)
    return [
        Suggestion(
            case=whole[row.pk],
            words=_words(whole[row.pk], named, written.get(row.pk), is_masked=is_masked),
            at=known[row.pk].suggested_at,
            outcome=known[row.pk].choices.get(named.outcome, ""),
        )
        for row in rows
    ]


def _written(named: Suggestions, cases: Mapping[int, Case]) -> dict[int, Event]:
    """Return the event of each case that took down its latest suggestion."""
    if named.field is None:
        return {}
    rows = Event.objects.filter(case__in=cases, data__has_key=named.field)
    return {row.case_id: row for row in rows.order_by("case_id", "seq")}


def _words(case: Case, named: Suggestions, row: Event | None, *, is_masked: bool) -> str:
    """Return what was suggested; of a complaint that is a suggestion altogether, its subject."""
    if row is None or named.field is None:
        return summary(case, is_masked=is_masked)[0]
    vault = Vault(key_of(case.complainant), case.reference)
    try:
        words = vault.open(row.seq, named.field, row.data[named.field])
    except Tampered:
        return ""  # `ombud verify` reports it
    if not isinstance(words, str) or is_sealed(words):
        return ""
    return mask_text(words, names_in(case, vault)) if is_masked else words
