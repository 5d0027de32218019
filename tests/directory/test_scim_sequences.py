"""The calls that Okta and Entra ID make, in the order and form in which both publish them."""

from __future__ import annotations

import pytest
from django.utils import translation

from builders import make_case
from cast import Cast
from directed import GROUP, NOW, PATCH, USER, Scim, make_directory
from ombud.cases.keeping.verify import verify_all
from ombud.directory import keeping
from ombud.directory.models import Entry, Group
from ombud.organisation import hiring
from ombud.organisation.hiring import Place
from ombud.organisation.models import ADMINISTRATOR, Change, Department, Membership, Person

pytestmark = pytest.mark.django_db
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.fixture
def admin(cast: Cast) -> Person:
    hiring.give(cast.nobody, Place(policy="", role=ADMINISTRATOR), by=cast.mo, now=NOW)
    return cast.nobody


@pytest.fixture
def scim(admin: Person) -> Scim:
    return Scim(make_directory(admin), admin)


def contact() -> Place:
    department = Department.objects.get(policy="customer-complaints", key="quality")
    return Place(policy="customer-complaints", role="contact", department=department)


def test_okta_makes_a_user_changes_it_and_ends_it(scim: Scim) -> None:
    asked = {"filter": 'userName eq "test.user@okta.local"', "startIndex": "1", "count": "100"}
    nobody = scim.said("GET", "Users", query=asked)
    assert nobody == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 0,
        "startIndex": 1,
        "itemsPerPage": 0,
        "Resources": [],
    }
    made = scim.said(
        "POST",
        "Users",
        {
            "schemas": USER,
            "userName": "test.user@okta.local",
            "name": {"givenName": "Test", "familyName": "User"},
            "emails": [{"primary": True, "value": "test.user@okta.local", "type": "work"}],
            "displayName": "Test User",
            "locale": "en-US",
            "externalId": "00ujl29u0le5T6Aj10h7",
            "groups": [],
            "password": "1mz050nq",
            "active": True,
        },
        status=201,
    )
    person = Person.objects.get(username="test.user@okta.local")
    assert (str(person), person.email, person.has_usable_password()) == ("Test User", "test.user@okta.local", False)
    assert "password" not in made
    read = scim.said("GET", f"Users/{made['id']}")
    assert read == made
    assert read["name"] == {"familyName": "User", "givenName": "Test"}
    changed = {**read, "name": {"givenName": "Another", "familyName": "User"}, "displayName": "Another User"}
    assert scim.said("PUT", f"Users/{made['id']}", changed)["displayName"] == "Another User"
    ended = scim.patch(f"Users/{made['id']}", {"op": "replace", "value": {"active": False}})
    person.refresh_from_db()
    assert (ended["active"], person.is_active, str(person)) == (False, False, "Another User")
    assert scim.patch(f"Users/{made['id']}", {"op": "replace", "value": {"active": True}})["active"]
    said = [(change.through, change.by) for change in hiring.history(person)]
    assert said == [("Okta", None)] * 4
    assert verify_all()["problems"] == []


def test_okta_pushes_a_group_and_changes_who_is_in_it(scim: Scim, admin: Person) -> None:
    first, second = scim.user("one@example.com"), scim.user("two@example.com")
    made = scim.said("POST", "Groups", {"schemas": GROUP, "displayName": "Quality", "members": []}, status=201)
    keeping.map_to(Group.objects.get(pk=made["id"]), contact(), by=admin, now=NOW)
    scim.patch(
        f"Groups/{made['id']}", {"op": "add", "path": "members", "value": [{"value": first["id"], "display": "one"}]}
    )
    held = Membership.objects.get(policy="customer-complaints", person__username="one@example.com")
    assert (held.role, held.department and held.department.key) == ("contact", "quality")
    scim.patch(
        f"Groups/{made['id']}",
        {"op": "remove", "path": f'members[value eq "{first["id"]}"]'},
        {"op": "add", "path": "members", "value": [{"value": second["id"], "display": "two"}]},
    )
    now_held = Membership.objects.filter(policy="customer-complaints", person__directory_entry__isnull=False)
    assert [each.person.username for each in now_held] == ["two@example.com"]
    renamed = scim.patch(
        f"Groups/{made['id']}", {"op": "replace", "value": {"id": made["id"], "displayName": "Quality team"}}
    )
    assert (renamed["displayName"], len(renamed["members"])) == ("Quality team", 1)
    scim.patch(f"Groups/{made['id']}", {"op": "replace", "path": "members", "value": [{"value": first["id"]}]})
    assert now_held.get().person.username == "one@example.com"
    scim.said("DELETE", f"Groups/{made['id']}", status=204)
    assert not now_held.all().exists()
    assert verify_all()["problems"] == []


