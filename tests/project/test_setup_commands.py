"""An organisation of one's own: a policy put in force and people in its roles, without the demo."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import publish_policy
from ombud.organisation.models import Membership, Person, PolicyVersion
from ombud.project.setup_commands import people, publish
from regional import publish_regions

LIST = """
- {username: lin, names: {zh: 林, en: Lin}, email: lin@example.com, language: en, roles: [[agent, service]]}
- {username: zhou, roles: [[head, quality]], organisation: [auditor]}
- {username: sun, roles: [counter]}
"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    file = tmp_path / "people.yaml"
    file.write_text(LIST, "utf-8")
    return file


def test_a_shipped_policy_is_published_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert publish(["customer-complaints"]) == 0
    publish_policy()
    assert PolicyVersion.objects.get().status == "published"
    assert "customer-complaints 1.0.0 is published" in capsys.readouterr().out


def test_what_is_no_policy_is_not_published(capsys: pytest.CaptureFixture[str]) -> None:
    assert publish(["no-such-policy"]) == 2
    assert "no-such-policy" in capsys.readouterr().err


def test_people_get_accounts_without_a_password_and_their_roles(
    listed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_policy()
    assert people([str(listed), "--policy", "customer-complaints"]) == 0
    lin = Person.objects.get(username="lin")
    assert not lin.has_usable_password()
    assert not lin.is_demo
    held = Membership.objects.values_list("person__username", "policy", "role", "department__key")
    assert set(held) == {
        ("lin", "customer-complaints", "agent", "service"),
        ("zhou", "customer-complaints", "head", "quality"),
        ("zhou", "", "auditor", None),
        ("sun", "customer-complaints", "counter", None),
    }
    assert "ombud django changepassword lin" in capsys.readouterr().out


def test_a_role_may_be_held_in_an_office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish_regions()
    file = tmp_path / "people.yaml"
    file.write_text("- {username: anna, roles: [[agent, null, europe]]}", "utf-8")
    assert people([str(file), "--policy", "regions"]) == 0
    held = Membership.objects.values_list("role", "department__key", "office__key")
    assert list(held) == [("agent", None, "europe")]
    file.write_text("- {username: anna, roles: [[agent, null, mars]]}", "utf-8")
    assert people([str(file), "--policy", "regions"]) == 2
    assert "no office 'mars'; there are europe, america" in capsys.readouterr().err


def test_somebody_may_stand_for_a_regulator_of_one_office_but_in_no_department(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_policy("overseas-customers")
    file = tmp_path / "people.yaml"
    file.write_text("- {username: ministry, email: m@gov.example, roles: [[regulator, null, europe]]}", "utf-8")
    assert people([str(file), "--policy", "overseas-customers"]) == 0
    held = Membership.objects.values_list("person__email", "role", "department__key", "office__key")
    assert list(held) == [("m@gov.example", "regulator", None, "europe")]
    file.write_text("- {username: ministry, roles: [[regulator, legal]]}", "utf-8")
    assert people([str(file), "--policy", "overseas-customers"]) == 2
    assert "regulator is outside the organisation, so it has no department" in capsys.readouterr().err


def test_a_second_list_changes_roles_and_keeps_passwords(listed: Path) -> None:
    publish_policy()
    people([str(listed), "--policy", "customer-complaints"])
    lin = Person.objects.get(username="lin")
    lin.set_password("a long enough word")
    lin.save()
    listed.write_text("- {username: lin, roles: [[contact, quality]]}", "utf-8")
    assert people([str(listed), "--policy", "customer-complaints"]) == 0
    lin.refresh_from_db()
    assert lin.check_password("a long enough word")
    assert [each.role for each in lin.memberships.all()] == ["contact"]
    assert Membership.objects.filter(person__username="sun").exists()


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{username: a, roles: [[boss, service]]}", "the policy has no role 'boss'"),
        ("{username: a, roles: [[agent, moon]]}", "no department 'moon'"),
        ("{username: a, roles: [complainant]}", "the policy has no role 'complainant'"),
        ("{username: a, organisation: [king]}", "the organisation has no role king"),
        ("{username: a, role: agent}", "unknown key role"),
        ("{names: {en: A}}", "needs a username"),
    ],
)
def test_a_wrong_entry_is_told_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], entry: str, said: str
) -> None:
    publish_policy()
    file = tmp_path / "people.yaml"
    file.write_text(f"- {{username: first, roles: [counter]}}\n- {entry}\n", "utf-8")
    assert people([str(file), "--policy", "customer-complaints"]) == 2
    assert said in capsys.readouterr().err
    assert not Person.objects.exists()
