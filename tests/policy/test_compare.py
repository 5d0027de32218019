"""Two versions of a policy beside each other: what changed, in words, under the clauses that it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from ombud.policy import load, load_sources, model
from ombud.policy.compare import Change, Comparison, compare
from ombud.policy.compare.comparing import LEFT_OUT, PARTS, SECTIONS
from ombud.policy.compare.describing import describe
from ombud.policy.compare.naming import Names
from ombud.policy.compare.words import WORDS
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.worktime import CalendarSpec
from shipped_packs import pack_of

pytestmark = pytest.mark.slow

SHIPPED = "customer-complaints"


def shipped() -> Pack:
    return pack_of(SHIPPED)


def changed(*pairs: tuple[str, str]) -> Comparison:
    """Return the comparison of the shipped policy with one in which each text is replaced by another."""
    text = shipped().sources["pack.yaml"]
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return compare(shipped(), load_sources({**shipped().sources, "pack.yaml": text}))


def details(change: Change) -> Mapping[str, tuple[str, str]]:
    return {each.attribute: each.spoken("en") for each in change.details}


def only(comparison: Comparison, ref: str) -> tuple[Change, ...]:
    """Return what changed under a clause, which must be the only one with a difference."""
    assert [clause.ref for clause in comparison.clauses] == [ref]
    return comparison.clauses[0].changes


def test_a_policy_is_the_same_as_itself_wherever_its_words_stand() -> None:
    assert compare(shipped(), load(SHIPPED)).is_same
    assert changed(("clauses:\n", "\n# a remark\n\nclauses:\n")).is_same


def test_a_limit_is_told_in_words_before_and_after() -> None:
    (duty,) = only(changed(("do: register\n    within: 1 h", "do: register\n    within: 90 min")), "1.1.6")
    assert (duty.verb, duty.kind, duty.id, duty.procedure) == ("changed", "duty", "register", "complaint")
    assert details(duty) == {"limit": ("1 hour", "90 minutes")}
    assert duty.details[0].spoken("zh") == ("1小时", "90分钟")


def test_a_graded_limit_says_what_it_is_graded_by() -> None:
    old = "within: {by: urgency, urgent: 2 h, else: 4 h}"
    (duty,) = only(changed((old, "within: {by: urgency, urgent: 1 h, else: 4 h}")), "2.1.3")
    assert details(duty)["limit"] == (
        "by Urgency: Urgent 2 hours, otherwise 4 hours",
        "by Urgency: Urgent 1 hour, otherwise 4 hours",
    )


def test_words_that_changed_in_one_language_are_shown_in_that_one() -> None:
    comparison = changed(("zh: 1小时内登记", "zh: 一小时内登记"))
    (duty,) = only(comparison, "1.1.6")
    assert duty.details[0].spoken("zh") == ("1小时内登记", "一小时内登记")
    assert duty.details[0].spoken("en") == ("1小时内登记", "一小时内登记")


def test_the_words_of_a_clause_are_compared() -> None:
    (clause,) = changed(("客户信息保密", "客户信息严格保密")).clauses
    assert (clause.ref, clause.verb, clause.changes) == ("3.1", "changed", ())
    assert clause.before is not None
    assert clause.after is not None
    assert clause.before["zh"] == "客户信息保密，按岗位授权查看"
    assert clause.after["zh"] == "客户信息严格保密，按岗位授权查看"


def test_a_row_of_a_table_is_told_by_its_columns() -> None:
    (table,) = only(changed(('["(5000,inf)", "-", "-", "-", "-", major]',
                             '["[3000,inf)", "-", "-", "-", "-", major]')), "2.1.0")  # fmt: skip
    assert details(table)["rows"] == ("Amount involved: over 5000 → Major", "Amount involved: 3000 or more → Major")


def test_a_row_that_is_gone_stands_alone() -> None:
    (table,) = only(changed(('      - ["-", "-", "-", false, "-", major]\n', "")), "2.1.0")
    assert details(table)["rows"] == ("Solvable by routine: no → Major", "")


def test_a_calendar_shows_its_week() -> None:
    old = 'office: {tz: Asia/Shanghai, week: {mon-fri: ["09:00-18:00"]}'
    new = 'office: {tz: Asia/Shanghai, week: {mon-thu: ["09:00-18:00"], fri: ["09:00-16:00"]}'
    (calendar,) = only(changed((old, new)), "2.2")
    assert details(calendar)["week"] == (
        "Mon-Fri: 09:00-18:00; Sat-Sun: closed",
        "Mon-Thu: 09:00-18:00; Fri: 09:00-16:00; Sat-Sun: closed",
    )


def test_a_parameter_changes_itself_and_the_limits_that_name_it() -> None:
    changes = only(changed(("improve_within: {value: 20 workdays", "improve_within: {value: 10 workdays")), "3.2")
    assert [(each.kind, each.id) for each in changes] == [("parameter", "improve_within"), ("duty", "improve")]
    assert details(changes[0]) == {"value": ("20 working days", "10 working days")}
    assert changes[1].procedure == "monthly_analysis"


def test_what_was_added_says_who_owes_it_and_within_what_time() -> None:
    duty = """  second_call:
    bearer: supervisor
    after: register
    do: follow_up
    within: 3 workdays
    breach: [{at: 0, tell: boss}]
    title: {zh: 二次回访, en: Second call}
    cite: "2.1.7"
