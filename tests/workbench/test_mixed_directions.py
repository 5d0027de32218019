"""What people wrote from right to left, or with overrides in it, stays within itself on every page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from builders import START, do, make_history
from cast import POLICY, Cast
from ombud.cases.access.case_access import grant_of, unmask
from ombud.portal.pages import COOKIE

pytestmark = pytest.mark.django_db

ARABIC = re.compile("[\u0600-\u06ff\u202e]")  # or an override, which runs on until its element ends
NAME = "محمد علي (VIP)"
OVERRIDE = "退款\u202e001 :额金 审核"
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
NATIVE = frozenset({"textarea", "option", "script", "style"})  # drawn by themselves, or not at all


class Texts(HTMLParser):
    """Collects Arabic text that stands in no element of its own direction."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []
        self.seen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            is_isolated = tag == "bdi" or tag in NATIVE or ("dir", "auto") in attrs
            self.open.append((tag, is_isolated))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content, as in a drawing."""

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not ARABIC.search(data) or len(data.strip()) == 1:  # a letter in a circle
            return
        self.seen += 1
        if self.open and self.open[-1][0] == "title":
            bare = re.sub("\u2068[^\u2069]*\u2069", "", data)
            if ARABIC.search(bare):
                self.found.append(f"<title>{data}")
        elif not any(is_isolated for _tag, is_isolated in self.open):
            self.found.append(f"{'/'.join(tag for tag, _ in self.open[-4:])}: {data.strip()}")


def texts_of(page: bytes) -> Texts:
    found = Texts()
    found.feed(page.decode())
    return found


def test_the_reader_of_this_test_finds_what_is_bare() -> None:
    assert texts_of(f"<p>{NAME} <bdi>{NAME}</bdi></p>".encode()).found == [f"p: {NAME}"]
    assert texts_of(f"<title>x {NAME}</title>".encode()).found != []
    assert texts_of(f"<title>x \u2068{NAME}\u2069</title><dd dir=auto><b>{NAME}</b></dd>".encode()).found == []


@pytest.fixture
def arabic(cast: Cast) -> Cast:
    """Everybody has an Arabic name."""
    for person in cast.people.values():
        person.name = NAME
        person.save()
    return cast


def test_pages_keep_what_people_wrote_within_itself(arabic: Cast, sign_in, later) -> None:
    said = {name: f"{NAME} {name}" for name in ("narrative", "name", "demand")}
    said["subject"] = OVERRIDE
    case = make_history(arabic, "propose", **said)
    make_history(arabic, "register", **said)
    do(case, "note", arabic, "chen", minutes=130, data={"remark": NAME})
    unmask(arabic.ai, case.reference, reason=NAME, now=START)
    seen = 0
    for who in ("lin", "zhou", "chen", "mo", "ai"):
        browser = sign_in(who)
        for address in (
            "/desk/",
            "/desk/?show=pool",
            "/desk/cases/",
            "/desk/cases/?q=VIP",
            "/desk/board/",
            "/desk/notices/",
            "/desk/people/",
            "/desk/proof/",
            "/desk/training/",
            "/desk/performance/",
            "/desk/matters/",
            "/desk/calendar/",
            f"/desk/policies/{POLICY}/1.0.0/?tab=history",
            f"/desk/cases/{case.reference}/",
            f"/desk/cases/{case.reference}/?act=plan.approve",
        ):
            found = texts_of(browser.get(address).content)
            assert (who, address, found.found) == (who, address, [])
            seen += found.seen
    assert seen > 100


def test_the_complainants_pages_too(arabic: Cast) -> None:
    case = make_history(arabic, "communicate", subject=OVERRIDE, name=NAME, narrative=NAME, demand=NAME)
    client = Client(headers={"accept-language": "en"})
    grant = grant_of(case)
    client.cookies[COOKIE + grant.reference] = grant.token
    for address in (
        f"/track/{case.reference}/",
        f"/track/{case.reference}/receipt/",
        f"/track/{case.reference}/acts/answer/",
    ):
        found = texts_of(client.get(address).content)
        assert (address, found.found) == (address, [])
