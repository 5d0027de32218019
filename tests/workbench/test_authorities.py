"""Authorities and partners in the workbench: the book, recording a referral, and naming whom a case writes to."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from carried import carry
from ombud.cases.fold import folded
from ombud.cases.models import Case
from ombud.organisation import address_book, changes
from ombud.organisation.models import Outsider
from overseas import Overseas, make_overseas

pytestmark = pytest.mark.django_db
OFFICE = {
    "role": "regulator",
    "name_en": "Federal Network Office",
    "name_zh": "联邦网络监管局",
    "country": "DE",
    "contact": "Ms Seidel",
    "email": "desk7@network.example",
    "begins": "FNO-",
}


@pytest.fixture
def people() -> Overseas:
    return make_overseas()


@pytest.fixture
def browse(people: Overseas) -> Any:
    def signed_in(who: str) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(people.people[who])
        return client

    return signed_in


def enter(people: Overseas, **changed: Any) -> Outsider:
    given = {"role": "regulator", "names": {"en": "Federal Network Office", "zh": "联邦网络监管局"}, "country": "DE"}
    given |= {"contact": "Ms Seidel", "email": "desk7@network.example", "prefix": "FNO-"}
    return address_book.keep(None, {**given, **changed}, by=people.mo, now=timezone.now())


def record(client: Client, **typed: str) -> Case:
    data = {"policy": "overseas-customers", "channel": "regulator", "language": "en", "key": "k" * 20}
    answer = client.post("/desk/record/", {**data, "subject": "Late campaign", "country": "DE", **typed})
    assert answer.status_code == 302, answer.content.decode()
    return Case.objects.get()


def test_the_service_department_and_managers_keep_the_book_and_others_do_not(browse: Any, people: Overseas) -> None:
    for name, status in {"tao": 200, "mo": 200, "ai": 200, "anna": 403, "lau": 403, "nobody": 403}.items():
        assert browse(name).get("/desk/authorities/").status_code == status, name
    for name, status in {"tao": 200, "mo": 200, "ai": 403, "anna": 403}.items():
        assert browse(name).get("/desk/authorities/new/").status_code == status, name
    row = enter(people)
    assert browse("anna").post(f"/desk/authorities/{row.pk}/offer/").status_code == 403
    assert "/desk/authorities/" in browse("tao").get("/desk/").content.decode()
    assert "/desk/authorities/" not in browse("anna").get("/desk/").content.decode()


def test_an_entry_is_added_changed_and_retired_and_the_page_says_by_whom(browse: Any) -> None:
    client = browse("tao")
    assert client.post("/desk/authorities/new/", OFFICE).status_code == 302
    row = Outsider.objects.get()
    shown = client.get("/desk/authorities/", {"q": "network"}).content.decode()
    assert "Federal Network Office" in shown
    assert "Germany" in shown
    assert "Federal Network Office" not in client.get("/desk/authorities/", {"q": "bakery"}).content.decode()
    client.post(f"/desk/authorities/{row.pk}/", {**OFFICE, "email": "desk8@network.example"})
    client.post(f"/desk/authorities/{row.pk}/offer/")
    page = client.get(f"/desk/authorities/{row.pk}/").content.decode()
    assert "Tao" in page
    assert "<del><bdi>desk7@network.example</bdi></del>" in page
    assert "retired" in page


def test_what_is_wrong_is_said_at_its_field(browse: Any, people: Overseas) -> None:
    enter(people)
    client = browse("mo")
    answer = client.post("/desk/authorities/new/", OFFICE)
    assert answer.status_code == 422
    assert "There is an entry of this name already" in answer.content.decode()
    answer = client.post("/desk/authorities/new/", {**OFFICE, "name_en": "Other", "name_zh": "", "email": "nowhere"})
    assert "whole e-mail address" in answer.content.decode()
    assert client.get("/desk/authorities/999/").status_code == 404


def test_a_referral_is_recorded_with_its_authority_and_its_answer_goes_there(browse: Any, people: Overseas) -> None:
    enter(people)
    client = browse("anna")
    form = client.get("/desk/record/", {"policy": "overseas-customers"}).content.decode()
    assert 'data-through="regulator"' in form
    assert '<option value="Federal Network Office">' in form
    assert "Begins with FNO-" in form
    by = str(timezone.localdate() + timedelta(days=10))
    typed = {"regulator_name": "Federal Network Office", "regulator_reference": "FNO-7", "regulator_by": by}
    case = record(client, **typed)
    case_page = client.get(f"/desk/cases/{case.reference}/").content.decode()
    assert "FNO-7" in case_page
    assert "desk7@network.example" in case_page
    client.post(
        f"/desk/cases/{case.reference}/acts/answer_regulator/", {"regulator_report": "All logs", "seen": case.seq}
    )
    carry(now=timezone.now())
    (letter,) = [each for each in mail.outbox if each.to == ["desk7@network.example"]]
    assert "Your number: FNO-7" in letter.body


def test_what_was_typed_of_an_authority_counts_only_where_the_complaint_came_through_one(
    browse: Any, people: Overseas
) -> None:
    case = record(browse("anna"), channel="hotline", regulator_name="Federal Network Office")
    assert "regulator_name" not in folded(case).facts


def test_a_mistyped_address_is_refused_with_what_was_typed(browse: Any, people: Overseas) -> None:
    data = {"policy": "overseas-customers", "channel": "regulator", "language": "en", "key": "k" * 20}
    typed = {"subject": "Late", "country": "DE", "regulator_name": "Fire Service", "regulator_email": "fire"}
    answer = browse("anna").post("/desk/record/", {**data, **typed})
    assert answer.status_code == 422
    assert "whole e-mail address" in answer.content.decode()
    assert "Fire Service" in answer.content.decode()
    assert not Case.objects.exists()


def test_a_letter_without_an_address_leads_to_the_act_that_gives_one_and_shows_what_is_known(
    browse: Any, people: Overseas
) -> None:
    client = browse("anna")
    case = record(client, regulator_name="Fire Service", regulator_reference="F 12")
    path = f"/desk/cases/{case.reference}/"
    client.post(f"{path}acts/answer_regulator/", {"regulator_report": "All logs", "seen": case.seq})
    carry(now=timezone.now())
    assert 'href="?act=address_regulator#act"' in client.get(path).content.decode()
    form = client.get(path, {"act": "address_regulator"}).content.decode()
    assert re.search(r'name="regulator_name"[^>]*value="Fire Service"', form)
    seen = Case.objects.get().seq
    typed = {"regulator_name": "Fire Service", "regulator_email": "f@fire.example", "seen": seen}
    assert client.post(f"{path}acts/address_regulator/", typed).status_code == 302
    assert "F 12" in client.get(path).content.decode()
    carry(now=timezone.now())
    assert ["f@fire.example"] in [each.to for each in mail.outbox]


def test_choosing_a_name_fills_in_the_rest_and_leaves_what_was_typed(browse: Any, people: Overseas) -> None:
    enter(people)
    enter(people, names={"en": "Fire Service"}, contact="Mr Roth", email="f@fire.example", address="Wall 1")
    client, path = browse("anna"), "/desk/authorities/fill/overseas-customers/regulator/"

    def fill(**typed: str) -> dict[str, str]:
        empty = dict.fromkeys(("regulator_contact", "regulator_email", "regulator_phone", "regulator_address"), "")
        answer = client.post(path, {**empty, **typed})
        assert answer.status_code == 200
        page = answer.content.decode()
        return dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))

    first = fill(regulator_name="Federal Network Office")
    assert first == {"regulator_contact": "Ms Seidel", "regulator_email": "desk7@network.example"}
    changed = fill(**{**first, "regulator_name": "Fire Service", "regulator_contact": "Ms Own"})
    assert changed == {"regulator_contact": "Ms Own", "regulator_email": "f@fire.example"}
    assert client.post(path, {"regulator_name": "Nobody"}).status_code == 204
    assert client.post(path.replace("regulator", "partner"), {"partner_name": "x"}).status_code == 204


def take_in(client: Client, text: str | bytes) -> Any:
    content = text.encode() if isinstance(text, str) else text
    return client.post("/desk/authorities/import/", {"file": SimpleUploadedFile("book.csv", content)})


def test_a_table_is_taken_in_and_the_same_table_again_changes_what_is_there(browse: Any, people: Overseas) -> None:
    client = browse("tao")
    table = 'role,name_en,name_zh,country,email,address\nregulator,Fire Service,,de,f@fire.example,"Wall 1\nBerlin"\n\n'
    table += "\u76d1\u7ba1\u673a\u6784,Water Board,\u6c34\u5229\u5c40,,,\n"
    assert take_in(client, table).status_code == 302
    assert "2 new, 0 changed" in client.get("/desk/authorities/").content.decode()
    fire = Outsider.objects.get(email="f@fire.example")
    assert (fire.role, fire.country, fire.address) == ("regulator", "DE", "Wall 1\nBerlin")
    assert take_in(client, table.replace("f@fire", "g@fire").encode("gb18030")).status_code == 302
    assert Outsider.objects.count() == 2
    assert "Tao" in client.get(f"/desk/authorities/{fire.pk}/").content.decode()
    assert list(changes.problems()) == []


def test_what_a_table_has_no_column_for_stays(browse: Any, people: Overseas) -> None:
    client = browse("tao")
    heading = "role,name_en,name_zh,country,email,phone\n"
    take_in(client, f"{heading}regulator,Fire Service,\u6d88\u9632,DE,f@fire.example,112\n")
    take_in(client, "role,name_en,email\nregulator,Fire Service,\n")
    fire = Outsider.objects.get()
    assert fire.names == {"en": "Fire Service", "zh": "\u6d88\u9632"}
    assert (fire.country, fire.phone, fire.email) == ("DE", "112", "")


def test_each_mistake_of_a_table_is_named_by_its_line_and_nothing_is_taken_in(browse: Any, people: Overseas) -> None:
    client = browse("tao")
    lines = ["role,name_en,country,email,office", "regulator,Good,DE,,", "regulator,,DE,,", "mayor,A,,,"]
    lines += ["regulator,B,Germany,,", "regulator,C,,nowhere,", "regulator,D,,,moon", f"regulator,{'x' * 300},,,"]
    page = take_in(client, "\n".join(lines)).content.decode()
    for line, said in {
        3: "Give its name in one language at least.",
        4: "Nobody outside has this role",
        5: "A country is two letters",
        6: "whole e-mail address",
        7: "There is no office with this id.",
        8: "This is too long.",
    }.items():
        assert re.search(rf">{line}</th>.*?{said}", page, re.DOTALL), line
    assert not Outsider.objects.exists()
    for table, said in {
        "": "The file has no lines.",
        "role,name_en": "The file has no lines.",
        "role,nane_en\n": "is unknown, missing or stands twice",
        "name_en\nA\n": "is unknown, missing or stands twice",
        'role,name_en\nregulator,"A\n': "A quotation mark",
        "role,name_en\nregulator,A,B\n": "more cells than",
        "role,name_en\n" + "regulator,A\n" * 501: "may have 500 lines",
    }.items():
        answer = take_in(client, table)
        assert answer.status_code == 422, table
        assert said in answer.content.decode(), table
    assert "cannot be read" in take_in(client, b"role\n\xff\xff\n").content.decode()
    assert "larger than 1 MB" in take_in(client, b"a" * (1024 * 1024 + 1)).content.decode()
    assert client.post("/desk/authorities/import/").status_code == 422
    assert browse("anna").get("/desk/authorities/import/").status_code == 403
    assert not Outsider.objects.exists()
