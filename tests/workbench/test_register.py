"""The register's columns, its lists that narrow, and pictures in small."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from builders import do, make_case, publish_policy
from cast import POLICY, Cast
from ombud.cases.models import Attachment
from ombud.evidence import views
from samples import picture_file

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


def heads(page: str) -> list[str]:
    return re.findall(r'<th scope="col">([^<]+)</th>', page)


def test_columns_are_chosen_and_remembered_by_the_browser(cast: Cast, sign_in: SignIn) -> None:
    make_case(minutes=200)
    lin = sign_in("lin")
    assert heads(lin.get("/desk/cases/").content.decode()) == [
        "Number", "Subject", "Grades", "Phase", "With", "Received", "Next due",
    ]  # fmt: skip
    back = "http://testserver/desk/cases/?phase=received"
    answer = lin.post(
        "/desk/cases/columns/", {"show": ["policy", "due", "compact", "nonsense"]}, headers={"referer": back}
    )
    assert answer["Location"] == back
    page = lin.get("/desk/cases/").content.decode()
    assert heads(page) == ["Number", "Subject", "Policy", "Next due"]
    assert "is-compact" in page
    assert (
        lin.post("/desk/cases/columns/", {}, headers={"referer": "https://evil.example/"})["Location"] == "/desk/cases/"
    )
    assert heads(lin.get("/desk/cases/").content.decode()) == ["Number", "Subject"]


def test_cases_are_found_by_who_handles_them(cast: Cast, sign_in: SignIn) -> None:
    case, other = make_case(minutes=200).case, make_case(minutes=201).case
    do(case, "take", cast, "lin", minutes=205)
    wei = sign_in("wei")
    assert re.search(rf'<option value="{cast.lin.pk}">Lin</option>', wei.get("/desk/cases/").content.decode())
    page = wei.get("/desk/cases/", {"handler": str(cast.lin.pk)}).content.decode()
    assert case.reference in page
    assert other.reference not in page


def test_from_and_to_never_part_when_the_filters_wrap(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("lin").get("/desk/cases/").content.decode()
    together = re.search(
        r'<span class="row nowrap-row">((?:(?!</span>\s*</div>).)*name="from".*?)</span>\s*</div>', page, re.DOTALL
    )
    assert together
    assert 'name="to"' in together[1]


def test_another_policy_brings_its_own_lists(cast: Cast, sign_in: SignIn) -> None:
    publish_policy("user-complaints")
    manager = sign_in("mo")
    asked = {"hx-request": "true", "hx-target": "results", "hx-current-url": "http://testserver/desk/cases/"}
    part = manager.get("/desk/cases/", {"policy": POLICY}, headers=asked).content.decode()
    assert 'id="filter-fields" hx-swap-oob="true"' in part
    again = {**asked, "hx-current-url": f"http://testserver/desk/cases/?policy={POLICY}"}
    assert "filter-fields" not in manager.get("/desk/cases/", {"policy": POLICY}, headers=again).content.decode()


def test_pictures_are_shown_in_small_to_who_may_see_them(cast: Cast, sign_in: SignIn, media: object) -> None:
    lin = sign_in("lin")
    case = make_case(minutes=200).case
    file = SimpleUploadedFile("a.png", picture_file())
    lin.post(f"/desk/cases/{case.reference}/acts/attach/", {"seen": case.seq, "evidence": file})
    assert views.make_missing(now=timezone.now()) == 1
    row = Attachment.objects.get()
    picture = f'<img class="file-face" src="/desk/cases/{case.reference}/files/{row.pk}/small/"'
    assert picture in lin.get(f"/desk/cases/{case.reference}/").content.decode()
    assert picture not in sign_in("ai").get(f"/desk/cases/{case.reference}/").content.decode()
