"""The company on complainants' pages: its name, its logo and its colour."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from builders import after, publish_policy
from cast import Cast
from ombud.organisation import company
from samples import picture_file

pytestmark = pytest.mark.django_db
NAMES = {"zh": "水壶公司", "en": "Kettle & Sons"}


def kept(cast: Cast, **more: Any) -> None:
    pictures = {"logo": more.pop("logo")} if "logo" in more else {}
    company.keep_house(NAMES, {}, {}, pictures=pictures, by=cast.mo, now=after(0), **more)


def test_without_a_word_of_it_the_pages_are_as_they_were(client: Client, cast: Cast) -> None:
    page = client.get("/track/", headers={"accept-language": "en"}).content.decode()
    assert "Complaints</span>" in page
    assert "/house/" not in page
    assert client.get("/house/logo/").status_code == 404
    assert client.get("/house/colour.css").content == b""


@pytest.mark.parametrize(("language", "name"), [("zh-hans", "水壶公司"), ("en", "Kettle &amp; Sons")])
def test_name_logo_and_colour_stand_on_every_page(client: Client, cast: Cast, language: str, name: str) -> None:
    publish_policy()
    kept(cast, logo=picture_file("PNG", (90, 30)), colour="#0b5fa5")
    for address in ("/", "/track/", "/track/code/"):
        page = client.get(address, headers={"accept-language": language}, follow=True).content.decode()
        assert f"{name}</span>" in page
        assert 'src="/house/logo/"' in page
        assert "/house/colour.css?0b5fa5" in page
    logo = client.get("/house/logo/")
    assert (logo["Content-Type"], Image.open(BytesIO(logo.content)).size) == ("image/png", (90, 30))
    assert "sandbox" in logo["Content-Security-Policy"]
    assert client.get("/house/logo/", headers={"if-none-match": logo["ETag"]}).status_code == 304
    sheet = client.get("/house/colour.css")
    assert sheet["Content-Type"].startswith("text/css")
    assert "--accent: light-dark(#0b5fa5, #0b5fa5);" in sheet.content.decode()


def test_the_desk_keeps_its_own_colour(client: Client, cast: Cast) -> None:
    kept(cast, colour="#0b5fa5")
    client.force_login(cast.lin)
    page = client.get("/desk/").content.decode()
    assert "/house/colour.css" not in page
