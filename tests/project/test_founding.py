"""An installation is founded in the browser, by whoever holds the link, once; each step is read from what is there."""

from __future__ import annotations

import inspect
import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from builders import make_case
from cast import Cast
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case, Event, Outbox
from ombud.organisation.models import ADMINISTRATOR, Membership, Person, PolicyStep, PolicyVersion
from ombud.organisation.password_mail import PasswordLink
from ombud.project import doctor, init_command, listen_address, maintenance
from ombud.project.founding import found_command, links, page
from ombud.project.founding.trials import Tried

pytestmark = pytest.mark.django_db

PASSWORD = "quite a long word 7"
FOUNDER = {
    "username": "yu", "name_zh": "\u4fde\u654f", "name_en": "Yu Min", "email": "yu@example.com", "language": "",
    "password": PASSWORD, "again": PASSWORD,
}  # fmt: skip
#: One line for each role that the test complaint meets, by key, by Chinese and by English name.
PEOPLE = """username,name_zh,name_en,email,role,department
lin,\u6797\u6653,Lin Xiao,lin@example.com,agent
officer,\u9648\u660e,Chen Ming,,officer
boss,\u9ad8\u8fdc,,,manager
"""


@pytest.fixture
def client() -> Client:
    return Client(headers={"accept-language": "en"})


def begin(client: Client, **overrides: Any) -> Any:
    return client.post(links.path(), {**FOUNDER, **overrides})


@pytest.fixture
def founder(client: Client) -> Client:
    assert begin(client)["Location"] == "/desk/set-up/"
    return client


def test_the_link_is_told_in_the_terminal_and_founds_once(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    listen_address.address("127.0.0.1", 8000)
    told = re.search(r"http://127\.0\.0\.1:8000(/desk/found/\S+/)", capsys.readouterr().out)
    assert told
    assert found_command.run([]) == 0
    assert "/desk/found/" in capsys.readouterr().out
    assert client.get(told[1]).status_code == 200

    assert client.post(told[1], FOUNDER)["Location"] == "/desk/set-up/"
    person = Person.objects.get()
    assert (person.username, person.names) == ("yu", {"zh": FOUNDER["name_zh"], "en": "Yu Min"})
    assert person.check_password(PASSWORD)
    assert list(person.memberships.values_list("policy", "role")) == [("", ADMINISTRATOR)]
    assert client.get("/desk/set-up/").status_code == 200, "the founder is signed in"
    assert verify_all()["problems"] == []

    for link in (told[1], links.path()):
        assert Client().get(link).status_code == 404
        assert Client().post(link, {**FOUNDER, "username": "thief"}).status_code == 404
    assert Person.objects.count() == 1
    assert found_command.run([]) == 2
    listen_address.address("127.0.0.1", 8000)
    assert "/desk/found/" not in capsys.readouterr().out


def test_nobody_founds_without_the_link(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("/desk/found/x/", links.path()[:-3] + "xx/"):
        page = client.post(wrong, FOUNDER)
        assert page.status_code == 404
        assert b"ombud found" in page.content
    old = links.path()
    monkeypatch.setattr(links, "LASTS", timedelta(seconds=-1))
    assert client.post(old, FOUNDER).status_code == 404
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"again": "another long word"}, "The two passwords differ."),
        ({"password": "short", "again": "short"}, "too short"),
        ({"username": "two words"}, "username"),
        ({"name_zh": "", "name_en": ""}, "Give the name in one language at least."),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_made(client: Client, typed: dict[str, str], said: str) -> None:
    page = begin(client, **typed)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not Person.objects.exists()


def test_init_leaves_the_founding_to_the_browser(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "prepare", lambda: None)
    assert init_command.run(["--email", "yu@example.com"]) == 2, "whose it is was not said"
    assert init_command.run([]) == 0
    assert "ombud serve" in capsys.readouterr().out
    assert not Person.objects.exists()


def steps(client: Client) -> dict[str, bool]:
    """Return whether each step is done, by its address."""
    items = re.findall(r'<li class="item">(.*?)</li>', client.get("/desk/set-up/").content.decode(), re.DOTALL)
    found = {}
    for item in items:
        if (link := re.search(r'item-title"><a href="([^"]+)"', item)) is not None:
            found[link[1]] = "pill-good" in item
    return found