def test_entra_makes_a_user_and_patches_as_it_does(scim: Scim) -> None:
    assert scim.said("GET", "Users", query={"filter": 'externalId eq "7ad0e36b"'})["totalResults"] == 0
    made = scim.said(
        "POST",
        "Users",
        {
            "schemas": [*USER, ENTERPRISE],
            "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
            "userName": "Test_User_ab6490ee@example.com",
            "active": True,
            "displayName": "\u4f55\u654f",
            "emails": [{"primary": True, "type": "work", "value": "Test_User_fd0ea19b@example.com"}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
            "roles": [],
            ENTERPRISE: {"department": "Quality", "employeeNumber": "7"},
        },
        status=201,
    )
    person = Person.objects.get(directory_entry=made["id"])
    assert person.names == {"zh": "\u4f55\u654f"}
    changed = scim.patch(
        f"Users/{made['id']}",
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "updatedEmail@example.com"},
        {"op": "Replace", "path": "name.familyName", "value": "updatedFamilyName"},
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "b66"},
        {"op": "Add", "path": "preferredLanguage", "value": "zh-CN"},
    )
    assert changed["emails"] == [{"value": "updatedEmail@example.com", "type": "work", "primary": True}]
    assert (changed["name"]["familyName"], changed["preferredLanguage"]) == ("updatedFamilyName", "zh-hans")
    several = {"displayName": "He", "name.givenName": "Min", 'emails[type eq "work"].value': "min@example.com"}
    assert scim.patch(f"Users/{made['id']}", {"op": "Add", "value": several})["emails"][0]["value"] == "min@example.com"
    assert not scim.patch(f"Users/{made['id']}", {"op": "Replace", "path": "active", "value": "False"})["active"]
    person.refresh_from_db()
    assert (person.is_active, person.email) == (False, "min@example.com")
    assert scim.patch(f"Users/{made['id']}", {"op": "Replace", "path": "active", "value": "True"})["active"]
    found = scim.said("GET", "Users", query={"filter": 'emails[type eq "work"].value eq "MIN@example.com"'})
    assert found["Resources"][0]["id"] == made["id"]
    renamed = scim.patch(f"Users/{made['id']}", {"op": "Replace", "path": "userName", "value": "he@example.com"})
    assert renamed["userName"] == "he@example.com"
    scim.said("DELETE", f"Users/{made['id']}", status=204)
    assert scim.said("GET", f"Users/{made['id']}", status=404)["status"] == "404"
    person.refresh_from_db()
    assert not person.is_active


