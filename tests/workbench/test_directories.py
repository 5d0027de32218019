"""The pages of directories: administrators enter them and decide, others who oversee see how they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from books import ID, SECRET, Company, wecom
from builders import after, make_case
from cast import Cast
from directed import Scim, make_directory
from ombud.directory import keeping, reading
from ombud.directory.models import Directory, Group, Reading
from ombud.organisation import hiring
from ombud.organisation.hiring import Place
from ombud.organisation.models import ADMINISTRATOR, Membership, Person

pytestmark = pytest.mark.django_db
NOW = after(10)


def signed_in(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


@pytest.fixture
def admin(cast: Cast) -> Client:
    hiring.give(cast.nobody, Place(policy="", role=ADMINISTRATOR), by=cast.mo, now=after(1))
    return signed_in(cast.nobody)


@pytest.fixture
def company(settings: Any) -> Iterator[tuple[Company, str]]:
    found = Company(
        units=[("1", "Company", ""), ("2", "Service", "1")],
        people=[("u1", "He Min", "he@example.com", ["2"]), ("u2", "Cook", "cook@example.com", ["1"])],
    )
    with wecom(found) as server:
        settings.OMBUD_OUTGOING_ALLOWED = [server.url]
        yield found, server.url


def page(client: Client, address: str, **data: Any) -> str:
    answer = client.post(address, data, follow=True) if data else client.get(address)
    return str(answer.content.decode())


def test_an_address_book_is_entered_read_mapped_and_carried_out(
    admin: Client, company: tuple[Company, str], cast: Cast
) -> None:
    form = {
        "name": "WeCom", "client_id": ID, "secret": SECRET, "url": company[1], "every": "24", "most_leaving": "10",
        "is_on": "on", "only_mapped": "on",
    }  # fmt: skip
    said = page(admin, "/desk/directories/new/wecom/", **form)
    assert "Saved." in said
    assert SECRET not in said
    row = Directory.objects.get()
    assert "is being read" in page(admin, f"/desk/directories/{row.pk}/read/", x="1")
    reading.run(now=NOW)
    assert "nothing had changed" in page(admin, f"/desk/directories/{row.pk}/")
    group = Group.objects.get(name="Service")
    assert "stands for no role" in page(admin, f"/desk/directories/{row.pk}/groups/")
    given = {"role": "customer-complaints/contact", "department": "customer-complaints/quality"}
    said = page(admin, f"/desk/directories/{row.pk}/groups/{group.pk}/", **given)
    assert "Take away" in said
    page(admin, f"/desk/directories/{row.pk}/read/", x="1")
    reading.run(now=NOW)
    last = Reading.objects.latest("id")
    said = page(admin, f"/desk/directories/{row.pk}/readings/{last.pk}/")
    assert "He Min" in said
    assert "Cook" not in said
    assert "gets" in said
    said = page(admin, f"/desk/directories/{row.pk}/readings/{last.pk}/", do="carry-out")
    assert "is being carried out" in said
    reading.run(now=NOW)
    held = Membership.objects.get(person__email="he@example.com")
    assert held.role == "contact"
    said = page(admin, f"/desk/directories/{row.pk}/")
    assert "Got the role" in said
    said = page(admin, f"/desk/people/{held.person_id}/")
    assert "Directory WeCom" in said
    mapping = group.mappings.get()
    page(admin, f"/desk/directories/{row.pk}/groups/{group.pk}/{mapping.pk}/remove/", x="1")
    assert not Membership.objects.filter(person__email="he@example.com").exists()


def test_what_would_change_can_be_dropped(admin: Client, company: tuple[Company, str], cast: Cast) -> None:
    values = {"name": "B", "kind": "wecom", "client_id": ID, "url": company[1], "secret": SECRET}
    row = make_directory(cast.nobody, **values, only_mapped=False)
    page(admin, f"/desk/directories/{row.pk}/read/", x="1")
    reading.run(now=NOW)
    last = Reading.objects.latest("id")
    assert "Dropped" in page(admin, f"/desk/directories/{row.pk}/readings/{last.pk}/", do="drop")
    assert "decided already" in page(admin, f"/desk/directories/{row.pk}/readings/{last.pk}/", do="carry-out")
    assert not Person.objects.filter(email="he@example.com").exists()


def test_a_token_is_shown_once_and_revoked(admin: Client, cast: Cast) -> None:
    page(admin, "/desk/directories/new/scim/", name="Okta", is_on="on")
    row = Directory.objects.get()
    said = page(admin, f"/desk/directories/{row.pk}/", name="production", days="365")
    assert said.count(keeping.TOKEN) == 2  # to read and to copy
    assert "http://testserver/scim/v2" in said
    assert keeping.TOKEN not in page(admin, f"/desk/directories/{row.pk}/")
    token = row.tokens.get()
    assert "turned away" in page(admin, f"/desk/directories/{row.pk}/tokens/{token.pk}/revoke/", x="1")
    token.refresh_from_db()
    assert token.revoked_at is not None
    said = page(admin, f"/desk/directories/{row.pk}/")
    assert "A token was revoked: production" in said


def test_nobody_gives_themselves_a_role_by_a_group(admin: Client, cast: Cast) -> None:
    scim = Scim(make_directory(cast.nobody), cast.nobody)
    user = scim.user("nobody@example.com")
    made = scim.said("POST", "Groups", {"displayName": "Admins", "members": [{"value": user["id"]}]}, status=201)
    address = f"/desk/directories/{scim.directory.pk}/groups/{made['id']}/"
    assert "Ask another administrator" in page(admin, address, role="/manager")
    assert not cast.nobody.memberships.filter(role="manager").exists()


def test_a_secret_goes_to_no_other_server_unless_it_is_typed_again(
    admin: Client, company: tuple[Company, str], cast: Cast
) -> None:
    values = {"name": "B", "kind": "wecom", "client_id": ID, "url": company[1], "secret": SECRET}
    row = make_directory(cast.nobody, **values)
    form = {"name": "B", "client_id": ID, "url": "", "every": "0", "most_leaving": "10"}
    answer = admin.post(f"/desk/directories/{row.pk}/settings/", form)
    assert (answer.status_code, "Type it again" in answer.content.decode()) == (422, True)
    assert admin.post(f"/desk/directories/{row.pk}/settings/", {**form, "secret": "x"}).status_code == 302
    for wrong in ({"name": ""}, {"url": "http://10.0.0.7"}, {"url": "x"}, {"every": "5"}, {"most_leaving": "101"}):
        assert admin.post(f"/desk/directories/{row.pk}/settings/", {**form, "secret": "x", **wrong}).status_code == 422


def test_who_left_with_open_work_is_shown_to_who_hands_it_over(admin: Client, cast: Cast) -> None:
    case = make_case().case
    case.handler = cast.lin
    case.save(update_fields=["handler"])
    scim = Scim(make_directory(cast.nobody), cast.nobody)
    user = scim.user("lin@example.com")
    scim.patch(f"Users/{user['id']}", {"op": "replace", "value": {"active": False}})
    for reader in (admin, signed_in(cast.mo)):
        said = page(reader, "/desk/directories/")
        assert "To be handed over" in said
        assert f"/desk/people/{cast.lin.pk}/hand-over/" in said
    assert "hand them over" in page(signed_in(cast.mo), "/desk/notices/")


def test_managers_and_auditors_read_and_change_nothing_and_others_see_nothing(admin: Client, cast: Cast) -> None:
    row = make_directory(cast.nobody)
    for reader in (cast.mo, cast.ai):
        client = signed_in(reader)
        assert client.get(f"/desk/directories/{row.pk}/").status_code == 200
        assert client.post(f"/desk/directories/{row.pk}/", {"name": "x", "days": "90"}).status_code == 403
        assert client.get("/desk/directories/new/scim/").status_code == 403
    assert signed_in(cast.lin).get("/desk/directories/").status_code == 403
    assert signed_in(cast.lin).get(f"/desk/directories/{row.pk}/groups/").status_code == 403
    assert admin.get("/desk/directories/new/nothing/").status_code == 404
    assert admin.get("/desk/directories/99/").status_code == 404
