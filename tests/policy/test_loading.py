"""Loading: defaults, limits, letters, scenarios, and what identifies a pack."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ombud.policy import PackError, load, load_sources, shipped
from ombud.policy.model.duties import Bearer
from ombud.policy.model.values import FieldType
from ombud.policy.stories import story_for
from ombud.worktime import Mode, Unit
from policy.builders import SMALL, TINY, changed, tiny


def problems(*pairs: tuple[str, str], more: str = "", files: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(PackError) as caught:
        changed(*pairs, more=more, files=files)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("id", shipped())
def test_a_shipped_pack_loads(id: str):
    assert load(id).id == id


def test_an_act_without_from_is_allowed_in_every_phase_but_start_and_end():
    assert tiny().main.acts["note"].from_phases == ("open", "waiting")


def test_staff_is_every_role_of_the_organisation_itself():
    assert tiny().main.acts["note"].by == ("agent", "manager")


def test_an_act_with_the_complainant_is_public_unless_it_says_otherwise_one_with_another_outsider_is_not():
    pack = changed(
        (
            "note: {by: staff}",
            "note: {by: staff}\n  reply: {by: complainant}\n  call: {by: agent, contacts: complainant}\n"
            "  inform: {by: agent, contacts: ministry}\n  demand: {by: ministry, tells: [agent]}",
        ),
        ("roles:\n", "roles:\n  ministry: {external: true}\n"),
    )
    public = [pack.main.acts[id].is_public for id in ("note", "reply", "call", "inform", "demand")]
    assert public == [False, True, True, False, False]
    pack = changed(("note: {by: staff}", "note: {by: complainant, public: false}"))
    assert not pack.main.acts["note"].is_public


def test_a_duty_has_the_defaults_of_the_language():
    duty = tiny().main.duties["close"]
    assert (duty.retrigger, duty.if_past, duty.recurs_from, duty.early) == ("keep", "overdue", "last", False)
    assert duty.bearer == Bearer(kind="role", name="agent")
    assert duty.anchor is None


def test_free_words_and_files_are_personal_unless_the_pack_says_otherwise():
    pack = changed(("  story: {type: long text}", "  story: {type: long text}\n  code: {type: text, personal: false}"))
    assert pack.fields["story"].is_personal
    assert not pack.fields["code"].is_personal
    assert not pack.fields["loss"].is_personal


@pytest.mark.parametrize(
    ("written", "length", "unit", "mode"),
    [
        ("3 workdays", 3, Unit.WORKDAY, Mode.NEXT_DAY_CLOSE),
        ("1 working day", 1, Unit.WORKDAY, Mode.NEXT_DAY_CLOSE),
        ("2 h", 2, Unit.HOUR, Mode.CLOCK),
        ("30 min", 30, Unit.MINUTE, Mode.CLOCK),
        ("4 working hours", 4, Unit.HOUR, Mode.BUSINESS),
        ("15 natural days", 15, Unit.DAY, Mode.NATURAL),
        ("3 standard days", 3, Unit.DAY, Mode.OPEN_DAYS),
        ("8 weeks", 8, Unit.WEEK, Mode.CALENDAR),
        ("1 month", 1, Unit.MONTH, Mode.CALENDAR),
    ],
)
def test_a_limit_in_words_has_its_unit_and_mode(written: str, length: int, unit: Unit, mode: Mode):
    limit = changed(("3 workdays", written)).main.duties["close"].limit
    assert (limit.length, limit.unit, limit.mode) == (length, unit, mode)


def test_counting_changes_what_units_mean():
    more = "counting: {workday: open_days, hour: business, calendar: office}\n"
    assert changed(more=more).main.duties["close"].limit.mode is Mode.OPEN_DAYS
    assert changed(("3 workdays", "20 min"), more=more).main.duties["close"].limit.mode is Mode.BUSINESS


def test_a_limit_in_its_long_form_names_calendar_and_roll():
    limit = changed(("3 workdays", "{length: 3 natural days, calendar: office, roll: no}")).main.duties["close"].limit
    assert (limit.calendar, limit.roll, limit.mode) == ("office", False, Mode.NATURAL)


def test_a_limit_may_be_graded_come_from_a_field_or_a_parameter():
    graded = changed(
        ("3 workdays", "{by: level, grave: 1 workday, else: patience}"),
        more="parameters: {patience: {value: 5 workdays}}\n",
    )
    limit = graded.main.duties["close"].limit
    assert limit.by == "level"
    assert limit.otherwise is not None
    assert (limit.otherwise.length, limit.otherwise.parameter) == (5, "patience")
    dated = changed(("3 workdays", "{field: agreed_by, else: 5 workdays}")).main.duties["close"].limit
    assert (dated.field, dated.otherwise and dated.otherwise.length) == ("agreed_by", 5)


def test_a_ladder_goes_before_at_and_after_due():
    ladder = (
        "breach: [{at: -30 min, tell: bearer}, {at: 0, tell: boss}, {at: 1 workday, tell: [manager, boss]}, "
        "{every: 1 workday, tell: complainant}]"
    )
    before, at, after, every = changed(("3 workdays", f"3 workdays, {ladder}")).main.duties["close"].breach
    assert (before.is_before, before.offset and before.offset.length) == (True, 30)
    assert (at.is_before, at.offset and at.offset.length, at.tell) == (False, 0, ("boss",))
    assert (after.offset and after.offset.length, after.tell) == (1, ("manager", "boss"))
    assert every.offset is None
    assert every.every is not None


def test_an_act_may_lead_where_a_choice_says():
    reply = "reply: {by: complainant, needs: [answer], to: {by: answer, rejected: waiting, else: stay}}"
    act = changed(("note: {by: staff}", reply)).main.acts["reply"]
    assert act.choices == {"accepted": "stay", "partly": "stay", "rejected": "waiting"}
    assert act.outcomes == ("reply.accepted", "reply.partly", "reply.rejected")


def test_a_setting_is_a_constant_a_copy_the_actor_the_instant_or_words():
    sets = "sets: {handler: actor, answer: accepted, injury: true, copy: level, story: {zh: 是, en: Yes}}"
    settings = {
        s.fact: (s.kind, s.value)
        for s in changed(("note: {by: staff}", f"note: {{by: staff, {sets}}}")).main.acts["note"].sets
    }
    assert settings == {
        "handler": ("actor", None),
        "answer": ("constant", "accepted"),
        "injury": ("constant", True),
        "copy": ("name", "level"),
        "story": ("text", {"zh": "是", "en": "Yes"}),
    }


def test_facts_that_acts_set_have_a_kind():
    kinds = tiny().kinds
    assert kinds["closed_by"].type is FieldType.PERSON
    assert kinds["closed_at"].type is FieldType.INSTANT
    assert kinds["department"].type is FieldType.DEPARTMENT


def test_a_chain_is_known_to_the_act_that_starts_it_and_tells_the_boss_by_default():
    chain = "chains: {plan: {starts: note, rejected: open, stages: [{role: manager, within: 1 workday}]}}\n"
    pack = changed(more=chain)
    assert pack.main.acts["note"].starts == "plan"
    assert pack.main.chains["plan"].stages[0].breach[0].tell == ("boss",)
    written_at_the_act = changed(
        ("note: {by: staff}", "note: {by: staff, starts: plan}"), more=chain.replace("starts: note, ", "")
    )
    assert written_at_the_act.main.chains["plan"].starts == "note"


def test_a_limit_may_lean_on_what_every_earlier_act_needed():
    text = TINY.replace("from: new, to: open}", "from: new, to: open, needs: [answer]}")
    graded = text.replace(
        "after: receive, do: close, within: 3 workdays",
        "after: note, do: close, within: {by: answer, accepted: 1 workday, partly: 2 workdays, rejected: 3 workdays}",
    )
    assert load_sources({"pack.yaml": graded}).main.duties["close"].limit.by == "answer"
    another_way = graded.replace(
        "  note: {by: staff}", "  note: {by: staff}\n  import_old: {by: agent, from: new, to: waiting}"
    )
    with pytest.raises(PackError, match='may be absent after "note"'):
        load_sources({"pack.yaml": another_way})


def test_letters_are_read_and_their_placeholders_checked():
    letters = {
        "letters/receipt.zh.md": "编号 {{ reference }}",
        "letters/receipt.en.md": "Due {{ due(close) }}, {{ level }}",
    }
    documents = "documents: {receipt: {after: receive, to: complainant}}\n"
    assert changed(more=documents, files=letters).documents["receipt"].templates["zh"] == "编号 {{ reference }}"
    wrong = {**letters, "letters/receipt.en.md": "Dear\n{{ nmae }} {{ due(closing) }} {{ reach(fax) }}"}
    assert problems(more=documents, files=wrong) == [
        'letters/receipt.en.md:2:1: Unknown placeholder "nmae" in the letter.',
        'letters/receipt.en.md:2:12: Unknown duty "closing" in the letter. Did you mean "close"?',
        'letters/receipt.en.md:2:31: Unknown channel "fax" in the letter. The pack has none.',
    ]


def test_a_signed_copy_comes_back_by_an_act_that_takes_files():
    letters = {"letters/receipt.zh.md": "\u7f16\u53f7", "letters/receipt.en.md": "Number"}
    documents = "documents: {receipt: {after: receive, to: complainant, signed: close}}\n"
    [problem] = problems(more=documents, files=letters)
    assert problem.endswith(
        'The signed copy of document "receipt" comes back by "close", which takes no files. '
        'Give that act a field of type "files", or name another one.'
    )
    [unknown] = problems(more=documents.replace("close", "sign"), files=letters)
    assert 'Unknown act "sign" in "signed" of document "receipt".' in unknown


def test_an_edited_letter_goes_outside_and_is_approved_by_somebody_who_sees_the_case():
    letters = {"letters/receipt.zh.md": "\u7f16\u53f7", "letters/receipt.en.md": "Number"}
    documents = "documents: {receipt: {after: receive, to: complainant, edit: true, approve: manager}}\n"
    [unseen] = problems(more=documents, files=letters)
    assert 'is approved by "manager", who is not told of "receive" and so may not see the case.' in unseen
    at_once = problems(more=documents.replace(" edit: true,", ""), files=letters)
    assert any('is approved by "manager", but goes out at once.' in each for each in at_once)
    [inside] = problems(more=documents.replace("complainant", "agent").replace(", approve: manager", ""), files=letters)
    assert 'Document "receipt" is edited before it goes to "agent".' in inside


def test_what_a_letter_encloses_is_a_field_of_files():
    letters = {"letters/receipt.zh.md": "\u7f16\u53f7", "letters/receipt.en.md": "Number"}
    documents = "documents: {receipt: {after: receive, to: complainant, encloses: story}}\n"
    [problem] = problems(more=documents, files=letters)
    assert problem.endswith('encloses "story", which holds no files. Name a field of type "files".')


def test_scenarios_are_typed_and_read_from_their_own_files_too():
    story = """