def test_entra_makes_a_group_and_puts_people_in_and_out(scim: Scim) -> None:
    user = scim.user()
    made = scim.said(
        "POST",
        "Groups",
        {"schemas": GROUP, "externalId": "8aa1a0c0", "displayName": "displayName", "meta": {"resourceType": "Group"}},
        status=201,
    )
    asked = {"excludedAttributes": "members", "filter": 'displayName eq "displayName"'}
    (found,) = scim.said("GET", "Groups", query=asked)["Resources"]
    assert (found["id"], "members" in found) == (made["id"], False)
    operation = {"op": "Add", "path": "members", "value": [{"$ref": None, "value": user["id"]}]}
    scim.patch(f"Groups/{made['id']}", operation)
    scim.patch(f"Groups/{made['id']}", operation)  # twice is once
    asked = {"filter": f'id eq "{made["id"]}" and members eq "{user["id"]}"'}
    assert scim.said("GET", "Groups", query=asked)["totalResults"] == 1
    gone = {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": user["id"]}]}
    assert scim.patch(f"Groups/{made['id']}", gone)["members"] == []
    named = {"op": "Replace", "path": "displayName", "value": "another"}
    assert scim.patch(f"Groups/{made['id']}", named)["displayName"] == "another"


def test_who_has_an_account_is_found_by_address_and_keeps_it(scim: Scim, cast: Cast) -> None:
    made = scim.user("lin@example.com")
    cast.lin.refresh_from_db()
    assert Entry.objects.get(pk=made["id"]).person == cast.lin
    assert cast.lin.memberships.filter(role="agent").exists()  # what was given by hand stays
    again = scim("POST", "Users", {"schemas": USER, "userName": "lin@example.com"})
    assert (again.status_code, again.json()["scimType"]) == (409, "uniqueness")


def test_how_an_administrator_signs_in_is_no_directorys_to_change(scim: Scim, admin: Person) -> None:
    made = scim.user("nobody@example.com")
    assert made["userName"] == "nobody"
    operation = {"op": "replace", "path": 'emails[type eq "work"].value', "value": "thief@example.com"}
    assert scim.patch(f"Users/{made['id']}", operation)["emails"][0]["value"] == "nobody@example.com"
    refused = scim("PATCH", f"Users/{made['id']}", {"Operations": [{"op": "replace", "value": {"active": False}}]})
    assert (refused.status_code, refused.json()["status"]) == (403, "403")  # nobody else is one
    admin.refresh_from_db()
    assert admin.is_active
    assert scim("DELETE", f"Users/{made['id']}").status_code == 403


def test_a_leaver_is_signed_out_and_managers_are_told_of_their_open_cases(scim: Scim, cast: Cast) -> None:
    made = scim.user("lin@example.com")
    case = make_case().case
    case.handler = cast.lin
    case.save(update_fields=["handler"])
    cast.lin.set_password("something long")
    cast.lin.save()
    scim.patch(f"Users/{made['id']}", {"op": "Replace", "path": "active", "value": "False"})
    cast.lin.refresh_from_db()
    assert not cast.lin.has_usable_password()
    notice = cast.mo.notices.get()
    assert (notice.kind, notice.case, notice.asked_by) == ("leaver", case, cast.lin)
    assert cast.lin.memberships.filter(role="agent").exists()  # by which the case is handed over


def test_who_was_let_go_by_hand_does_not_come_back_by_a_directory_that_never_said_otherwise(
    scim: Scim, cast: Cast, admin: Person
) -> None:
    made = scim.user("lin@example.com")
    cast.lin.refresh_from_db()
    hiring.leave(cast.lin, by=admin, now=NOW)
    changed = scim.patch(f"Users/{made['id']}", {"op": "replace", "value": {"displayName": "L", "active": True}})
    assert changed["active"] is False
    scim.patch(f"Users/{made['id']}", {"op": "replace", "value": {"active": False}})
    assert scim.patch(f"Users/{made['id']}", {"op": "replace", "value": {"active": True}})["active"] is True


def test_versions_keep_two_from_changing_the_same(scim: Scim) -> None:
    made = scim.user()
    version, path = made["meta"]["version"], f"Users/{made['id']}"
    assert scim("GET", path)["ETag"] == version
    assert scim("GET", path, **{"if-none-match": version}).status_code == 304
    body = {"schemas": PATCH, "Operations": [{"op": "replace", "path": "title", "value": "Agent"}]}
    assert scim("PATCH", path, body, **{"if-match": version}).status_code == 200
    late = scim("PATCH", path, body, **{"if-match": version})
    assert (late.status_code, late.json()["schemas"]) == (412, ["urn:ietf:params:scim:api:messages:2.0:Error"])
    assert scim("DELETE", path, **{"if-match": version}).status_code == 412
    assert scim("PATCH", path, body, **{"if-match": "*"}).status_code == 200


def test_a_role_by_hand_stays_whatever_the_group(scim: Scim, cast: Cast, admin: Person) -> None:
    user = scim.user("chen@example.com")
    group = scim.said("POST", "Groups", {"displayName": "Quality", "members": [{"value": user["id"]}]}, status=201)
    row = Group.objects.get(pk=group["id"])
    keeping.map_to(row, contact(), by=admin, now=NOW)  # which Chen holds by hand already
    scim.said("DELETE", f"Groups/{group['id']}", status=204)
    assert cast.chen.memberships.filter(role="contact").count() == 1


def test_what_a_directory_did_is_written_down_under_its_name(scim: Scim) -> None:
    scim.said("POST", "Groups", {"displayName": "Quality", "members": [{"value": scim.user()["id"]}]}, status=201)
    (change,) = Change.objects.filter(kind=keeping.KIND, through="Okta")
    assert (change.content["group"], len(change.content["joined"]), change.by) == ("Quality", 1, None)
    with translation.override("en"):
        assert change.who == "Directory Okta"
