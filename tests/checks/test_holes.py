"""What the checks of ways, approvals and silences say beyond their messages: witnesses, bounds, what they pass over."""

from __future__ import annotations

from pathlib import Path

import pytest

from ombud.checks import Finding, check
from ombud.checks.may_analysis import MayAnalysis
from ombud.checks.model.abstract_state import Space
from ombud.policy import load_sources
from ombud.texts import LANGUAGES

PACKS = Path(__file__).parent / "packs"
DAY = 86_400


def pack_text(name: str) -> str:
    return (PACKS / f"{name}.yaml").read_text("utf-8")


def findings(text: str, code: str, shortest: int = DAY) -> list[Finding]:
    report = check(load_sources({"pack.yaml": text}), shortest=shortest)
    return [each for each in report.findings if each.code == code]


WITNESSES = {
    "deadlock-three": ("deadlock", "Confirm waits for Check, Check waits for Sign, Sign waits for Confirm"),
    "unapproved": (
        "unapproved",
        "For example: Amount is 5000 CNY; once Propose is done, nobody looks at it and it counts as given",
    ),
    "author-approves": ("author-approves", "One and the same Head does Propose, then agrees to it"),
    "own-pause": ("own-pause", "Receive → Register; then the case stands at In hand"),
    "outsider-restarts": (
        "outsider-restarts",
        "Receive → Register → Ask for facts → Ask for more time → Ask for more time",
    ),
    "silence-too-short": (
        "silence-too-short",
        "Tell the solution → 1 minute of silence → Take as accepted",
    ),
    "appeal-without-limit": (
        "appeal-without-limit",
        "Receive → Register → Propose → Approval: agreed → Tell the solution → Answer (Accepted) → Carry out → Archive",
    ),
    "bearer-cannot": ("bearer-cannot", "Who may do Carry out: Desk"),
    "unused-value": ("unused-value", "The rows yield: Small, Medium, Large"),
    "unused-value-choice": ("unused-value", "Acts set: told, agreed"),
    "dead-end-guarded-rung": (
        "dead-end",
        "Receive → Register → Propose → Approval: agreed → Tell the solution; "
        "then the case stands at Waiting for the answer (Size is Medium)",
    ),
}


@pytest.mark.parametrize(("name", "code", "witness"), [(name, *said) for name, said in WITNESSES.items()])
def test_the_witness_shows_the_hole_in_the_owners_words(name: str, code: str, witness: str) -> None:
    [found] = findings(pack_text(name), code)
    assert found.witness["en"] == witness
    assert set(found.witness) == set(LANGUAGES)
    assert found.clauses


def test_how_short_a_silence_is_absurd_can_be_said() -> None:
    assert len(findings(pack_text("silence-too-short"), "silence-too-short", shortest=60)) == 0
    assert len(findings(pack_text("sound-silence-of-a-day"), "silence-too-short", shortest=DAY + 1)) == 1


def test_a_rung_before_the_end_shortens_a_silence_and_one_after_it_lengthens_it() -> None:
    text = pack_text("sound-silence-of-a-day")
    before = text.replace("until: deem, breach: [{at: 0,", "until: deem, breach: [{at: -2 h,")
    after = text.replace("within: 24 h, until: deem, breach: [{at: 0,", "within: 4 h, until: deem, breach: [{at: 20 h,")
    assert [len(findings(each, "silence-too-short")) for each in (text, before, after)] == [0, 1, 0]


@pytest.mark.parametrize(("limit", "found"), [("5 years", 0), ("260 weeks", 0), ("61 months", 0), ("6 years", 1)])
def test_a_silence_of_years_keeps_a_case_waiting(limit: str, found: int) -> None:
    text = pack_text("sound-mini").replace("do: answer, within: 15 natural days", f"do: answer, within: {limit}")
    assert len(findings(text, "silence-too-long")) == found
    nobody = text.replace("answer: {bearer: complainant, after: tell", "answer: {bearer: nobody, after: tell")
    assert len(findings(nobody, "silence-too-long")) == found
    graded = text.replace(f"within: {limit}", f"within: {{by: size, large: {limit}, else: 15 natural days}}")
    assert len(findings(graded, "silence-too-long")) == found


def test_a_short_time_that_nobody_owes_is_no_silence() -> None:
    text = pack_text("silence-too-short").replace(
        "answer: {bearer: complainant, after: tell", "answer: {bearer: nobody, after: tell"
    )
    assert findings(text, "silence-too-short") == []


def test_an_outsider_restarts_their_time_also_where_staff_may_record_it() -> None:
    text = pack_text("outsider-restarts")
    by_both = text.replace("more_time: {by: complainant,", "more_time: {by: [complainant, desk],")
    once = text.replace("more_time: {by: complainant,", "more_time: {by: complainant, when: not done(more_time),")
    assert text not in (by_both, once)
    assert [len(findings(each, "outsider-restarts")) for each in (text, by_both, once)] == [1, 1, 0]


def test_a_gap_between_two_bands_is_found_wherever_it_lies() -> None:
    text = pack_text("unapproved")
    gaps = {
        ("amount <= 1000", "amount > 1001"): "Amount is 1000.5 CNY",
        ("not (amount >= 5000)", "amount >= 5000 and amount != 7000"): "Amount is 7000 CNY",
        ("size == small", "size == large"): "Size is Medium",
        ("amount <= 5000", "amount > 5000"): "",
    }
    for (low, high), where in gaps.items():
        changed = text.replace("amount < 5000", low).replace("amount > 5000", high)
        found = [each.message["en"] for each in findings(changed, "unapproved")]
        assert found == ([f"Approval asks nobody where {where}: it counts as given at once"] if where else [])


def test_an_approval_that_a_condition_lets_pass_is_no_hole() -> None:
    assert findings(pack_text("sound"), "approval-skipped") == []
    text = pack_text("sound").replace("level == normal or approved(plan)", "approved(plan)")
    assert [each.message["en"] for each in findings(text, "approval-skipped")] == [
        "Approval of the plan is asked for in some cases only; nobody approves where level is normal"
    ]


def test_a_number_compared_with_a_fact_is_no_count_of_acts() -> None:
    text = pack_text("sound-restart-twice").replace("count(more_time) < 2", "count(more_time) < 2 and amount < 70000")
    pack = load_sources({"pack.yaml": text})
    assert Space(pack, pack.main).domains["count", "more_time"] == [0, 1, 2, 3]


def test_an_act_counted_a_million_times_is_told_from_fewer_without_counting_so_far() -> None:
    text = pack_text("sound-restart-twice").replace("count(more_time) < 2", "count(more_time) < 1000000")
    pack = load_sources({"pack.yaml": text})
    numbers = Space(pack, pack.main).domains["count", "more_time"]
    assert numbers[:11] == [*range(11)]
    assert numbers[11:] == [999_999, 1_000_000, 1_000_001]
    assert check(pack).errors == 0


def test_an_act_that_only_a_blocked_one_makes_possible_never_happens() -> None:
    pack = load_sources({"pack.yaml": pack_text("deadlock-phase")})
    may = MayAnalysis(Space(pack, pack.main))
    assert may.never == {"confirm", "check", "close"}
    assert set(may.at) == {"new", "work"}