- name: a story
  log: [{at: "2026-03-03T09:00+08:00", act: receive, by: agent, data: {loss: 100 CNY, injury: no}}]
  expect: {grades: {level: slight}, duties: {close: open}}
"""
    pack = changed(files={"scenarios/first.yaml": story})
    scenario = pack.scenarios[0]
    assert scenario.at.file == "scenarios/first.yaml"
    assert scenario.story["log"][0]["data"] == {"loss": {"amount": "100.00", "currency": "CNY"}, "injury": False}
    assert scenario.story["expect"] == {"grades": {"level": "slight"}, "duties": {"close": "open"}}


def test_a_quotation_must_be_in_its_source_word_for_word():
    clause = 'clauses: {"1": {zh: 一, en: One, quote: 及时处理, source: policy.txt}}\n'
    assert changed(more=clause, files={"source/policy.txt": "投诉应当及时处理。"}).clauses["1"].quote == "及时处理"
    assert (
        "is not in source/policy.txt word for word" in problems(more=clause, files={"source/policy.txt": "尽快处理"})[0]
    )


def test_the_sources_give_the_same_pack_again():
    pack = load(SMALL)
    again = load_sources(pack.sources)
    assert again.hash == pack.hash
    assert again.main.duties == pack.main.duties


def test_the_hash_is_of_the_rules_not_of_comments_or_scenarios():
    assert load_sources({"pack.yaml": f"# a remark\n{TINY}"}).hash == tiny().hash
    story = '- {name: a story, log: [{at: "2026-03-03T09:00+08:00", act: receive, by: agent}]}\n'
    assert changed(files={"scenarios/first.yaml": story}).hash == tiny().hash
    assert changed(("3 workdays", "4 workdays")).hash != tiny().hash


def test_a_folder_without_a_pack_says_so(tmp_path: Path):
    with pytest.raises(PackError, match=r"There is no pack\.yaml"):
        load(tmp_path)


def test_nothing_outside_the_folder_is_read(tmp_path: Path):
    secret = tmp_path / "secret.md"
    secret.write_text("secret")
    folder = tmp_path / "pack"
    (folder / "letters").mkdir(parents=True)
    (folder / "pack.yaml").write_text(TINY)
    (folder / "letters" / "receipt.en.md").symlink_to(secret)
    with pytest.raises(PackError, match=r"letters/receipt\.en\.md is a link"):
        load(folder)


def test_a_folder_that_is_itself_a_link_out_of_the_pack_is_not_read(tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "receipt.en.md").write_text("secret")
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "pack.yaml").write_text(TINY)
    (folder / "letters").symlink_to(elsewhere)
    with pytest.raises(PackError, match=r"letters/receipt\.en\.md is a link"):
        load(folder)


def test_a_huge_file_is_refused_unread(tmp_path: Path):
    (tmp_path / "pack.yaml").write_text("#" * 1_000_001)
    with pytest.raises(PackError, match="is larger than"):
        load(tmp_path)


def test_deep_nesting_is_refused():
    with pytest.raises(PackError, match="levels deep"):
        load_sources({"pack.yaml": "[" * 2000})


PARTS = re.findall(r'[\w.]+|"[^"]*"|\s+|[^\w\s]', (SMALL / "pack.yaml").read_text("utf-8"))
STRANGE = ["", "{}", "[]", '""', "x", "true", "1", "- a", "{a: b}", "[[a]]", "{by: level}", *sorted(set(PARTS))]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, len(PARTS) - 1), st.sampled_from(STRANGE)), min_size=1, max_size=4))
def test_whatever_is_changed_the_answer_is_a_pack_or_its_problems(changes: list[tuple[int, str]]):
    parts = list(PARTS)
    for index, part in changes:
        parts[index] = part
    with suppress(PackError):
        load_sources({"pack.yaml": "".join(parts)})


def test_a_story_of_its_own_leaves_wrong_values_for_the_engine_to_refuse():
    data = "data: {loss: plenty, colour: red, people: 3}"
    text = f'log: [{{at: "2026-03-03T09:00+08:00", act: receive, by: agent, {data}}}]'
    story = story_for(tiny(), text, "story.yaml")
    assert story["log"][0]["data"] == {"loss": "plenty", "colour": "red", "people": 3}
    with pytest.raises(PackError, match="Unknown act"):
        story_for(tiny(), text.replace("receive", "recieve"), "story.yaml")
