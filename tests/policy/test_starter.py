"""The pack to start a policy from: whatever is answered, it loads, has nothing to mend, and its stories come out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ombud import checks
from ombud.checks import Severity
from ombud.policy import load_sources
from ombud.policy.model.pack import Pack
from ombud.policy.starter import QUESTIONS, AnswerError, Answers, Question, answered, starter_files

TODAY = date(2026, 11, 22)


def answers(name: str = "acme", **given: str) -> Answers:
    def ask(question: Question, default: str, take: Callable[[str], Any]) -> Any:
        return take(given.get(question.key, default))

    return answered(name, ask, today=TODAY)


def pack(language: str = "en", **given: str) -> Pack:
    return load_sources(starter_files(answers(**given), language))


MANY = {
    "the defaults": {},
    "one department, one channel, no grades, no approval": {
        "departments": "desk=前台/Front desk", "channels": "phone", "grades": "none", "approval": "no",
    },
    "three grades with limits in hours": {
        "grades": "100,1000", "register": "30 min", "propose": "1 h, 2 h, 4 working hours", "carry_out": "1 h",
    },
    "approval without grades": {"grades": "none"},
    "grades without approval": {"approval": "no"},
    "Riyadh, two windows": {"zone": "Asia/Riyadh", "hours": "07:30-12:00, 13:15-16:00"},
    "Berlin on the day when the clocks change": {"zone": "Europe/Berlin", "effective": "2026-03-29"},
    "limits of months": {"answer": "3 months", "carry_out": "6 months, 1 year"},
    "words that YAML reads as something else": {
        "title_zh": "办法：试行 # 1", "title_en": "no: \"yes\" {x}", "departments": "a=否/no, b=是/Yes: really",
    },
    "every channel": {"channels": "web,app,phone,email,store,counter,social,messaging,letter,box"},
}  # fmt: skip


@pytest.mark.parametrize("given", MANY.values(), ids=MANY.keys())
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_starter_loads_and_only_asks_to_confirm_its_parameter(language: str, given: dict[str, str]) -> None:
    report = checks.check(pack(language, **given))
    assert [(each.severity, each.code) for each in report.findings] == [(Severity.NOTE, "open-parameter")]


def test_every_clause_of_a_starter_is_carried_out_by_a_rule() -> None:
    found = checks.trace(pack())
    assert found.uncovered == ()
    assert found.statements == 0


def test_a_starter_says_in_its_clauses_what_its_rules_do() -> None:
    clauses = pack(register="30 min", propose="1 h, 2 workdays", grades="300").clauses
    assert clauses["1.2"].text["en"] == "Complaints are registered within 30 minutes of arriving"
    assert "1 hour (General) or 2 working days (Major)" in clauses["3.1"].text["en"]
    assert "超过300元为重大" in clauses["2.1"].text["zh"]


def test_the_limits_of_a_starter_are_those_that_were_answered() -> None:
    duties = pack(grades="100,1000", propose="1 h, 2 h", register="45 min").main.duties
    assert (duties["register"].limit.length, str(duties["register"].limit.unit)) == (45, "min")
    graded = duties["propose"].limit
    assert graded.by == "severity"
    assert {value: limit.length for value, limit in graded.cases.items()} == {"major": 2, "serious": 2}
    assert graded.otherwise is not None
    assert graded.otherwise.length == 1


def test_a_starter_without_approval_has_no_chain_and_mentions_none() -> None:
    files = starter_files(answers(approval="no"), "en")
    assert "plan" not in files["pack.yaml"]
    assert "four" not in files["pack.yaml"]


@pytest.mark.parametrize(("language", "other"), [("zh", "A policy to start from"), ("en", "这是一份起步用的制度")])
def test_comments_are_in_the_owners_language(language: str, other: str) -> None:
    text = starter_files(answers(), language)["pack.yaml"]
    assert other not in text
    assert text.startswith("# ")
    assert "#zh" not in text
    assert "#en" not in text
    assert "<<" not in text


WRONG = [
    ("title_zh", " ", "Something must stand here"),
    ("effective", "2026-02-30", "is not a date"),
    ("departments", "service", "must be written like service="),
    ("departments", "Service=客服部/Service", "an id in lower case"),
    ("departments", "and=客服部/Service", "an id in lower case"),
    ("departments", "a=甲/A, a=乙/B", '"a" is there twice'),
    ("channels", "web, pigeon", 'no channel "pigeon"'),
    ("grades", "1000, 100", "in growing order"),
    ("grades", "1,2,3", "two at most"),
    ("register", "2 days", "could mean several things"),
    ("register", "0 h", "more than nothing"),
    ("register", "5 min", "too short"),
    ("propose", "1 h, 2 h, 3 h", "3 limits are given for 2 grades"),
    ("approval", "perhaps", "yes or no"),
    ("zone", "Europe", "no time zone"),
    ("zone", "Europe/Atlantis", "no time zone"),
    ("days", "lun-ven", "Unknown day"),
    ("hours", "9-17", "not a window of a day"),
    ("hours", "13:00-18:00, 09:00-12:00", "out of order"),
    ("holidays", "Atlantis", "are not known"),
]


@pytest.mark.parametrize(("key", "given", "said"), WRONG, ids=[f"{key}: {given}" for key, given, _ in WRONG])
def test_an_answer_that_cannot_be_used_says_why_in_both_languages(key: str, given: str, said: str) -> None:
    with pytest.raises(AnswerError) as error:
        answers(**{key: given})
    assert said in error.value.text["en"]
    assert error.value.text["zh"]


@pytest.mark.parametrize("name", ["Acme", "1st", "my policy", "..", ""])
def test_a_folder_whose_name_is_no_id_is_refused(name: str) -> None:
    with pytest.raises(AnswerError):
        answers(name)


def test_every_question_is_worded_in_both_languages() -> None:
    for question in QUESTIONS:
        assert question.text["zh"] != question.text["en"]
