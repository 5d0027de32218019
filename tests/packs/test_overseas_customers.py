"""What the scenarios of overseas-customers cannot say: its clauses whole, its offices, forms, letters and calendar."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ombud.checks.rules.clauses import trace
from ombud.engine import compile_program
from ombud.policy.model.duties import Duty
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from shipped_packs import pack_of

REGIONS = ("europe", "north_america", "southeast_asia", "middle_east")
TO_CUSTOMERS = (
    "receipt", "acknowledgement", "facts_request", "proposal", "progress", "result", "suggestion", "ending", "closing",
)  # fmt: skip


def policy() -> Pack:
    return pack_of("overseas-customers")


def duties() -> list[Duty]:
    return [duty for procedure in policy().procedures.values() for duty in procedure.duties.values()]


def test_every_one_of_its_77_clauses_has_a_rule_or_is_a_statement() -> None:
    told = trace(policy())
    assert (len(told.clauses), told.covered, told.statements, told.uncovered) == (77, 74, 3, ())


def test_each_duty_warns_before_it_is_due_and_tells_somebody_above_at_the_breach() -> None:
    for duty in duties():
        assert duty.breach[0].is_before, f"{duty.id} warns before"
        above = {who for rung in duty.breach if not rung.is_before for who in rung.tell} - {"bearer"}
        assert above & {"boss", "head", "management"}, f"{duty.id} tells somebody above"


def test_each_region_has_its_own_hours_languages_and_countries_and_the_table_sends_them_there() -> None:
    offices, region = policy().offices, policy().tables["region"]
    assert tuple(offices) == ("hq", *REGIONS)
    for id in REGIONS:
        assert offices[id].calendar == id
        assert offices[id].languages
        assert {region.decide({"country": country}) for country in offices[id].countries} == {id}
    assert {region.decide({"country": country}) for country in (*offices["hq"].countries, "JP", "BR", "ZA")} == {"hq"}


def test_countries_in_one_office_only() -> None:
    countries = [country for office in policy().offices.values() for country in office.countries]
    assert len(countries) == len(set(countries))


def test_only_check_and_routing_counts_on_the_region_whoever_owes_it() -> None:
    assert {duty.id for duty in duties() if duty.limit.whose == "office"} == {"route"}
    assert policy().counting_calendar == "hq"


def test_prayers_at_riyadh_take_as_long_as_the_parameter_says() -> None:
    prayers = policy().calendars["middle_east"].prayers
    assert prayers is not None
    assert (prayers.latitude, prayers.longitude, prayers.minutes) == (24.71, 46.68, 30)
    assert policy().parameters["prayer_period"].value == "30 min"


@pytest.mark.parametrize("table", ["severity", "region", "lead", "lead_office"])
def test_no_act_takes_what_a_table_decides(table: str) -> None:
    assert all(table not in {*act.needs, *act.may} for act in policy().main.acts.values())


def test_every_message_to_a_customer_says_its_language_but_the_ones_spoken_or_signed() -> None:
    speaking = {act.id for act in policy().main.acts.values() if act.contacts == "complainant"}
    silent = {act.id for act in policy().main.acts.values() if "message_language" not in act.needs}
    # Follow-up and evaluation are talks; the ending's letter says itself in which language it is.
    assert speaking & silent == {"follow_up", "evaluate", "settle_unanswered"}


def test_customers_get_their_letters_in_the_languages_of_every_region() -> None:
    for id in TO_CUSTOMERS:
        assert {"zh", "en", "de", "fr", "es", "ar"} <= set(policy().documents[id].templates)
    assert {document.to for document in policy().documents.values()} == {"complainant", "regulator"}


def test_the_portal_form_has_three_short_steps_of_fields_that_filing_takes() -> None:
    receive = policy().main.acts["receive"]
    steps = policy().channels["web"].form
    assert len(steps) == 3
    assert all(len({*step.fields} - {"mandate"}) <= 5 for step in steps)
    shown = {name for step in steps for name in step.fields}
    assert {*receive.needs} - {"channel"} <= shown <= {*receive.needs, *receive.may}


def test_whoever_handles_a_case_must_have_passed_the_exam() -> None:
    gated = {act.id for act in policy().main.acts.values() if act.qualified == "handling"}
    assert gated == {"register", "take", "assign", "propose"}


def test_task_group_speaker_and_region_contact_are_let_into_the_case() -> None:
    access = policy().access
    assert set(access.members) == {"task_group", "speaker", "region_contact"}
    assert not {"management", "gm_meeting", "audit", "business", "delivery", "brand"} & set(access.unmasked)


def test_regions_owe_their_periodic_duties_one_by_one() -> None:
    by_region = {periodic.id: periodic.every for periodic in policy().periodic.values() if periodic.per == "office"}
    assert by_region == {
        "region_report": "month",
        "region_files": "month",
        "local_needs": "quarter",
        "advanced_training": "quarter",
        "monitoring": "month",
    }
    others = {periodic.id: periodic.every for periodic in policy().periodic.values() if periodic.per is None}
    assert others == {
        "effect_report": "quarter",
        "cause_meeting": "quarter",
        "case_sharing": "half-year",
        "self_check": "quarter",
        "special_training": "half-year",
        "inspection": "quarter",
    }


def test_each_periodic_duty_is_counted_for_its_own_clauses_alone() -> None:
    periodic = policy().periodic.values()
    owed = {
        each.id: {ref for duty in policy().procedures[each.procedure].duties.values() for ref in duty.cite}
        for each in periodic
    }
    expected = {each.id: set(each.cite) for each in periodic}
    expected["inspection"] |= {"38.3"}  # its measures are followed to their end
    assert owed == expected


def test_what_one_grade_owes_is_counted_for_the_clauses_of_that_grade_alone() -> None:
    own = {
        "general": {"8.5", "16", "17a", "17b", "18", "19"},
        "important": {"20", "21a", "21b", "22a", "22b", "22c", "23a", "23b", "24"},
        "major": {"25", "26a", "26b", "26c", "27a", "27b", "28a", "28b", "28c", "29a", "29b", "30"},
    }
    for duty in policy().main.duties.values():
        assert len([grade for grade, refs in own.items() if refs & {*duty.cite}]) <= 1, duty.id


def test_each_stage_of_the_approval_counts_for_its_own_clause() -> None:
    stages = [each for each in compile_program(policy()).duties.values() if each.id.startswith("plan.")]
    assert [each.clauses for each in stages] == [("21b",), ("27b", "6"), ("27b",)]


def test_whatever_needs_putting_right_becomes_a_rectification() -> None:
    opened = {
        (procedure.id, act.id): act.opens.procedure
        for procedure in policy().procedures.values()
        for act in procedure.acts.values()
        if act.opens
    }
    assert opened == {
        ("complaint", "order_rectification"): "rectification",
        ("complaint", "propose_rules"): "rule_change",
        ("inspection", "order_measure"): "rectification",
        ("monitoring", "warn"): "rectification",
    }


def test_archives_are_kept_for_five_years() -> None:
    assert {(each.keep.length, each.keep.unit) for each in policy().retention.values()} == {(5, "year")}


def test_every_free_text_of_a_customer_is_personal() -> None:
    customers = {*policy().main.acts["receive"].may, *policy().main.acts["register"].needs}
    texts = [policy().fields[name] for name in customers if name in policy().fields]
    assert all(field.is_personal for field in texts if field.type in (FieldType.TEXT, FieldType.LONG_TEXT))


def test_no_title_is_left_to_its_id() -> None:
    """Every title in the pack's own file is written, in Chinese and English."""
    file = Path(__file__).parents[2] / "src/ombud/packs/overseas-customers/pack.yaml"
    written = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)
    sections = [written[key] for key in ("data", "tables", "phases", "acts", "duties", "roles", "offices", "channels")]
    sections += [procedure[key] for procedure in written["procedures"].values() for key in ("phases", "acts", "duties")]
    for section in sections:
        for id, entry in section.items():
            assert {"zh", "en"} <= set(entry["title"]), id


def test_the_scenarios_of_further_procedures_stand_for_their_clauses() -> None:
    reports, learning = {"7.5", "8.6", "19b", "36.1", "36.2", "36.4"}, {"37.1", "37.2", "37.2b"}
    procedures = {"35", "36.3", "38.1", "38.2", "38.3", *reports, *learning}
    shown = {each.clause.ref for each in trace(policy()).clauses if each.scenarios}
    assert procedures - shown == set()
