"""Four eyes: everybody who had a hand in it in this round is kept apart, whoever else did it after them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.telling import Case, at, pack_of
from ombud.engine import check_story, compile_program, fold, migrate
from ombud.engine.model import Actor
from ombud.policy import PackError

EYES = Path(__file__).with_name("four_eyes.yaml").read_text("utf-8")


def who(name: str, role: str = "head") -> Actor:
    return Actor(person=name, role=role)


def eyes(*changes: tuple[str, str]) -> Case:
    """Return a case of which nobody knows the staff but Anna and Carl, the heads, Zed, the top, and Bob at the desk."""
    text = EYES
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    told = Case(text)
    for name, role in (("anna", "head"), ("carl", "head"), ("zed", "top"), ("yan", "top"), ("bob", "desk")):
        told.staff.remember({"role": role, "person": name})
    return told.do("receive", "03-03 09:00", who("bob", "desk"))


def proposed(*changes: tuple[str, str], amount: str = "10") -> Case:
    told = eyes(*changes).do("investigate", "03-03 09:05", who("bob", "desk"), finding="x")
    return told.do("propose", "03-03 09:10", who("bob", "desk"), measures="m", amount=amount)


def test_who_did_it_first_is_kept_apart_though_somebody_else_did_it_again() -> None:
    told = eyes().do("investigate", "03-03 09:05", who("anna"), finding="all of it")
    told.do("investigate", "03-03 09:06", who("bob", "desk"), finding="typo")
    told.do("propose", "03-03 09:10", who("bob", "desk"), measures="m", amount="10")
    assert told.refused("plan.approve", "03-03 09:15", who("anna")) == ["four-eyes"]
    told.do("plan.approve", "03-03 09:16", who("carl"))
    assert told.refused("release", "03-03 09:17", who("anna")) == ["four-eyes"]
    told.do("release", "03-03 09:18", who("zed", "top"))
    assert told.refold().snapshot() == told.state.snapshot()


def test_a_late_entry_of_an_earlier_repeat_does_not_free_the_author() -> None:
    told = eyes().do("investigate", "03-03 09:05", who("anna"), finding="all of it")
    told.do("investigate", "03-03 09:02", who("bob", "desk"), recorded="03-03 09:08", finding="typo")
    told.do("propose", "03-03 09:10", who("bob", "desk"), measures="m", amount="10")
    assert told.refused("plan.approve", "03-03 09:15", who("anna")) == ["four-eyes"]


def test_who_corrects_what_is_proposed_does_not_approve_their_own_words() -> None:
    told = proposed().do("correct", "03-03 09:20", who("anna"), reason="r", measures="mine")
    assert told.refused("plan.approve", "03-03 09:30", who("anna")) == ["four-eyes"]
    told = proposed().do("correct", "03-03 09:20", who("anna"), reason="r", finding="not so")
    assert told.refused("plan.approve", "03-03 09:30", who("anna")) == ["four-eyes"]


def test_who_wrote_the_words_before_somebody_else_proposed_them_does_not_approve_them() -> None:
    told = eyes().do("correct", "03-03 09:05", who("anna"), reason="r", measures="mine", amount="10")
    told.do("propose", "03-03 09:10", who("bob", "desk"))
    assert told.refused("plan.approve", "03-03 09:15", who("anna")) == ["four-eyes"]


def test_saying_why_or_saying_the_same_again_is_no_hand_in_it() -> None:
    told = proposed().do("correct", "03-03 09:20", who("anna"), reason="only words", measures="m")
    told.do("plan.approve", "03-03 09:30", who("anna"))


def test_a_rejected_proposal_written_again_by_another_does_not_free_the_first_author() -> None:
    told = eyes().do("propose", "03-03 09:10", who("anna"), measures="m", amount="10")
    told.do("plan.reject", "03-03 09:20", who("carl"))
    told.do("propose", "03-03 09:30", who("bob", "desk"), measures="better")
    assert told.refused("plan.approve", "03-03 09:40", who("anna")) == ["four-eyes"]


def test_an_appeal_begins_a_round_and_an_act_of_our_own_people_does_not() -> None:
    def second(again: str, by: Actor) -> Case:
        told = eyes().do("propose", "03-03 09:10", who("anna"), measures="m", amount="10")
        told.do(again, "03-03 09:20", by)
        return told.do("propose", "03-03 09:30", who("bob", "desk"), measures="better", amount="20")

    second("appeal", who("complainant", "complainant")).do("plan.approve", "03-03 09:40", who("anna"))
    told = second("redo", who("bob", "desk"))
    assert told.refused("plan.approve", "03-03 09:40", who("anna")) == ["four-eyes"]


def test_words_that_still_stand_after_an_appeal_are_their_authors() -> None:
    told = eyes().do("propose", "03-03 09:10", who("anna"), measures="m", amount="10")
    told.do("appeal", "03-03 09:20", who("complainant", "complainant"))
    told.do("propose", "03-03 09:30", who("bob", "desk"))  # with Anna's words as they were
    assert told.refused("plan.approve", "03-03 09:40", who("anna")) == ["four-eyes"]
    assert told.refold().snapshot() == told.state.snapshot()


def test_stages_of_one_approval_are_decided_by_different_people() -> None:
    told = proposed(amount="5000").do("plan.approve", "03-03 09:15", who("zed"))
    assert told.refused("plan.approve", "03-03 09:16", who("zed", "top")) == ["four-eyes"]
    assert told.refused("plan.reject", "03-03 09:16", who("zed", "top")) == ["four-eyes"]
    told.do("plan.approve", "03-03 09:17", who("yan", "top"))
    assert told.state.is_approved("plan")


def test_who_agreed_at_one_stage_neither_refuses_nor_agrees_at_the_next_however_it_is_dated() -> None:
    told = proposed(amount="5000").do("plan.approve", "03-03 09:15", who("carl"))
    for act, recorded in (("plan.approve", "03-03 12:00"), ("plan.reject", None)):
        said = {"reason": "no"} if act == "plan.reject" else {}
        assert told.refused(act, "03-03 09:20", who("carl", "top"), recorded=recorded, **said) == ["four-eyes"]
    told.do("plan.approve", "03-03 13:00", who("yan", "top"))


def test_a_policy_may_let_one_person_decide_several_stages() -> None:
    told = proposed(("    rejected: run\n", "    rejected: run\n    distinct_stages: false\n"), amount="5000")
    told.do("plan.approve", "03-03 09:15", who("zed")).do("plan.approve", "03-03 09:16", who("zed", "top"))
    assert told.state.is_approved("plan")


def test_a_new_run_asks_everybody_anew() -> None:
    told = proposed(amount="5000").do("plan.approve", "03-03 09:15", who("zed"))
    told.do("correct", "03-03 09:20", who("bob", "desk"), reason="r", measures="n")
    told.do("plan.approve", "03-03 09:25", who("anna")).do("plan.approve", "03-03 09:30", who("zed", "top"))


def test_an_act_may_keep_apart_from_who_approved() -> None:
    told = proposed().do("plan.approve", "03-03 09:15", who("anna"))
    assert told.refused("release", "03-03 09:20", who("anna")) == ["four-eyes"]
    told.do("release", "03-03 09:25", who("zed", "top"))


def test_a_chain_may_keep_apart_from_who_approved_in_an_earlier_run() -> None:
    told = proposed(("distinct_from: [propose, investigate]", "distinct_from: [propose, plan.approve]"), amount="5000")
    told.do("plan.approve", "03-03 09:15", who("anna"))
    told.do("correct", "03-03 09:20", who("bob", "desk"), reason="r", measures="n")
    assert told.refused("plan.approve", "03-03 09:25", who("anna")) == ["four-eyes"]


def test_where_everybody_of_the_role_had_a_hand_in_it_the_boss_decides() -> None:
    told = eyes().do("propose", "03-03 09:10", who("anna"), measures="m", amount="10")
    told.do("correct", "03-03 09:20", who("carl"), reason="r", measures="n")
    assert told.refused("plan.approve", "03-03 09:25", who("anna")) == ["role", "four-eyes"]
    told.do("plan.approve", "03-03 09:30", who("zed", "top"))


def test_an_approver_of_the_whole_organisation_may_belong_to_a_department() -> None:
    story = {
        "log": [
            {"at": "2026-03-03T09:00+08:00", "act": "receive", "by": "desk"},
            {"at": "2026-03-03T09:01+08:00", "act": "place", "by": "desk"},
            {"at": "2026-03-03T09:10+08:00", "act": "propose", "by": "desk", "data": {"measures": "m", "amount": 10}},
            {
                "at": "2026-03-03T09:20+08:00",
                "act": "plan.approve",
                "by": {"role": "head", "person": "anna", "department": "audit"},
            },
        ],
        "expect": {"phase": "told", "department": "shop"},
    }
    assert check_story(pack_of(EYES), story) == []


def test_a_version_that_first_keeps_people_apart_knows_who_did_it_last() -> None:
    old = EYES.replace("    distinct_from: [propose, investigate]\n", "")
    told = Case(old).do("receive", "03-03 09:00", who("bob", "desk"))
    told.do("propose", "03-03 09:10", who("anna"), measures="m", amount="10")
    program = compile_program(pack_of(EYES.replace("version: 1.0.0", "version: 1.1.0")))
    migrate(told.state, program, at=at("03-03 09:12"))
    assert told.refused("plan.approve", "03-03 09:15", who("anna")) == ["four-eyes"]


def test_the_loader_refuses_an_approval_that_there_is_not() -> None:
    with pytest.raises(PackError, match=r"paln\.approve"):
        pack_of(EYES.replace("[investigate, plan.approve]", "[investigate, paln.approve]"))


RECUSING = (
    "acts:\n  receive:",
    'acts:\n  second: {by: complainant, from: told, to: run, resets: plan, recuses: [propose], cite: "1"}\n  receive:',
)


def test_everybody_who_performed_it_in_this_round_is_recused_not_only_the_last() -> None:
    told = eyes(RECUSING).do("investigate", "03-03 09:05", who("bob", "desk"), finding="x")
    told.do("propose", "03-03 09:10", who("anna"), measures="m", amount="10")
    told.do("plan.reject", "03-03 09:15", who("carl"))
    told.do("propose", "03-03 09:20", who("bob", "desk"), measures="n", amount="10")
    told.do("plan.approve", "03-03 09:30", who("carl"))
    told.do("second", "03-03 09:40", "complainant")

    assert told.state.recused == {"anna", "bob"}  # Carl decided on it, which is not what they appeal against
    assert told.refused("investigate", "03-03 10:00", who("anna")) == ["recused"]
    assert told.refold().snapshot() == told.state.snapshot()


def test_logs_of_before_recuse_whoever_performed_it_last() -> None:
    told = eyes(RECUSING).do("investigate", "03-03 09:05", who("bob", "desk"), finding="x")
    told.do("propose", "03-03 09:10", who("anna"), measures="m", amount="10")
    told.do("plan.reject", "03-03 09:15", who("carl"))
    told.do("propose", "03-03 09:20", who("bob", "desk"), measures="n", amount="10")
    told.do("plan.approve", "03-03 09:30", who("carl"))
    told.do("second", "03-03 09:40", "complainant")

    assert fold(told.program, [replace(event, schema=2) for event in told.events]).recused == {"bob"}


def test_a_round_that_is_over_recuses_nobody_of_its_own_again_and_outsiders_never() -> None:
    told = eyes(RECUSING).do("propose", "03-03 09:10", who("anna"), measures="m", amount="10")
    told.do("appeal", "03-03 09:20", "complainant")
    told.do("propose", "03-03 09:30", who("bob", "desk"), measures="n", amount="10")
    told.do("plan.approve", "03-03 09:40", who("carl"))
    told.do("second", "03-03 09:50", "complainant")
    assert told.state.recused == {"bob"}


def deputy(name: str, behalf: str, role: str = "head") -> Actor:
    return Actor(person=name, role=role, behalf=behalf)


def test_a_deputys_hands_and_those_of_whom_they_stand_in_for_are_kept_apart_alike() -> None:
    told = eyes().do("investigate", "03-03 09:05", deputy("carl", "anna"), finding="all of it")
    told.do("propose", "03-03 09:10", who("bob", "desk"), measures="m", amount="10")
    for hand in (who("anna"), who("carl"), deputy("bob", "anna"), deputy("carl", "zed")):
        assert "four-eyes" in told.refused("plan.approve", "03-03 09:15", hand)
    told.do("plan.approve", "03-03 09:16", deputy("dan", "zed", "top"))  # no head is left, so their boss decides
    for hand in (who("zed", "top"), deputy("dan", "yan", "top")):
        assert told.refused("release", "03-03 09:17", hand) == ["four-eyes"]
    told.do("release", "03-03 09:18", who("yan", "top"))
    assert told.refold().snapshot() == told.state.snapshot()


def test_a_deputy_and_the_absent_give_one_approval_of_two() -> None:
    told = proposed(("{role: head, within: 1 workday}", "{role: head, quorum: 2, within: 1 workday}"))
    told.do("plan.approve", "03-03 09:15", deputy("yan", "anna"))
    assert told.state.phase == "deciding"
    for hand in (who("anna"), who("yan"), deputy("yan", "carl"), deputy("zed", "anna")):
        assert told.refused("plan.approve", "03-03 09:16", hand) == ["four-eyes"]
    told.do("plan.approve", "03-03 09:17", who("carl"))
    assert told.state.phase == "told"
    assert told.refold().snapshot() == told.state.snapshot()


def test_what_a_deputy_says_for_whom_is_no_fact_and_no_field() -> None:
    told = proposed()
    assert told.refused("plan.approve", "03-03 09:15", who("anna"), on_behalf_of="carl") == ["unknown-field"]
    told.do("plan.approve", "03-03 09:15", deputy("yan", "anna"))
    assert told.events[-1].data["on_behalf_of"] == "anna"
    assert "on_behalf_of" not in told.state.facts
    assert told.events[-1].hands == ("yan", "anna")
