"""What the base says of any role outside is written out for those that a pack has."""

from ombud.policy import load_sources
from ombud.policy.model.pack import Pack
from ombud.policy.outsiders import addressed, fields_of_others, outside_roles
from policy.builders import TINY

BASE = """\
pack: {id: base, version: 1.0.0, effective: 2026-01-01}
roles:
  complainant: {external: true, title: {zh: 投诉人, en: Complainant}}
outsiders:
  clauses:
    "13": {zh: 记入外部机构的地址, en: Where those outside are written to}
  data:
    "{role}_name": {type: text, title: {zh: "{title}名称", en: "Name of the {title}"}, cite: "13"}
    "{role}_email": {type: text, title: {zh: "{title}邮箱", en: "E-mail of the {title}"}, cite: "13"}
  acts:
    "address_{role}":
      by: staff
      needs: ["{role}_name"]
      may: ["{role}_email"]
      title: {zh: "登记{title}", en: "Note the {title}"}
      cite: "13"
"""
MINISTRY = "  ministry: {external: true, title: {zh: 主管部门, en: Ministry}}\n"


def extended(roles: str = "", *, head: str = "extends: base") -> Pack:
    text = TINY.replace("effective: 2026-01-01}", f"effective: 2026-01-01, {head}}}")
    return load_sources({"pack.yaml": text.replace("roles:\n", f"roles:\n{roles}"), "base/pack.yaml": BASE})


def test_a_role_outside_has_its_fields_and_its_act_without_the_pack_writing_them():
    pack = extended(MINISTRY)
    assert pack.fields["ministry_email"].title == {"zh": "主管部门邮箱", "en": "E-mail of the ministry"}
    assert pack.fields["ministry_email"].is_personal
    act = pack.main.acts["address_ministry"]
    assert (act.title["en"], act.needs, act.may) == ("Note the ministry", ("ministry_name",), ("ministry_email",))
    assert act.cite == ("base:13",)
    assert addressed(pack) == {"ministry": {"name": "ministry_name", "email": "ministry_email"}}


def test_several_roles_have_each_their_own():
    pack = extended(MINISTRY + "  partner: {external: true}\n")
    assert outside_roles(pack) == ("ministry", "partner")
    assert pack.fields["partner_name"].title == {"zh": "partner名称", "en": "Name of the partner"}
    assert fields_of_others(pack, "partner") == {"ministry_name", "ministry_email"}
    assert len(fields_of_others(pack, "complainant")) == 4


def test_a_pack_without_others_outside_has_none_of_it():
    pack = extended()
    assert addressed(pack) == {}
    assert not [id for id in (*pack.fields, *pack.main.acts) if "{" in id or id.startswith("complainant_")]
    assert pack.base_clauses == {}


def test_an_entry_of_the_pack_replaces_the_one_written_out_and_drop_leaves_it_out():
    pack = extended(MINISTRY, head="extends: base, drop: {acts: [address_ministry], data: [ministry_email]}")
    assert "address_ministry" not in pack.main.acts
    assert addressed(pack) == {"ministry": {"name": "ministry_name"}}
