"""404 within the frame of the pages that an address belongs to."""

from __future__ import annotations

import pytest
from django.test import Client

from cast import Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "words"), [("en", "Nothing is here"), ("zh", "页面不存在")])
@pytest.mark.parametrize("path", ["/nowhere/", "/to/nobody/", "/at/1/0123456789abcdef0123/"])
def test_complainants_stay_on_their_pages(cast: Cast, path: str, language: str, words: str) -> None:
    answer = Client(headers={"accept-language": language}).get(path)
    page = answer.content.decode()
    assert answer.status_code == 404
    assert words in page
    assert 'class="portal-top' in page
    assert 'href="/track/"' in page


def test_staff_stay_on_the_desk_and_strangers_are_shown_nothing_of_it(cast: Cast) -> None:
    client = Client(headers={"accept-language": "en"})
    assert "portal-top" not in client.get("/desk/nowhere/").content.decode()
    client.force_login(cast.lin)
    answer = client.get("/desk/nowhere/")
    assert answer.status_code == 404
    assert 'id="sidebar"' in answer.content.decode()


def test_programs_get_no_frame(cast: Cast) -> None:
    assert "portal-top" not in Client().get("/hooks/nowhere/at/all/").content.decode()
