"""What a procedure's rules say together has one reading: where acts lead, where approvals wait, who stands outside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ombud
from ombud.engine import compile_program
from ombud.policy.event_names import EventName
from ombud.policy.model.duties import Bearer
from ombud.policy.model.pack import Pack
from ombud.policy.procedure import (
    act_of,
    acts_of,
    chain_of,
    first_act,
    is_external,
    origins_of,
    phase_order,
    proposed,
    targets,
    waits_in,
)
from policy.builders import TINY, changed

ACTS = """\
acts:
  receive: {by: agent, from: new, to: open}
  ask: {by: agent, from: open, to: waiting, needs: [story]}
  wait: {by: agent, from: [open, waiting], to: paused}
  resume: {by: agent, from: [waiting, paused], to: back}
  reply:
    by: complainant
    from: [open, waiting]
    to: {by: answer, accepted: closed, partly: back, rejected: stay}
    needs: [answer]
  begin: {by: clock, from: new, to: open}
  close: {by: agent, from: open, to: closed}
"""


def pack_of(acts: str, chains: str = "") -> Pack:
    """Return the tiny pack with these acts, one more phase, and a field for reasons."""
    own = TINY[TINY.index("acts:\n") : TINY.index("duties:\n")]
    return changed(
        (own, acts),
        ("waiting: {}", "waiting: {}, paused: {}"),
        ("  new_date: {type: date}\n", "  new_date: {type: date}\n  reason: {type: long text}\n"),
        more=chains,
    )


def with_act(line: str, chains: str = "") -> Pack:
    return pack_of(ACTS + f"  {line}\n", chains)


PLAN = "chains: {plan: {rejected: open, stages: [{role: manager, within: 1 workday}]}}\n"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return pack_of(ACTS)


# -- where acts lead


def test_an_act_that_names_no_phase_stays_wherever_it_is_done(pack: Pack):
    note = changed().main
    assert targets(note, note.acts["note"]) == {"open", "waiting"}
    assert targets(note, note.acts["note"], "waiting") == {"waiting"}


def test_back_leads_to_every_phase_from_which_the_present_one_was_entered(pack: Pack):
    main = pack.main
    assert origins_of(main)["waiting"] == {"open", "paused"}  # entered by `ask`, and by going back from a pause
    assert targets(main, main.acts["resume"], "paused") == {"open", "waiting"}
    assert targets(main, main.acts["resume"], "waiting") == {"open", "paused"}


def test_going_back_may_lead_to_a_phase_that_the_act_itself_is_done_in(pack: Pack):
    assert targets(pack.main, pack.main.acts["resume"]) == {"open", "waiting", "paused"}


def test_a_choice_leads_to_each_of_its_phases_with_back_and_stay_resolved(pack: Pack):
    reply = pack.main.acts["reply"]
    assert targets(pack.main, reply, "waiting") == {"closed", "open", "paused", "waiting"}
    assert targets(pack.main, reply) == {"closed", "new", "open", "waiting", "paused"}


def test_nothing_was_left_before_the_first_phase_so_back_stays_there():
    main = changed(("note: {by: staff}", "note: {by: staff, from: new, to: back}")).main
    assert targets(main, main.acts["note"]) == {"new"}


# -- where approvals wait

STARTS = {
    "a phase": ("from: open, to: waiting", {"waiting"}),
    "nothing": ("from: [open, waiting]", {"open", "waiting"}),
    "a choice": ("from: open, to: {by: answer, accepted: paused, rejected: stay, else: waiting}",
                 {"paused", "waiting", "open"}),
    "back": ("from: paused, to: back", {"open", "waiting"}),
}  # fmt: skip


@pytest.mark.parametrize("rule", list(STARTS))
def test_an_approval_waits_where_the_act_that_starts_it_leaves_the_case(rule: str):
    to, expected = STARTS[rule]
    pack = with_act(f"propose: {{by: agent, {to}, needs: [answer], starts: plan}}", PLAN)
    assert waits_in(pack.main, pack.main.chains["plan"]) == expected
    assert compile_program(pack).acts["plan.approve"].from_phases == expected


def test_an_approval_that_two_acts_start_waits_after_either():
    main = with_act(
        "propose: {by: agent, from: open, to: waiting, starts: plan, needs: [loss]}\n"
        "  insist: {by: agent, from: waiting, to: paused, starts: plan, needs: [people, story]}",
        PLAN,
    ).main
    assert waits_in(main, main.chains["plan"]) == {"waiting", "paused"}
    assert proposed(main, main.chains["plan"]) == {"loss", "people", "story"}
    assert [act.id for act in acts_of(main, "plan.approved")] == ["propose", "insist"]
    assert act_of(main, "plan.approved") is None


def test_the_reason_of_a_proposal_is_none_of_what_it_proposes():
    chains = PLAN.replace("1 workday", "1 workday, needs: [reason]")
    main = with_act("propose: {by: agent, from: open, starts: plan, needs: [loss, reason]}", chains).main
    assert proposed(main, main.chains["plan"]) == {"loss"}


# -- names of events


@pytest.mark.parametrize(
    ("written", "head", "tail", "stage"),
    [
        ("answer", "answer", "", None),
        ("answer.accepted", "answer", "accepted", None),
        ("plan.approve", "plan", "approve", None),
        ("plan.12", "plan", "12", 12),
    ],
)
def test_a_name_has_a_head_and_perhaps_a_tail(written: str, head: str, tail: str, stage: int | None):
    assert EventName.of(written) == (head, tail)
    assert EventName.of(written).stage == stage


def test_an_outcome_that_is_called_like_an_end_belongs_to_its_act():
    main = with_act("plan: {by: agent, from: open, to: waiting, starts: plan}", PLAN).main
    assert chain_of(main, "plan") is None
    assert chain_of(main, "plan.approved") is main.chains["plan"]
    assert chain_of(main, "plan.1") is main.chains["plan"]
    assert act_of(main, "plan") is main.acts["plan"]
    assert act_of(main, "reply.rejected") is main.acts["reply"]
    assert chain_of(main, "reply.rejected") is None


SOURCE = Path(ombud.__file__).parent
# A dot that belongs to something else: amounts, versions, keys of mappings, paths, a rule's id with its procedure.
OTHER_DOTS = {
    "cases/myriads.py",  # a number with its decimals
    "directory/scim/answers.py",
    "directory/scim/paths.py",
    "workbench/columns.py",
    "workbench/export_cases.py",
    "papers/dossier/stand_alone.py",
    "insight/exports/sql_views.py",
    "workbench/case_file.py",
    "papers/box.py",
    "papers/letterhead.py",
    "cases/file_kinds.py",
    "policy/values.py",
    "cases/bulk_sql.py",  # a table and its column
    "channels/importer/mapping.py",
    "channels/importer/tickets.py",
    "channels/lookups/sources.py",
    "channels/sms/gateway.py",
    "channels/telephone/signing.py",
    "checks/mutation/mutant.py",
    "checks/mutation/trial.py",
    "organisation/drafting.py",
    "policy/event_names.py",
    "workbench/templatetags/workbench.py",
}
SPLITS = re.compile(r"""partition\((["'])\.\1\)|split\((["'])\.\2|(["'])\.\3 (not )?in """)
JOINS = re.compile(r"""\}\.(approved?|rejected?)\b|f"\{[^{}"]+\}\.\{[^{}"]+\}\"""")


def test_names_of_events_are_taken_apart_and_put_together_in_one_place():
    found = [
        f"{path.relative_to(SOURCE).as_posix()}:{number}"
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).as_posix() not in OTHER_DOTS
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if SPLITS.search(line) or JOINS.search(line)
    ]
    assert found == []


# -- who stands outside


@pytest.mark.parametrize(
    ("bearer", "outside"),
    [
        (Bearer(kind="role", name="complainant"), True),
        (Bearer(kind="role", name="agent"), False),
        (Bearer(kind="actor", name="reply"), True),
        (Bearer(kind="actor", name="ask"), False),
        (Bearer(kind="actor", name="begin"), False),
        (Bearer(kind="handler", name="handler"), False),
        (Bearer(kind="field", name="complainant"), False),
    ],
    ids=lambda each: f"{each.kind} {each.name}" if isinstance(each, Bearer) else "",
)
def test_outside_is_an_external_role_and_whoever_did_what_only_external_roles_do(
    pack: Pack, bearer: Bearer, outside: bool
):
    assert is_external(pack, pack.main, bearer) is outside


# -- beginning and order


def test_the_clock_begins_a_matter_by_its_own_act_from_the_start(pack: Pack):
    assert first_act(pack.main) == "begin"
    assert first_act(changed().main) is None


def test_phases_stand_by_their_distance_from_the_start_and_ends_last(pack: Pack):
    assert phase_order(pack.main) == ["new", "open", "waiting", "paused", "closed"]