def test_it_is_founded_step_by_step_from_nothing(founder: Client) -> None:
    assert [url for url, is_done in steps(founder).items() if is_done] == ["/desk/sessions/"]
    shown = founder.get("/desk/set-up/").content.decode()
    assert "none is in force: nobody can complain" in shown, "what the doctor finds missing stands there"
    assert founder.get("/desk/set-up/people/").status_code == founder.get("/desk/set-up/test/").status_code == 200

    house = {"names-zh": "\u5c71\u6d77\u516c\u53f8", "colour": "#0b5fa5"}
    assert founder.post("/desk/facts/", house).status_code == 302
    assert founder.post("/desk/set-up/policy/", {}).status_code == 422
    assert founder.post("/desk/set-up/policy/", {"shipped": "data-protection"}).status_code == 302
    version = PolicyVersion.objects.get()
    step = PolicyStep.objects.get(version=version)
    assert (step.note, step.person, version.approved_by) == ("founding", Person.objects.get(), Person.objects.get())

    trial = founder.post("/desk/set-up/test/", {"policy": "data-protection"}).context["trial"]
    assert not trial.is_well, "nobody holds a role yet"
    assert founder.post("/desk/set-up/people/", {"policy": "data-protection", "words": PEOPLE}).status_code == 302
    assert set(Membership.objects.exclude(role=ADMINISTRATOR).values_list("person__username", "policy", "role")) == {
        ("lin", "data-protection", "agent"), ("officer", "data-protection", "officer"), ("boss", "", "manager"),
    }  # fmt: skip
    assert PasswordLink.objects.get().person.username == "lin", "who has an address is invited"
    assert verify_all()["problems"] == []

    answer = founder.post("/desk/set-up/test/", {"policy": "data-protection"})
    tried: Tried = answer.context["trial"]
    assert tried.is_well, (tried.lines, tried.owed)
    assert [line.by for line in tried.lines][1:] == ["Lin Xiao"]
    assert tried.owed
    assert (Case.objects.count(), Event.objects.count(), Outbox.objects.count()) == (0, 0, 0), "none of it is left"
    assert [url for url, is_done in steps(founder).items() if not is_done] == ["/desk/accounts/"]


def test_people_come_in_a_workbook(founder: Client) -> None:
    founder.post("/desk/set-up/policy/", {"shipped": "data-protection"})
    box = io.BytesIO()
    with xlsxwriter.Workbook(box) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(PEOPLE.splitlines()):
            sheet.write_row(number, 0, line.split(","))
    for content, status in ((box.getvalue()[:200], 422), (box.getvalue(), 302)):
        sent = SimpleUploadedFile("people.xlsx", content)
        assert founder.post("/desk/set-up/people/", {"policy": "data-protection", "file": sent}).status_code == status
    assert set(Membership.objects.exclude(role=ADMINISTRATOR).values_list("person__username", "role")) == {
        ("lin", "agent"), ("officer", "officer"), ("boss", "manager"),
    }  # fmt: skip


def test_a_policy_of_ones_own_is_handed_in_as_a_zip(founder: Client) -> None:
    from ombud.policy import load

    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as packed:
        for name, text in load("data-protection").sources.items():
            if not name.startswith("base"):
                packed.writestr(f"ours/{name}", text)
        packed.writestr("ours/notes.exe", b"\0")
    sent = SimpleUploadedFile("ours.zip", box.getvalue())
    assert founder.post("/desk/set-up/policy/", {"own": sent}).status_code == 302
    assert PolicyVersion.objects.get().policy == "data-protection"

    for content, said in (
        (b"pack: {id: x}", "pack.yaml:1"),
        (b"\xff\xfe", "UTF-8"),
        (b"PK\x05\x06" + b"\0" * 18, "pack.yaml"),
    ):
        page = founder.post("/desk/set-up/policy/", {"own": SimpleUploadedFile("pack.yaml", content)})
        assert page.status_code == 422
        assert said in page.content.decode()
    assert PolicyVersion.objects.count() == 1


def browser_of(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def test_once_complaints_came_in_nobody_publishes_alone(cast: Cast) -> None:
    make_case()
    Membership.objects.create(person=cast.mo, role=ADMINISTRATOR)
    known = PolicyVersion.objects.count()
    page = browser_of(cast.mo).post("/desk/set-up/policy/", {"shipped": "data-protection"})
    assert page.status_code == 409
    assert PolicyVersion.objects.count() == known


def test_what_the_clock_opened_by_itself_does_not_end_the_founding(cast: Cast) -> None:
    make_case()
    Case.objects.update(procedure="training", channel="")  # as a periodic duty of the policy just published is
    Membership.objects.create(person=cast.mo, role=ADMINISTRATOR)
    page = browser_of(cast.mo).get("/desk/set-up/policy/").content.decode()
    assert "Complaints have come in" not in page
    assert "Check and publish" in page


def test_everything_that_the_doctor_looks_at_has_a_title() -> None:
    looked_at = set(re.findall(r'Finding\(\s*"([a-z ]+)"', inspect.getsource(doctor)))
    assert looked_at == page.TITLES.keys()


@pytest.mark.parametrize("line", [
    "lin,,,lin@example.com,agent", "two words,A,,,agent", "a,A,,no address,agent", "a,A,,,king", "a,A,,,agent,moon",
    "", "yu,A,,,agent", '"a',
])  # fmt: skip
def test_a_wrong_line_is_told_and_nobody_is_added(founder: Client, line: str) -> None:
    founder.post("/desk/set-up/policy/", {"shipped": "data-protection"})
    page = founder.post(
        "/desk/set-up/people/", {"policy": "data-protection", "words": f"first,A,,,agent\n{line}" if line else ""}
    )
    assert page.status_code == 422
    assert 'role="alert"' in page.content.decode()
    assert Person.objects.count() == 1


def test_only_administrators_see_it(cast: Cast) -> None:
    for name in ("mo", "ai", "lin"):
        reader = browser_of(cast.people[name])
        assert {reader.get(f"/desk/set-up/{page}").status_code for page in ("", "policy/", "people/", "test/")} == {403}
        assert "/desk/set-up/" not in reader.get("/desk/").content.decode()
