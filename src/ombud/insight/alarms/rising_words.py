"""Words of the subjects of complaints, counted by day: what is suddenly in everybody's mouth.

Of Chinese each pair of neighbours is a word, as in the search. Names and numbers of the case are taken out first, and a
word counts only once enough cases have it, so that none tells of one person. No word is kept but those of alarms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from ombud.cases import analyser
from ombud.cases.models import Case
from ombud.cases.reading.titles import summary
from ombud.insight.alarms.counting import Counted, Series
from ombud.insight.alike import apart
from ombud.insight.watching import judging
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN

WORDS = "@words"  # instead of a dimension: no fact is called so
DAYS = 7 * 16
MOST = 5000  # cases that are read, the newest: reading one is unsealing it


def counted_words(pack: Pack, *, now: datetime) -> Mapping[Series, Counted]:
    """Return the words that enough complaints of the last weeks have, by day, one for each set of cases."""
    found: dict[str, list[tuple[timedelta, int]]] = defaultdict(list)
    rows = Case.objects.filter(
        policy=pack.id, procedure=MAIN, received_at__gt=now - timedelta(days=DAYS), received_at__lte=now
    ).select_related("complainant")
    rows = rows.filter(confidants=None)  # what is confidential is counted, and never quoted
    first = now
    for case in rows.order_by("-received_at")[:MOST]:
        first = case.received_at
        for word in _words(summary(case, is_masked=True)[0]):
            found[word].append((now - case.received_at, case.pk))
    length = (now - first) // timedelta(days=1) + 1
    many = {word: lately for word, lately in found.items() if len(lately) >= judging.RISE_LEAST}
    cases = {word: {pk for _ago, pk in lately} for word, lately in many.items()}
    return {Series(WORDS, word): _counted(many[word], length) for word in apart(cases)}


def _words(subject: str) -> set[str]:
    return {each for each in analyser.tokens(subject) if 2 <= len(each) <= analyser.WORD and each.isalpha()}


def _counted(lately: list[tuple[timedelta, int]], length: int) -> Counted:
    days = [0] * length
    for ago, _case in lately:
        days[-1 - ago // timedelta(days=1)] += 1
    return Counted(days=days, lately=lately)