"""
    (added,) = only(changed(("\nduties:\n", f"\nduties:\n{duty}")), "2.1.7")
    assert (added.verb, added.before, added.title["en"]) == ("added", None, "Second call")
    assert details(added) == {"bearer": ("", "Service supervisor"), "limit": ("", "3 working days")}


def test_what_is_gone_is_told_with_its_old_place() -> None:
    text = next(
        line for line in shipped().sources["pack.yaml"].splitlines(keepends=True) if "template: closing" in line
    )
    (gone,) = only(changed((text, "")), "2.1.7")
    assert (gone.verb, gone.kind, gone.id, gone.after) == ("gone", "document", "closing", None)
    assert gone.before is not None


def test_a_clause_that_is_gone_and_one_that_came_are_told() -> None:
    comparison = changed(('  "0.1": {kind: statement', '  "0.9": {kind: statement'))
    assert {(each.ref, each.verb) for each in comparison.clauses} == {("0.9", "added"), ("0.1", "gone")}


def test_a_rule_that_changes_its_clause_stands_under_both() -> None:
    start = "    told_as: {zh: 登记受理您的投诉, en: We register your complaint}\n    cite: "
    comparison = changed((f'{start}"1.1.6"', f'{start}"1.1.5"'))
    assert [clause.ref for clause in comparison.clauses] == ["1.1.5", "1.1.6"]
    assert len(comparison.all) == 1


def test_roles_and_phases_cite_nothing_and_stand_elsewhere() -> None:
    comparison = changed(
        ("head: {of: department, boss: management", "head: {of: department, boss: supervisor"),
        ("  closing: {title: ", "  resting: {title: {zh: 搁置, en: Resting}}\n  closing: {title: "),
    )
    assert comparison.clauses == ()
    assert [(each.verb, each.kind, each.id) for each in comparison.elsewhere] == [
        ("changed", "role", "head"),
        ("added", "phase", "resting"),
    ]
    assert details(comparison.elsewhere[0]) == {"boss": ("Management", "Service supervisor")}


def test_the_head_of_a_pack_is_compared() -> None:
    (change,) = changed(("version: 1.0.0", "version: 1.1.0"), ("on_upgrade: pin", "on_upgrade: migrate")).elsewhere
    assert (change.kind, details(change)) == ("policy", {"on_upgrade": ("pin", "migrate")})


def test_another_role_of_the_same_title_is_not_lost() -> None:
    comparison = changed(
        ("  management: {title: {zh: 管理层, en: Management}}",
         "  management: {title: {zh: 管理层, en: Management}}\n  board: {title: {zh: 管理层, en: Management}}"),
        ("in: service, boss: management", "in: service, boss: board"),
    )  # fmt: skip
    boss = next(each for each in comparison.elsewhere if each.id == "supervisor")
    assert details(boss) == {"boss": ("Management (management)", "Management (board)")}


def test_a_ladder_and_a_condition_are_told() -> None:
    comparison = changed(
        ("breach: [{at: -15 min, tell: bearer}, {at: 0, tell: boss}, {at: 1 h, tell: management}]\n"
         "    title: {zh: 1小时内登记", "breach: [{at: 0, tell: boss}, {every: 20 min, tell: bearer}]\n"
         "    title: {zh: 1小时内登记"),
        ("'major'\"\n    do: close", "'major' and spread\"\n    do: close"),
    )  # fmt: skip
    register, close = comparison.all
    assert details(register)["breach"] == (
        "15 minutes before tell the bearer; when due tell the boss; 1 hour after tell Management",
        "when due tell the boss; every 20 minutes tell the bearer",
    )
    assert details(close) == {"where": ("severity == 'major'", "severity == 'major' and spread")}


def test_a_scenario_that_came_is_told() -> None:
    step = '{at: "2026-03-03T09:00+08:00", act: receive, by: agent, data: {channel: hotline, subject: x}}'
    story = f"\nscenarios:\n  - {{name: one more, log: [{step}]}}\n"
    comparison = changed(("\nretention:\n", f"{story}\nretention:\n"))
    assert [(each.verb, each.kind, each.id) for each in comparison.all] == [("added", "scenario", "one more")]


RULES = (
    "Clause", "Field", "Table", "Duty", "Act", "Chain", "Phase", "Role", "Department", "Office", "Channel",
    "Parameter", "Reading", "Explanation", "Periodic", "Document", "Retention", "Access", "Exam", "Ledger",
    "LateEntries", "Survey", "DistributionRule",
)  # fmt: skip


def declared(name: str) -> type:
    """Return the class of that name among those of which a pack is made."""
    modules = (import_module(f"{model.__name__}.{each.name}") for each in iter_modules(model.__path__))
    return next(getattr(module, name) for module in modules if hasattr(module, name))


@pytest.mark.parametrize("name", RULES)
def test_everything_that_a_rule_holds_has_a_name_in_both_languages(name: str) -> None:
    named = WORDS.entry("attributes")
    kept = {each.name for each in fields(declared(name)) if each.name not in LEFT_OUT}
    assert kept - set(named) == set()


def test_every_entry_of_a_pack_is_compared_or_computed_from_what_is() -> None:
    compared = {
        *SECTIONS.values(),
        "readings",
        "explanations",
        "calendars",
        "calendar_cites",
        "calendar_titles",
        "counting_calendar",
        "counting_cite",
        "procedures",
        "access",
        "late_entries",
        "figures",
        "watch",
        "causes",
        "scenarios",
        "clauses",
        "base_clauses",
        "title",
        "about",
        "called",
        "effective",
        "on_upgrade",
        "currency",
        "reference_prefix",
    }
    derived = {"id", "version", "hash", "sources", "kinds", "table_order", "calendar_places"}
    assert {each.name for each in fields(Pack)} == compared | derived
    assert {each.name for each in fields(Procedure)} == {*PARTS.values(), "id", "title", "at"}
    assert {each.name for each in fields(CalendarSpec)} <= set(WORDS.entry("attributes"))
    assert is_dataclass(CalendarSpec)


def test_a_calendar_is_called_by_its_title_and_a_new_one_is_told() -> None:
    source = (Path(__file__).parents[1] / "engine" / "abroad.yaml").read_text("utf-8")
    named = source.replace("hungary: {tz", "hungary: {title: {zh: 匈牙利, en: Hungary}, tz")
    before, after = (load_sources({"pack.yaml": text}) for text in (source, named))
    (change,) = [each for each in compare(before, after).all if each.kind == "calendar"]
    assert change.title == {"zh": "匈牙利", "en": "Hungary"}
    assert [(each.attribute, each.spoken("en")) for each in change.details] == [("title", ("hungary", "Hungary"))]


def test_what_a_calendar_has_at_certain_dates_is_told() -> None:
    old = 'office: {tz: Asia/Shanghai, week: {mon-fri: ["09:00-18:00"]}'
    seasons = 'seasons: {"06-15..09-15": {mon-fri: "08:00-14:00"}}, exceptions: {2026-12-24..2027-01-02: closed}'
    (calendar,) = changed((old, f"{old}, {seasons}")).all
    assert details(calendar) == {
        "closed": ("", "2026-12-24..2027-01-02"),
        "seasons": ("", "06-15..09-15: Mon-Fri: 08:00-14:00; Sat-Sun: closed"),
    }


def test_a_cut_off_the_cap_of_an_extension_and_the_receipt_are_told() -> None:
    old = "do: register\n    within: 1 h"
    (duty,) = only(changed((old, 'do: register\n    within: {length: 1 h, cutoff: "17:00"}')), "1.1.6")
    assert details(duty)["limit"] == ("1 hour", "1 hour (after 17:00 from the next working day on)")
    (kept,) = [each for each in changed(("  case: {keep: 3 years", "  case: {from: receipt, keep: 3 years")).all]
    assert details(kept) == {"since": ("its end", "its receipt")}


def test_a_year_that_begins_otherwise_and_the_earlier_of_two_limits_are_told_in_words() -> None:
    guide = (Path(__file__).parents[2] / "docs/how-to/recurrence.md").read_text("utf-8")
    text = guide.partition("```yaml\n")[2].partition("```")[0]
    edited = text.replace("every: month,", 'every: month, year_from: "01-06",').replace(
        "within: 10 workdays", "within: {latest: [10 workdays, 3 natural weeks]}"
    )
    found = compare(load_sources({"pack.yaml": text}), load_sources({"pack.yaml": edited}))
    told = {each.id: details(each) for each in found.all}
    assert told["monthly"] == {"year_from": ("01-01", "01-06")}
    assert told["close"]["limit"][1] == "10 working days or 3 natural weeks, whichever comes last"


def test_what_lies_beyond_a_promise_limit_is_told_with_whose_limit_it_is() -> None:
    pack = pack_of("training-service")
    asked = {field.beyond.role: field.beyond for field in pack.fields.values() if field.beyond is not None}
    told = {role: describe("beyond", beyond, Names(pack)) for role, beyond in asked.items()}
    assert {role: dict(said or {})["en"] for role, said in told.items()} == {
        None: "Compensation",
        "unit_head": "Head of the unit: Compensation",
    }


def test_a_rule_of_distribution_is_told_in_words() -> None:
    before = pack_of("overseas-customers")
    text = before.sources["pack.yaml"].replace("else: anybody", "else: hq_lead")
    after = load_sources({**before.sources, "pack.yaml": text})
    (change,) = compare(before, after).all
    assert (change.kind, change.clauses) == ("distribution", ("31",))
    assert details(change) == {"otherwise": ("whoever of the role comes nearest", "Head of HQ service")}
