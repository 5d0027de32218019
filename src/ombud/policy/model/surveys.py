"""Surveys: what complainants are asked afterwards, who of them, and what a bad answer leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ombud.policy.model.source import Place
from ombud.texts import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One question of a survey."""

    id: str
    kind: str  # written `type`: scale, choice, text
    title: Text
    help: Text = field(default_factory=dict)
    of: Mapping[str, Text] = field(default_factory=dict)  # of a choice: the answers
    points: int = 0  # of a scale: from 1 to so many
    least: Text = field(default_factory=dict)  # what 1 means
    most: Text = field(default_factory=dict)  # what the highest means
    is_needed: bool = True  # written `needed`: nothing is sent without an answer
    at: Place

    @property
    def answers(self) -> tuple[str, ...]:
        """Return the answers that there are, the lowest first; none of free text."""
        return tuple(str(point) for point in range(1, self.points + 1)) if self.points else tuple(self.of)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bad:
    """Which answers are bad, and what the clock then does with the case."""

    answers: Mapping[str, tuple[str, ...]]  # written `when`: question -> answers; one of them is enough
    act: str
    says: str | None = None  # the field that takes down what was answered
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """A survey of complainants: after what happened to their case, or of all of a period together."""

    id: str
    title: Text
    about: Text = field(default_factory=dict)  # said to whoever is asked
    after: tuple[str, ...] = ()  # acts and outcomes; the first of them asks
    periodic: str | None = None  # each occurrence asks everybody whose case was closed since the last one
    sampled_by: str | None = None  # written `by`: the fact that says how many are asked
    share: Mapping[str, int] = field(default_factory=dict)  # value, or `else` -> of a hundred
    remind: int | None = None  # once, after so many days without an answer
    open_days: int = 30  # written `open`: for so many days it can be answered
    questions: Mapping[str, Question] = field(default_factory=dict)
    bad: Bad | None = None
    cite: tuple[str, ...] = ()
    at: Place

    def share_of(self, value: object) -> int:
        """Return how many of a hundred are asked whose fact has this value."""
        return self.share.get(str(value), self.share.get("else", 100))

    def is_bad(self, answers: Mapping[str, str]) -> bool:
        """Return whether one of the answers is bad."""
        return self.bad is not None and any(answers.get(id) in known for id, known in self.bad.answers.items())
