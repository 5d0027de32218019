"""Reports that write themselves: which figures, lists and words they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ombud.policy.model.source import Place
from ombud.texts import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One part of a report; exactly one of its keys from figures to story says what stands in it."""

    title: Text
    figures: tuple[str, ...] = ()  # measures
    by: str | None = None  # what they are told apart by: month, channel, department, office, or a table of the pack
    only: Mapping[str, str] = field(default_factory=dict)  # values of facts that cases must have to be counted here
    is_chart: bool = False  # written `chart`: drawn beside the table
    clauses: bool = False  # a line for each clause: owed, in time, late
    model_cases: bool = False  # those that the library took in within the period
    survey: str | None = None  # what it came to: of those whom it asked within the period
    cases: str | None = None  # which cases are listed
    commentary: str | None = None  # the field that is written here
    ask: Text = field(default_factory=dict)  # the question that guides who writes it
    story: str | None = None  # of a report about one case: what of it stands here


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A report of the policy; an act, or a periodic duty with such an act, names it."""

    id: str
    title: Text
    subject: str  # written `about`: period, last_period: of the periodic duty; case: the case itself
    sections: tuple[Section, ...]
    keeps: str | None = None  # the field of files that the finished report goes into
    sent_to: tuple[str, ...] = ()  # written `to`: roles that get it by mail once it is issued
    issued: tuple[str, ...] = ()  # the acts after which it goes there; empty: the act that hands it in
    cite: tuple[str, ...]
    at: Place
