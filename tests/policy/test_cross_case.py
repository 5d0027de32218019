"""What ties cases, offices and people together: offices, groups, other matters, powers, exams, ledgers, prayers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from ombud.policy import load, load_sources
from ombud.policy.model.acts import Act, Power, Spreading
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.policy.problems import PackError
from ombud.policy.stories import story_for
from ombud.worktime import Prayers, Taken
from shipped_packs import pack_of

FOLDER = Path(__file__).parent / "packs" / "linked"


@cache
def linked() -> Pack:
    return load(FOLDER)


def act(id: str) -> Act:
    return linked().main.acts[id]


def changed(*pairs: tuple[str, str]) -> Pack:
    text = (FOLDER / "pack.yaml").read_text("utf-8")
    for old, new in pairs:
        assert old in text, f"{old} is not in the pack"
        text = text.replace(old, new, 1)
    return load_sources({"pack.yaml": text})


def test_an_office_has_its_calendar_languages_countries_and_place() -> None:
    europe = linked().offices["europe"]
    assert (europe.calendar, europe.languages, europe.countries) == ("berlin", ("de", "en"), ("DE", "FR"))
    assert europe.place == "Berlin"
    assert linked().offices["beijing"].calendar is None


def test_the_cases_office_is_a_choice_of_the_offices_that_acts_set() -> None:
    kind = linked().kinds["office"]
    assert (kind.type, kind.choices) == (FieldType.CHOICE, ("beijing", "europe"))
    (office,) = act("receive").sets
    assert (office.fact, office.kind, office.value) == ("office", "name", "region")
    office, handler = act("adopt").sets
    assert (office.fact, office.kind, handler.kind) == ("office", "actor_office", "actor")


def test_a_pack_without_offices_has_no_such_fact() -> None:
    assert "office" not in pack_of("customer-complaints").kinds


def test_a_condition_may_read_the_office() -> None:
    pack = changed(("inform: {by: local,", "inform: {by: local, when: office == europe,"))
    guard = pack.main.acts["inform"].when
    assert guard is not None
    assert guard.names == {"office"}


def test_a_limit_that_names_no_calendar_counts_on_whose_counting_says() -> None:
    duties = linked().main.duties
    assert (duties["close"].limit.calendar, duties["close"].limit.whose) == (None, "bearer")
    assert (duties["check"].limit.calendar, duties["check"].limit.whose) == (None, "office")
    pack = changed(("whose: office}", "calendar: berlin}"))
    assert (pack.main.duties["check"].limit.calendar, pack.main.duties["check"].limit.whose) == ("berlin", None)


def test_every_case_of_a_graded_limit_and_a_date_that_others_set_follow_counting_too() -> None:
    pack = changed(
        ("within: 3 workdays", "within: {by: grave, true: 1 workday, else: {field: new_date, else: 2 workdays}}")
    )
    limit = pack.main.duties["close"].limit
    assert limit.otherwise is not None
    assert limit.otherwise.otherwise is not None
    assert {each.whose for each in (limit.cases["true"], limit.otherwise, limit.otherwise.otherwise)} == {"bearer"}


def test_an_act_has_powers_over_duties_one_or_several() -> None:
    assert act("extend_close").affects == (Power(kind="extend", duty="close", to="new_date"),)
    assert act("hand_on").affects == (
        Power(kind="transfer", duty="close", to="new_department"),
        Power(kind="waive", duty="check"),
    )


def test_an_act_joins_a_group_leaves_it_and_is_spread_to_its_members() -> None:
    assert act("join").links == "lead_case"
    assert act("leave").unlinks
    assert act("inform").spreads == Spreading(act="inform")
    assert act("announce").spreads == Spreading(act="inform", copies=("measures",))
    assert act("close_all").spreads == Spreading(act="returned", lead=True)


def test_an_act_opens_another_matter_and_says_what_follows_its_end() -> None:
    opening = act("send").opens
    assert opening is not None
    assert (opening.procedure, opening.copies, opening.then) == ("rectification", ("measures",), "returned")
    assert opening.where is not None
    assert opening.where.names == {"country"}


def test_an_act_needs_an_exam_recuses_and_writes_into_a_ledger() -> None:
    assert act("adopt").qualified == "handling"
    assert linked().exams["handling"].title["en"] == "Complaint handling"
    assert act("appeal").recuses == ("propose",)
    records = act("blame").records
    assert records is not None
    assert (records.ledger, records.person, records.points) == ("performance", "blamed", "penalty")
    assert set(linked().ledgers) == {"performance"}


def test_a_stage_may_bring_facts_that_later_stages_read() -> None:
    first, second = linked().main.chains["plan"].stages
    assert (first.needs, second.may) == (("grave",), ("reason",))
    assert second.where is not None
    assert second.where.names == {"grave"}


def test_what_approving_has_brought_is_there_after_the_approval() -> None:
    limit = "within: {by: grave, true: 1 workday, false: 5 workdays}"
    after = ("close: {bearer: local, after: receive", "close: {bearer: local, after: plan.approved")
    pack = changed(after, ("within: 3 workdays", limit))  # an error if "grave" could be absent then
    assert pack.main.duties["close"].limit.by == "grave"


def test_a_verdict_may_leave_the_case_where_it_is() -> None:
    chain = changed(("rejected: open, approved: open", "rejected: stay")).main.chains["plan"]
    assert (chain.rejected, chain.approved) == (None, None)
    assert linked().main.chains["plan"].rejected == "open"


def test_a_periodic_duty_may_be_there_for_each_office_on_its_own_calendar() -> None:
    monthly = linked().periodic["monthly"]
    assert (monthly.per, monthly.on_own_calendar, monthly.calendar) == ("office", True, "hq")
    fixed = changed(("per: office,", "per: office, calendar: berlin,")).periodic["monthly"]
    assert (fixed.per, fixed.on_own_calendar, fixed.calendar) == ("office", False, "berlin")
    alone = changed(("per: office, ", "")).periodic["monthly"]
    assert (alone.per, alone.on_own_calendar) == (None, False)


def test_members_of_a_task_group_see_the_case() -> None:
    assert linked().access.members == ("group",)


def test_prayers_are_taken_out_by_place_beside_other_intervals() -> None:
    gulf = linked().calendars["gulf"]
    assert gulf.less == (Taken(720, 750),)
    assert gulf.prayers == Prayers(24.71, 46.68, 20, "umm_al_qura")


@pytest.mark.parametrize(
    ("days", "method"),
    [("days: AE", "dubai"), ("days: DE-BY", "muslim_world_league"), ("day: 8 h", "muslim_world_league")],
)
def test_prayer_times_follow_the_country_of_the_calendar(days: str, method: str) -> None:
    prayers = changed(("days: SA", days)).calendars["gulf"].prayers
    assert prayers is not None
    assert prayers.method == method


def test_a_scenario_names_its_office_and_who_has_passed_no_exam() -> None:
    (scenario,) = linked().scenarios
    assert (scenario.story["office"], scenario.story["unqualified"]) == ("europe", ["lin"])


def test_a_story_in_a_file_of_its_own_may_name_offices_too() -> None:
    text = 'office: europe\nlog: [{at: "2026-03-03T09:00+08:00", act: receive, by: agent, data: {country: FR}}]'
    assert story_for(linked(), text, "story.yaml")["office"] == "europe"


RULES = [
    ("countries: [DE, FR]", "countries: [DE]"),
    ("whose: bearer}", "whose: office}"),
    ("qualified: handling", "same_as: receive"),
    ("affects: {extend: close", "affects: {extend: check"),
    ("then: returned}", "}"),
    ("spreads: inform", "public: true"),
    ("lead: true", "lead: false"),
    ("recuses: [propose]", "recuses: [receive]"),
    ("points: penalty", "if: known(penalty)"),
    ("per: office", "per: department"),
    ("members: [group]", "members: [blamed]"),
    ("needs: [grave]", "may: [grave]"),
    ("prayer: {value: 20 min}", "prayer: {value: 30 min}"),
]


@pytest.mark.parametrize(("old", "new"), RULES, ids=[old for old, _ in RULES])
def test_every_such_rule_is_part_of_the_hash(old: str, new: str) -> None:
    assert changed((old, new)).hash != linked().hash


@pytest.mark.parametrize(
    ("begin", "words"),
    [
        ("by: clock, from: new, to: open, needs: [measures]", "which needs measures, and the clock brings nothing"),
        ("by: local, from: new, to: open", "but it has 0 of these"),
    ],
)
def test_a_periodic_duty_begins_by_itself_or_the_pack_is_refused(begin: str, words: str) -> None:
    with pytest.raises(PackError, match=words):
        changed(("begin: {by: clock, from: new, to: open}", f"begin: {{{begin}}}"))
