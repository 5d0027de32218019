"""Reply templates: who keeps them, what may stand in them, and how they get into a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from builders import make_history
from cast import Cast
from ombud.cases.models import Case
from ombud.correspondence.models import Message, ReplyTemplate

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
POLICY = "customer-complaints"
GIVEN = {
    "title": "We look into it",
    "policy": POLICY,
    "owner": "mine",
    "subject_en": "Your complaint {{ reference }}",
    "text_en": "We look into {{ subject }}.",
    "subject_zh": "关于 {{ reference }}",
    "text_zh": "我们正在处理“{{subject}}”。",
}


@pytest.fixture
def case(cast: Cast, media: Path) -> Case:
    return make_history(cast, "accept_work")


def add(client: Client, **more: Any) -> ReplyTemplate:
    answer = client.post("/desk/replies/new/", {**GIVEN, **more})
    assert answer.status_code == 302, answer.content.decode()
    return ReplyTemplate.objects.latest("pk")


def test_a_template_is_inserted_filled_in_the_messages_language_below_what_was_typed(
    sign_in: SignIn, case: Case
) -> None:
    lin = sign_in("lin")
    row, path = add(lin), f"/desk/cases/{case.reference}/write/"
    assert f'<option value="{row.pk}">We look into it</option>' in lin.get(path).content.decode()
    typed = {"insert": "1", "reply": row.pk, "m-subject": "", "m-text": "Dear Mr Wang", "m-language": "en"}
    page = lin.post(path, typed).content.decode()
    assert f'value="Your complaint {case.reference}"' in page
    assert "Dear Mr Wang\n\nWe look into " in page
    assert "{{" not in page
    page = lin.post(path, {**typed, "m-language": "zh", "m-subject": "Mine", "m-text": ""}).content.decode()
    assert 'value="Mine"' in page
    assert "我们正在处理" in page
    fragment = lin.post(path, typed, headers={"hx-request": "true"}).content.decode()
    assert fragment.strip().startswith("<form"), "a script takes in no whole page"
    assert "data-kept" in fragment, "nor does the tab put what it kept in place of what was inserted"
    assert not Message.objects.filter(case=case, letter=None, is_out=True).exists()
    assert "Dear Mr Wang" in lin.post(path, {**typed, "reply": "999"}).content.decode()


def test_a_placeholder_that_stands_for_nothing_is_refused_with_what_was_meant(sign_in: SignIn, case: Case) -> None:
    lin = sign_in("lin")
    for text, said in {
        "{{ refrence }}": "Did you mean {{ reference }}?",
        "{{ qqq }}": "{{ qqq }} stands for nothing under this policy.",
        "{{ due(nothing) }}": "{{ due(nothing) }} stands for nothing",
        "{{ reference": "{{ stands for nothing",
    }.items():
        answer = lin.post("/desk/replies/new/", {**GIVEN, "text_en": text})
        assert answer.status_code == 422
        assert said in answer.content.decode()
    for wrong in ({"title": " \u200b"}, {"text_en": "", "text_zh": ""}, {"text_en": ""}, {"policy": "other"}):
        assert lin.post("/desk/replies/new/", {**GIVEN, **wrong}).status_code == 422, wrong
    assert not ReplyTemplate.objects.exists()


def test_own_templates_are_ones_own_and_the_teams_are_kept_by_the_service_department_and_managers(
    sign_in: SignIn, case: Case
) -> None:
    mine = add(sign_in("lin"))
    assert sign_in("wei").get(f"/desk/replies/{mine.pk}/").status_code == 404
    assert "We look into it" not in sign_in("wei").get("/desk/replies/").content.decode()
    teams = add(sign_in("mo"), owner="team", title="Of the team")
    assert teams.owner is None
    assert sign_in("lin").get(f"/desk/replies/{teams.pk}/").status_code == 200
    chen = sign_in("chen")
    assert "Of the team" in chen.get("/desk/replies/").content.decode()
    assert chen.get(f"/desk/replies/{teams.pk}/").status_code == 403
    assert chen.post(f"/desk/replies/{teams.pk}/remove/").status_code == 403
    assert 'name="owner"' not in chen.get("/desk/replies/new/").content.decode()
    assert add(chen, owner="team", title="Sneaked in").owner is not None
    assert sign_in("nobody").get("/desk/replies/new/").status_code == 403
    assert sign_in("nobody").get(f"/desk/replies/{teams.pk}/").status_code == 404
    assert sign_in("lin").post(f"/desk/replies/{teams.pk}/remove/").status_code == 302
    assert not ReplyTemplate.objects.filter(pk=teams.pk).exists()


def test_a_departments_template_is_offered_to_its_people_only(sign_in: SignIn, case: Case) -> None:
    path, lin = f"/desk/cases/{case.reference}/write/", sign_in("lin")
    own = add(lin, owner="team", title="Our desk", department="service")
    other = add(lin, owner="team", title="Other desk", department="quality")
    page = lin.get(path).content.decode()
    assert f'<option value="{own.pk}"' in page
    assert f'<option value="{other.pk}"' not in page
    inserted = lin.post(path, {"insert": "1", "reply": other.pk, "m-language": "en"}).content.decode()
    assert "We look into" not in inserted
    answer = lin.post("/desk/replies/new/", {**GIVEN, "owner": "team", "department": "nowhere"})
    assert answer.status_code == 422


def test_a_template_is_changed_and_says_by_whom(sign_in: SignIn, case: Case) -> None:
    row = add(sign_in("lin"), owner="team")
    answer = sign_in("wei").post(f"/desk/replies/{row.pk}/", {**GIVEN, "owner": "team", "title": "Changed"})
    assert answer.status_code == 302
    page = sign_in("lin").get("/desk/replies/").content.decode()
    assert "Changed" in page
    assert "Wei" in page
