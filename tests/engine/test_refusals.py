"""The words of refusals: whole sentences in both languages that say what to do."""

from __future__ import annotations

import re

import pytest

from engine.telling import Case, routed
from ombud.engine.messages import WORDS
from ombud.texts import Sentence

NOT_SENTENCES = {"comma", "verdict-approve", "verdict-reject", "outcome", "outcome-approved", "outcome-rejected"}
PARTS = {
    "rung-before",
    "rung-after",
    "rung-every",
    "at-least",
    "more-than",
    "at-most",
    "less-than",
    "fact-office",
    "fact-department",
    "fact-handler",
    "fact-late_reason",
    "span",
}


def messages(
    case: Case, act: str, when: str, by: object = "desk", recorded: str | None = None, **data: object
) -> list[str]:
    return [each.message["en"] for each in case.submit(act, when, by, recorded, **data).refused]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("loss", "much", "“Loss” must be an amount of money such as 100 CNY."),
        ("loss", "-1 CNY", "“Loss” is outside what is possible: at least 0."),
        ("kind", "wheels", "“Kind” must be one of: engine, body."),
        ("fast", "perhaps", "“Fast” must be yes or no."),
        ("happened_on", "yesterday", "“Happened on” must be a date such as 2026-03-31."),
    ],
)
def test_a_wrong_value_is_answered_with_what_the_field_takes(name: str, value: str, words: str) -> None:
    assert messages(routed(), "regrade", "03-03 10:00", "desk", **{name: value}) == [words]


def test_a_time_before_the_case_came_there_is_answered_with_the_earliest_one() -> None:
    assert messages(routed(), "look", "03-03 09:29", "dept", "03-03 12:00") == [
        "The case came to where “Look” is possible at 2026-03-03 09:30. "
        "It cannot have happened before, so correct the time."
    ]


def test_a_refusal_holds_what_it_says_of_and_is_put_into_words_when_it_is_read() -> None:
    (refusal,) = routed().submit("regrade", "03-03 10:00", "desk", loss="-1 CNY").refused
    message = refusal.message

    assert isinstance(message, Sentence)
    assert message.template is WORDS.entry("value-domain")
    assert message.params["field"] == {"zh": "Loss", "en": "Loss"}
    assert message["zh"] == "“Loss”超出允许的范围：不小于0。"


def test_nobody_pays_for_words_that_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    spoken = Sentence.__getitem__
    monkeypatch.setattr(Sentence, "__getitem__", lambda self, tag: read.append(tag) or spoken(self, tag))

    outcome = routed().submit("regrade", "03-03 10:00", "desk", loss="-1 CNY")

    assert outcome.refused
    assert read == []


@pytest.mark.parametrize("key", sorted(WORDS.entries.keys() - NOT_SENTENCES - PARTS))
def test_every_message_is_a_sentence_in_both_languages_with_the_same_words_filled_in(key: str) -> None:
    message = WORDS.entries[key]
    assert message["en"].endswith((".", "{condition}"))
    assert message["zh"].endswith(("。", "{condition}"))
    assert set(re.findall(r"{\w+}", message["en"])) == set(re.findall(r"{\w+}", message["zh"]))
