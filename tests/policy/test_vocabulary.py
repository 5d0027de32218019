"""The ids of packs that the program knows stand in one module: nowhere else is one compared, looked up or handed on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ombud
from ombud.policy import vocabulary
from ombud.policy.loader import shipped
from shipped_packs import pack_of

SOURCE = Path(ombud.__file__).parent
KIND_OF_SETTING = "name"  # a field too, but compared only as the kind of what an act sets
IDS = {value for name, value in vars(vocabulary).items() if name.isupper() and isinstance(value, str)}
LOOKED_UP = {
    "acts",
    "chains",
    "channels",
    "data",
    "duties",
    "facts",
    "fields",
    "kinds",
    "procedures",
    "roles",
    "tables",
}
HANDED_ON = {"act", "field", "name", "person", "role"}
# The same words for other things: columns, requests, kinds of channels, sections of a pack's own language.
OTHERS = {
    "directory/books/model.py": {"address", "answer"},  # what went wrong
    "directory/people.py": {"email"},
    "directory/planning.py": {"email"},  # columns of a person
    "directory/scim/callers.py": {"bearer"},  # how a token is shown
    "directory/scim/groups.py": {"members"},  # what SCIM calls it
    "directory/scim/patching.py": {"members"},
    "insight/contributions.py": {"complainants"},  # a column
    "insight/daily.py": {"channel", "department", "handler", "office"},  # columns
    "workbench/rota_form.py": {"office"},  # a field of a form
    "api/cases.py": {"department"},
    "correspondence/accounts.py": {"account", "address", "channel", "staff"},
    "correspondence/addressed.py": {"account", "address", "language"},  # columns of a message
    "correspondence/attaching.py": {"case", "office"},
    "channels/importer/tickets.py": {"email", "name", "phone"},  # what other systems call parts of a person
    "correspondence/suggesting.py": {"address"},
    "portal/lost.py": {"phone"},  # a kind of channel
    "cases/keeping/records.py": {"case"},  # a column
    "insight/exports/dumps.py": {"actor", "case", "channel", "department", "handler", "language", "office"},  # columns
    "workbench/bulk.py": {"case"},  # a field of a form
    "workbench/model_cases.py": {"withdraw"},  # a button of a form
    "organisation/exchanging.py": {"withdraw"},  # what is done with an offer
    "workbench/export_cases.py": {"case"},  # a kind of page
    "workbench/exports.py": {"register"},  # a list that is taken along
    "channels/viber/incoming.py": {"message"},  # what the provider calls it
    "organisation/hiring.py": {"account", "email", "language"},  # columns of a person
    "papers/dossier/stand_alone.py": {"evidence"},  # what a list calls a file
    "workbench/person_form.py": {"language", "office"},  # fields of a form
    "workbench/inbox_complaint.py": {"email"},  # likewise
    "workbench/message_form.py": {"language"},
    "insight/topics.py": {"department", "office"},  # columns
    "insight/sums.py": {"channel", "department", "handler", "office"},  # columns
    "project/demo/records.py": {"office"},  # a column
    "project/watching/metrics.py": {"bearer"},  # how a token is shown
    "insight/keys.py": {"channel"},  # dimensions that figures are taken apart by
    "insight/scopes.py": {"department", "handler", "office"},  # columns
    "engine/__init__.py": {"note"},  # a function
    "channels/orders/sheets.py": {"answer"},  # a column of an authority's table
    "workbench/partners.py": {"channel", "office"},  # columns of a link
    "workbench/referral_forms.py": {"answer"},
    "workbench/account_form.py": {"address", "channel", "email", "office"},
    "workbench/account_fields.py": {"address", "channel", "office"},  # fields of the forms
    "correspondence/wording.py": {"address", "channel", "name", "reason", "subject"},  # parts of a message
    "api/keys.py": {"evidence"},
    "channels/mail/markup.py": {"address"},  # an element of HTML
    "workbench/policy_editor.py": {"note"},  # how grave a finding is
    "workbench/versions.py": {"note"},
    "cases/access/case_access.py": {"evidence"},
    "engine/value_errors.py": {"department"},
    "cases/reading/filters.py": {"handler", "department", "office", "channel"},
    "cases/reading/training.py": {"missing"},
    "cases/reading/queries.py": {"register"},
    "policy/compare/describing.py": {"boss", "members"},
    "policy/compare/naming.py": {"actor"},
    "policy/header.py": {"channel"},
    "policy/people.py": {"phone", "email"},
    "organisation/changes.py": {"evidence", "country", "email", "phone", "address", "reason"},
    "workbench/ceilings.py": {"reason"},  # a column
    "signin/providers/saml/assertion.py": {"email"},  # what providers call it
    "workbench/authorities.py": {"country", "email", "office"},
    "portal/urls.py": {"evidence"},
    "project/founding/people_list.py": {"department", "email", "office"},  # columns of a list
    "project/serve.py": {"clock"},
    "workbench/policy_steps.py": {"withdraw"},
    "channels/line/incoming.py": {"message"},  # what LINE calls a kind of its events
    "channels/sms/gateway.py": {"subject"},
    "channels/whatsapp/incoming.py": {"system"},  # a kind of its messages
    "correspondence/enclosures.py": {"message"},
    "organisation/address_lines.py": {"office"},  # a column
    "workbench/telephone_form.py": {"address", "channel", "language", "office", "phone"},
    "workbench/provider_form.py": {"address", "channel", "office", "phone"},
    "workbench/record.py": {"phone"},
    "workbench/way_form.py": {"language", "department", "office", "address"},  # fields of the form
    "worktime/announcements.py": {"country"},
    "privacy/contacts.py": {"phone", "email"},  # kinds of keys
    "workbench/announcement_form.py": {"country"},
    "workbench/calendar_changes.py": {"country"},
}


def ids_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the ids that a module uses as such: as constants of its own, compared, looked up, or handed on."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare():
                yield from _ids([node.left, *node.comparators])
            case ast.Subscript(value=holder, slice=key) if _name(holder) in LOOKED_UP:
                yield from _ids([key])
            case ast.Call(func=ast.Attribute(value=holder, attr="get"), args=[key, *_]) if _name(holder) in LOOKED_UP:
                yield from _ids([key])
            case ast.Call(keywords=keywords):
                yield from _ids([each.value for each in keywords if each.arg in HANDED_ON])
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and not any(_name(each).endswith("KEYS") for each in statement.targets):
            yield from _ids([statement.value])


def _ids(nodes: list[ast.expr]) -> Iterator[tuple[int, str]]:
    for node in nodes:
        match node:
            case ast.Constant(value=str(value)) if value in IDS:
                yield node.lineno, value
            case ast.Tuple(elts=inner) | ast.List(elts=inner) | ast.Set(elts=inner):
                yield from _ids(inner)
            case ast.Call(func=ast.Name(id="frozenset" | "set" | "tuple"), args=inner):
                yield from _ids(inner)
            case ast.BinOp(left=left, right=right):
                yield from _ids([left, right])


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Tuple(elts=[first, *_]):
            return _name(first)
    return ""


def test_no_module_names_an_id_of_packs_itself():
    found = [
        f"{file}:{line}: {id}"
        for path in sorted(SOURCE.rglob("*.py"))
        if (file := path.relative_to(SOURCE).as_posix()) != "policy/vocabulary.py" and "/migrations/" not in file
        for line, id in ids_in(ast.parse(path.read_text("utf-8")))
        if id not in OTHERS.get(file, ()) and id != KIND_OF_SETTING
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    ['TAKE = "take"', 'X = ("boss", "me")', 'if act == "receive": pass', 'x = pack.main.acts["receive"]',
     'x = state.facts.get("email")', 'Actor(person=p, role="clock")', 'x = role.of in {"handler", "office"}'],
)  # fmt: skip
def test_an_id_is_found_wherever_it_is_used_as_one(code: str):
    assert list(ids_in(ast.parse(code)))


def test_every_id_is_one_that_the_shipped_packs_have_or_the_language_gives():
    packs = [pack_of(pack) for pack in shipped()]
    known: set[str] = set()
    for pack in packs:
        known |= {*pack.roles, *pack.kinds, *pack.procedures, *pack.retention}
        for procedure in pack.procedures.values():
            known |= {*procedure.acts}
    language = {
        *vocabulary.MACHINES,
        *["staff", "boss", "bearer", "actor", "nobody", "trigger"],
        *vocabulary.BESIDE_FACTS,
    }
    assert IDS - known - language == set()
