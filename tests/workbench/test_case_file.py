"""The case file on the case page: asked for, made by the clock, taken along by who asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from builders import make_case
from cast import Cast
from ombud.cases.models import Case
from ombud.papers import case_files
from ombud.papers.models import CaseFile

SignIn = Callable[[str], Client]


@pytest.fixture
def case(cast: Cast, media: Path) -> Case:
    return make_case().case


def test_it_is_asked_for_made_by_the_clock_and_taken_along(case: Case, sign_in: SignIn) -> None:
    browser, page = sign_in("lin"), f"/desk/cases/{case.reference}/"
    assert "Make the case file" in browser.get(page).content.decode()
    assert browser.post(f"{page}case-file/").headers["Location"] == page
    waiting = browser.get(f"{page}case-file/", headers={"HX-Request": "true"}).content.decode()
    assert "every 2s" in waiting
    assert "<progress" in waiting
    case_files.make_waiting(now=timezone.now())
    file = CaseFile.objects.get()
    done = browser.get(f"{page}case-file/", headers={"HX-Request": "true"}).content.decode()
    assert "every 2s" not in done
    for kind, media_type in case_files.KINDS.items():
        there = f"{page}case-file/{file.pk}.{kind}"
        assert there in done
        answer = browser.get(there)
        assert answer["Content-Type"] == media_type
        assert answer["Content-Disposition"] == f'attachment; filename="{case.reference}.{kind}"'
        assert answer["Content-Security-Policy"].startswith("sandbox")
        assert b"".join(answer.streaming_content)
        assert sign_in("wei").get(there).status_code == 404
        assert sign_in("nobody").get(there).status_code == 404
    assert browser.get(f"{page}case-file/{file.pk}.exe").status_code == 404
    assert "took the case file along" in sign_in("mo").get("/desk/proof/").content.decode()


def test_who_sees_it_masked_is_told_why_there_is_none(case: Case, sign_in: SignIn) -> None:
    browser, page = sign_in("ai"), f"/desk/cases/{case.reference}/"
    assert "no case file is made for you" in browser.get(page).content.decode()
    assert browser.post(f"{page}case-file/").status_code == 403


def test_that_it_could_not_be_made_is_said(case: Case, sign_in: SignIn) -> None:
    browser, page = sign_in("lin"), f"/desk/cases/{case.reference}/"
    browser.post(f"{page}case-file/")
    CaseFile.objects.update(attempts=case_files.ATTEMPTS)
    assert "could not be made" in browser.get(page).content.decode()
