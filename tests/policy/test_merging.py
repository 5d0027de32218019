"""`extends: base`: whole entries by id, the pack's over the base's, without what it drops."""

from ombud.policy import load_sources
from ombud.policy.model.pack import Pack
from policy.builders import TINY

BASE = """\
pack: {id: base, version: 1.0.0, effective: 2026-01-01}
clauses:
  "1": {zh: 基本记录, en: The record}
data:
  subject: {type: text, cite: "1"}
  loss: {type: money, domain: "[0,inf)", cite: "1"}
acts:
  note: {by: staff, may: [subject], cite: "1"}
  attach: {by: [complainant, staff], cite: "1"}
"""


def extended(head: str = "extends: base", text: str = TINY) -> Pack:
    text = text.replace("effective: 2026-01-01}", f"effective: 2026-01-01, {head}}}")
    return load_sources({"pack.yaml": text, "base/pack.yaml": BASE})


def test_entries_of_the_base_come_in_and_keep_their_place():
    pack = extended()
    assert str(pack.main.acts["attach"].at) == "base/pack.yaml:9:11"
    assert pack.fields["subject"].is_personal


def test_an_entry_of_the_pack_replaces_the_bases_as_a_whole():
    pack = extended()
    assert pack.fields["loss"].domain is None
    assert pack.main.acts["note"].may == ()
    assert pack.main.acts["note"].cite == ()


def test_the_bases_clauses_are_cited_and_counted_apart():
    pack = extended(text=TINY + 'clauses: {"1": {zh: 自己的, en: Our own}}\n')
    assert set(pack.base_clauses) == {"base:1"}
    assert pack.clauses["1"].text["en"] == "Our own"
    assert pack.main.acts["attach"].cite == ("base:1",)


def test_a_pack_may_cite_a_clause_of_the_base():
    pack = extended(text=TINY.replace("note: {by: staff}", 'note: {by: staff, cite: "base:1"}'))
    assert pack.main.acts["note"].cite == ("base:1",)


def test_what_is_dropped_does_not_come_in():
    pack = extended("extends: base, drop: {acts: [attach], data: [subject]}", TINY)
    assert "attach" not in pack.main.acts
    assert "subject" not in pack.fields


def test_the_base_is_part_of_the_hash_and_of_the_sources():
    pack = extended()
    assert pack.sources["base/pack.yaml"] == BASE
    other = load_sources({**pack.sources, "base/pack.yaml": BASE.replace("[complainant, staff]", "staff")})
    assert other.hash != pack.hash
    assert load_sources(pack.sources).hash == pack.hash
