"""The policy customer-complaints with two surveys: one after the follow-up, one of everybody of a month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from builders import after, make_history, shipped_pack
from cast import Cast, make_cast
from ombud.cases.models import Case
from ombud.insight.surveys import work
from ombud.insight.surveys.models import Invitation
from ombud.organisation.publishing import publish
from ombud.policy import load_sources
from ombud.policy.model.pack import Pack

ASKED = 400  # minutes after START: the usual way has ended by then
DAY = timedelta(days=1)
SOLVED = "{all: {zh: 全部, en: Wholly}, none: {zh: 没有, en: Not at all}}"
SURVEYS = """
surveys:
  handled:
    after: [follow_up.satisfied, follow_up.mostly]
    remind: 5
    open: 14
    title: {zh: 您满意吗, en: Were you satisfied, de: Waren Sie zufrieden}
    about: {zh: 三个问题, en: Three questions}
    questions:
      overall: {title: {zh: 总体, en: All in all}, least: {zh: 差, en: bad}, most: {zh: 好, en: good}}
      solved: {type: choice, of: SOLVED, title: {zh: 解决, en: Solved}}
      words: {type: text, title: {zh: 建议, en: What to do better}}
    bad: {when: {overall: 2, solved: none}, act: survey_unhappy, says: survey_words}
    cite: "2.1.7"
  month:
    periodic: monthly_analysis
    open: 20
    title: {zh: 月度调查, en: Survey of the month}
    questions: {overall: {title: {zh: 总体, en: All in all}}}
    cite: "3.2"
""".replace("SOLVED", SOLVED)
ACT = """
  survey_unhappy:
    by: clock
    from: [closing, closed]
    needs: [survey_words]
    tells: [supervisor]
    title: {zh: 调查不满意, en: Unhappy in the survey}
    public: false
    cite: "2.1.7"
  close:
    auto: true
"""


@cache
def surveyed_pack(surveys: str = SURVEYS) -> Pack:
    """Return the policy with these surveys."""
    sources = dict(shipped_pack().sources)
    text = sources["pack.yaml"]
    for old, new in (
        ("\n  close:\n    auto: true\n", ACT),
        (
            "  rating: {type: integer",
            "  survey_words: {type: long_text, title: {zh: 回答, en: Answers}}\n  rating: {type: integer",
        ),
        ("\nreports:\n", f"{surveys}\nreports:\n"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return load_sources({**sources, "pack.yaml": text})


def make_surveyed(surveys: str = SURVEYS) -> Cast:
    """Publish the policy with its surveys, let the clock look once, and return the staff."""
    publish(surveyed_pack(surveys), now=datetime(2026, 1, 1, tzinfo=UTC))
    cast = make_cast()
    work.run(now=after(0))
    return cast


def asked(cast: Cast, **overrides: object) -> tuple[Case, Invitation]:
    """Return a case that went the usual way, and the invitation that its end led to."""
    case = make_history(cast, "follow_up", **overrides)
    work.run(now=after(ASKED))
    return case, Invitation.objects.get(case=case, survey="handled")
