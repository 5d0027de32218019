"""What the company says of itself: who may say it, where complainants read it, and who changed it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cast import POLICY, Cast
from ombud.organisation import changes, company
from ombud.organisation.models import Change, House, Reach
from ombud.organisation.sender import sender
from samples import PNG, picture_file

LOGO = picture_file(size=(9, 9))

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
HERE = f"/desk/facts/?policy={POLICY}"


def test_what_is_said_of_a_channel_stands_on_the_front_page_with_its_picture(
    cast: Cast, sign_in: SignIn, client: Client
) -> None:
    mo = sign_in("mo")
    said = {
        "text-hotline": "400 800 1234",
        "text-social": "微信：舒和家电",
        "link-social": "https://weixin.qq.com/r/shuhe",
    }
    assert mo.post(HERE, said).status_code == 302
    page = client.get("/").content.decode()
    assert "400 800 1234" in page
    assert "微信：舒和家电" in page
    assert 'href="https://weixin.qq.com/r/shuhe"' in page
    assert "way-qr" in page
    assert not list(changes.problems())
    assert "Mo" in mo.get(HERE).content.decode()
    assert mo.post(HERE, said).status_code == 302
    assert Change.objects.filter(kind="reach").count() == 2  # nothing is written down of what stayed


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "//evil.test", "https://", "http://[x"])
def test_a_link_that_leads_to_no_page_is_refused(cast: Cast, sign_in: SignIn, link: str) -> None:
    answer = sign_in("mo").post(HERE, {"link-social": link})
    assert answer.status_code == 422
    assert "A link such as https://" in answer.content.decode()
    assert not Reach.objects.exists()


def test_the_company_and_its_privacy_notice_are_read_by_complainants(
    cast: Cast, sign_in: SignIn, client: Client
) -> None:
    assert client.get("/privacy/").status_code == 404
    hostile = "<script>alert(1)</script>"
    said = {
        "names-en": "Shuhe",
        "names-zh": "舒和",
        "addresses-zh": "1 Lu\nHangzhou",
        "notice-en": f"We keep it. {hostile}",
        "notice-zh": "我们保管。",
    }
    assert sign_in("mo").post("/desk/facts/", said).status_code == 302
    front = client.get("/").content.decode()
    assert "1 Lu<br>Hangzhou" in front
    assert "舒和" in front
    page = client.get("/privacy/", headers={"accept-language": "de"}).content.decode()
    assert "We keep it." in page
    assert hostile not in page
    assert not list(changes.problems())


def test_who_only_handles_complaints_changes_nothing_and_an_auditor_only_reads(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in("lin").get("/desk/facts/").status_code == 403
    assert sign_in("ai").get("/desk/facts/").status_code == 200
    assert sign_in("ai").post("/desk/facts/", {"names-zh": "x"}).status_code == 403


def test_logo_and_seal_are_kept_until_they_are_removed_and_their_bytes_are_on_record(
    cast: Cast, sign_in: SignIn, media: Path
) -> None:
    mo, said = sign_in("mo"), {"names-en": "Shuhe"}
    assert mo.post("/desk/facts/", {**said, "logo": SimpleUploadedFile("logo.png", LOGO)}).status_code == 302
    assert mo.post("/desk/facts/", said).status_code == 302
    assert (sender().logo, sender().seal) == (LOGO, b"")
    assert not list(changes.problems())
    assert "One is kept" in mo.get("/desk/facts/").content.decode()
    House.objects.update(logo=LOGO + b"x")
    assert list(changes.problems())
    assert mo.post("/desk/facts/", {**said, "no-logo": "on"}).status_code == 302
    assert sender().logo == b""
    assert not list(changes.problems())


@pytest.mark.parametrize("content", [b"<svg/>", PNG, b"\xff\xd8\xff\x00", LOGO + bytes(2 * 1024 * 1024)])
def test_a_picture_that_papers_cannot_hold_is_refused(cast: Cast, sign_in: SignIn, content: bytes) -> None:
    answer = sign_in("mo").post("/desk/facts/", {"names-en": "x", "seal": SimpleUploadedFile("seal.png", content)})
    assert answer.status_code == 422
    assert "picture" in answer.content.decode()
    assert not House.objects.exists()


def test_a_colour_on_which_words_cannot_be_read_is_refused_with_one_that_will_do(cast: Cast, sign_in: SignIn) -> None:
    mo = sign_in("mo")
    answer = mo.post("/desk/facts/", {"names-en": "Kettle & Sons", "colour": "#ffcc00"})
    assert answer.status_code == 422
    said = answer.context["form"].errors["colour"][0]
    assert "#ffcc00" in said
    assert "1.5" in said
    nearest = said.rstrip(".").rpartition(" ")[2]
    for wrong in ("blue", "#12", "#0b5fa5}body{}"):
        assert mo.post("/desk/facts/", {"names-en": "x", "colour": wrong}).status_code == 422
    assert (
        mo.post("/desk/facts/", {"names-en": "Kettle & Sons", "colour": nearest.removeprefix("#")}).status_code == 302
    )
    assert company.house().colour == nearest
    assert not list(changes.problems())
    assert nearest in mo.get("/desk/facts/").content.decode()
