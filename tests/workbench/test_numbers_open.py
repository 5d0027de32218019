"""Every number on a page of figures opens a list, and the list is as long as the number says, whoever looks."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import time_machine
from django.test import Client

from cast import POLICY, Cast
from histories import make_histories
from ombud.insight import keeping, summing

pytestmark = pytest.mark.django_db
CLAUSE = "/desk/compliance/"
LISTS = ("/desk/overview/cases/", "/desk/overview/duties/", CLAUSE)
TOLD_APART = ("measure", "state", "due", "whose")
PAGES = (
    "/desk/overview/?span=this-quarter", "/desk/overview/?whose=all", "/desk/overview/time/?",
    "/desk/overview/causes/?", "/desk/compliance/?", "/desk/compliance/1.1.6/?",
    "/desk/overview/explore/?measure=received&rows=category&columns=channel",
    "/desk/overview/explore/?measure=open&rows=age", "/desk/overview/explore/?measure=closed&rows=week",
)  # fmt: skip
#: Where a number stands beside one that opens, and is of another span, or of which the one is a part.
BESIDE = {
    "Counted from", "Expected", "In the span before", "A year before", "Of", "Time used", "Before", "On time",
    "Of all the time", "Of it with us", "Share", "Together with those above",
}  # fmt: skip


@pytest.fixture
def browsers(cast: Cast, sign_in: Callable[[str], Client]) -> Iterator[dict[str, Client]]:
    now = make_histories(cast, 12)
    while keeping.keep(now=now):
        pass
    while summing.catch_up(now=now):
        pass
    with time_machine.travel(now, tick=False):
        yield {name: sign_in(name) for name in ("mo", "lin", "zhou")}


def numbers(page: str) -> Iterator[tuple[str, int]]:
    """Yield (address, number) of the links whose words are a number."""
    for address, words in re.findall(r'<a\b[^>]*?href="([^"]+)"[^>]*>(.*?)</a>', page, re.DOTALL):
        told = re.search(r"<b\b[^>]*>(.*?)</b>", words, re.DOTALL)
        text = re.sub(r"<[^>]+>", "", told[1] if told else words).strip()
        if text.isdecimal():
            yield html.unescape(address), int(text)


def some(found: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Yield of each kind of list the two that are to be longest: opening all takes minutes and says no more."""
    kinds = defaultdict[object, list[tuple[int, str]]](list)
    for address, number in found.items():
        asked = {name: value for name, value in parse_qsl(urlsplit(address).query)}
        kind = (urlsplit(address).path.startswith(CLAUSE), tuple(asked), *(asked.get(each) for each in TOLD_APART))
        kinds[kind].append((number, address))
    for each in kinds.values():
        yield from ((address, number) for number, address in sorted(each)[-2:])


def listed(browser: Client, address: str) -> int:
    """Return how long the list is, all its pages."""
    found = 0
    while address:
        page = browser.get(address.partition("#")[0])
        assert page.status_code == 200, address
        found += page.content.decode().count('<a class="item" href="/desk/cases/')
        address = page.context["older"]
    return found


def closed_numbers(page: str) -> Iterator[str]:
    """Yield what the cells of tables are called that hold a number, but none that is none, and open nothing."""
    for label, words in re.findall(r'<td\b[^>]*?data-label="([^"]*)"[^>]*>(.*?)</td>', page, re.DOTALL):
        if "<a " not in words and re.sub(r"<[^>]+>", "", words).strip().isdecimal() and words.strip() != "0":
            yield html.unescape(label)


@pytest.mark.slow
def test_every_number_opens_as_many_as_it_counts(cast: Cast, browsers: dict[str, Client]) -> None:
    opened = dict.fromkeys(browsers, 0)
    for name, browser in browsers.items():
        seen: dict[str, int] = {}
        for here in (f"{each}&policy={POLICY}" for each in PAGES):
            page = browser.get(here).content.decode()
            assert set(closed_numbers(page)) <= BESIDE, (name, here)
            for address, number in numbers(page):
                there = urljoin(here, address)
                if urlsplit(there).path.startswith(LISTS):
                    assert seen.setdefault(there, number) == number, (name, here, there)
        for there, number in some(seen):
            assert listed(browser, there) == number, (name, there)
            opened[name] += number > 0
    assert min(opened.values()) > 20, opened
