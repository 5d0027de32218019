"""A pack is text that somebody wrote: none is so written that reading it keeps everybody waiting."""

import pytest

from computing import computed_within
from ombud.policy import PackError, load_sources
from ombud.policy.documents import filled
from ombud.policy.model.values import FieldType, Kind
from ombud.policy.problems import MOST
from ombud.policy.values import WrongValue, typed
from policy.builders import TINY, changed

PATIENCE = 9.0  # seconds of computing on a slow machine; each of these took from ten seconds to hours


@pytest.fixture(autouse=True)
def quick():
    with computed_within(PATIENCE):
        yield


def problems(text: str, files: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(PackError) as caught:
        load_sources({"pack.yaml": text, **(files or {})})
    return [str(problem) for problem in caught.value.problems]


def with_guard(condition: str) -> str:
    return TINY.replace("note: {by: staff}", f'note: {{by: staff, when: "{condition}"}}')


def with_letter(text: str) -> list[str]:
    pack = TINY + "documents:\n  hello: {after: close, to: complainant}\n"
    return problems(pack, {"letters/hello.en.md": text, "letters/hello.zh.md": "{{ nothing }}"})


def test_a_letter_of_blanks_is_read_at_once():
    found = with_letter("{{" + " " * 100_000)
    assert any("Braces stand here that hold no name" in each for each in found)


def test_a_letter_that_says_nothing_is_told():
    assert any("letters/hello.en.md:1:1: The letter is empty" in each for each in with_letter(" \n\n"))


@pytest.mark.parametrize("text", ["{{ a { b }}", "}} {{ reference }}", "{{ reference"])
def test_braces_that_hold_no_name_are_told(text: str):
    assert any("letters/hello.en.md:1:" in each and "Braces" in each for each in with_letter(text))


def test_a_letter_of_blanks_is_filled_at_once():
    assert filled("{{ name }} {{" + " " * 100_000, str.upper).startswith("NAME {{")


def test_a_time_of_prayer_of_blanks_is_read_at_once():
    week = 'mon-fri: "09:00-18:00"}'
    less = f'{week}, less: "prayers(1,1,{" " * 50_000}"'
    assert any("is no time of prayer" in each for each in problems(TINY.replace(week, less)))


def test_an_amount_of_blanks_is_read_at_once():
    with pytest.raises(WrongValue):
        typed(Kind(FieldType.MONEY), "1" + " " * 20_000 + "x y", "CNY")


def test_a_thousand_names_that_mean_nothing_are_told_without_guessing_at_each():
    clauses = "".join(f'  "clause number {n}": {{kind: act, zh: x, en: y}}\n' for n in range(2000))
    cited = ", ".join(f'"clause numbre {n}"' for n in range(2000))
    found = problems(
        TINY.replace("note: {by: staff}", f"note: {{by: staff, cite: [{cited}]}}") + "clauses:\n" + clauses
    )
    assert len(found) == MOST + 1
    assert "Did you mean" in found[0]
    assert "Did you mean" not in found[-2]
    assert f"more than {MOST} problems" in " ".join(found)


def test_ninety_thousand_keys_that_mean_nothing_are_told():
    assert len(problems(TINY + "".join(f"k{n}: x\n" for n in range(90_000)))) == MOST + 1


@pytest.mark.parametrize(
    "condition",
    [
        "not " * 1500 + "true",
        "not " * 400 + "true",
        "(" * 400 + "true" + ")" * 400,
        "-" * 1500 + "1 == loss",
        " < ".join(["loss"] * 60_000),
        "[" * 900 + "]" * 900 + " in loss",
    ],
    ids=["nots", "fewer-nots", "brackets", "minuses", "chain", "lists"],
)
def test_a_condition_is_no_longer_and_no_deeper_than_somebody_reads(condition: str):
    found = problems(with_guard(condition))
    assert any("cannot be read" in each for each in found)
    assert all(len(each) < 1000 for each in found)


def test_a_number_of_thousands_of_digits_is_refused():
    assert problems(TINY.replace("within: 3 workdays", f"within: {'9' * 5000} workdays"))


@pytest.mark.parametrize("version", ["1.3/2026", "..", ".", "<b>", "a?b", "1" * 51, "1 0", "第一版"])
def test_a_version_is_what_an_address_can_hold(version: str):
    with pytest.raises(PackError, match="it stands in addresses"):
        changed(("version: 1.0.0", f'version: "{version}"'))


@pytest.mark.parametrize("id", ["a/b", "a" * 101, "Big", "../x"])
def test_an_id_is_what_an_address_and_the_register_can_hold(id: str):
    with pytest.raises(PackError, match="must be a lower-case word"):
        changed(("id: tiny", f'id: "{id}"'))
