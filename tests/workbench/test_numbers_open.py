"""Every number on a page of figures opens a list, and the list is as long as the number says, whoever looks."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import time_machine
from django.test import Client

from builders import USUAL, after, do, make_case
from cast import POLICY, Cast
from histories import make_histories
from ombud.cases.models import Case
from ombud.clock import periodic
from ombud.insight import keeping, summing
from ombud.interface.browser_zone import ZONE_COOKIE

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
BEFORE = ("/desk/overview/explore/?measure=received&rows=channel", "/desk/overview/causes/?")
#: Where a number stands beside one that opens, and is of another span, or of which the one is a part.
BESIDE = {
    "Counted from", "Expected", "Of", "Time used", "Before", "On time", "Of all the time", "Of it with us", "Share",
    "Together with those above",
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


@pytest.mark.parametrize(
    ("later", "pages"), [(datetime(2026, 4, 20, tzinfo=UTC), 2), (datetime(2027, 3, 20, tzinfo=UTC), 1)]
)
def test_what_was_before_opens_its_cases_too(
    cast: Cast, sign_in: Callable[[str], Client], later: datetime, pages: int
) -> None:
    """Of a month later what came in is of the span before, of twelve months later of the year before."""
    minutes = (later - after(0)) / timedelta(minutes=1)
    for begin in (0.0, 5.0, minutes - 600):
        investigated(cast, begin)
    counted(later)
    opened = []
    with time_machine.travel(later, tick=False):
        browser = sign_in("mo")
        for here in BEFORE[:pages]:
            page = browser.get(f"{here}&policy={POLICY}&span=this-month").content.decode()
            assert set(closed_numbers(page)) <= BESIDE, here
            for address, number in numbers(page):
                if "2026-03-01..2026-03-31" in address:
                    assert listed(browser, address) == number
                    opened.append(number)
    assert opened == [2] * pages


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_what_came_before_and_since_a_rectification_opens_its_cases(
    cast: Cast, sign_in: Callable[[str], Client], zone: str
) -> None:
    matter_at, now = datetime(2026, 3, 31, 1, tzinfo=UTC), datetime(2026, 5, 20, tzinfo=UTC)
    since = (datetime(2026, 5, 2, tzinfo=UTC) - after(0)) / timedelta(minutes=1)
    for begin in (0.0, 5.0, since):
        investigated(cast, begin)
    periodic.open_due(now=matter_at)
    matter = Case.objects.filter(procedure="monthly_analysis").latest("received_at")
    said = {"analysis": "焊接", "improvements": "校准焊机", "cause": "manufacture"}
    do(matter, "submit_analysis", cast, "wei", minutes=(matter_at - after(0)) / timedelta(minutes=1) + 5, data=said)
    counted(now)
    Case.objects.filter(pk=matter.pk).update(phase="improved", closed_at=matter_at + timedelta(days=2))
    with time_machine.travel(now, tick=False):
        browser = sign_in("mo")
        browser.cookies[ZONE_COOKIE] = zone  # days of the register are counted, wherever the reader is
        page = browser.get(f"/desk/overview/causes/?policy={POLICY}").content.decode()
        links = re.findall(r'<a href="([^"]+\.\.[^"]+)">(\d+)[^<\d]+\d+', page)
        assert [int(number) for _address, number in links] == [2, 1]
        assert [listed(browser, html.unescape(address)) for address, _number in links] == [2, 1]


def investigated(cast: Cast, minutes: float) -> None:
    case = make_case(minutes=minutes).case
    for act, who, later, data in USUAL[:4]:
        cause = {"cause": "manufacture", "whys": "壶底未焊牢"} if act == "investigate" else {}
        do(case, act, cast, who, minutes=minutes + later, data={**data, **cause})


def counted(now: datetime) -> None:
    while keeping.keep(now=now):
        pass
    while summing.catch_up(now=now):
        pass


@pytest.mark.parametrize(
    "span",
    [
        "2026-03-01..",
        "2026-03-02..2026-03-01",
        "2026-02-30..2026-03-01",
        "0001-01-01..0001-01-02",
        "1999-01-01..2026-01-01",
        "9999-12-01..9999-12-31",
        "2026-03-01T00:00..2026-03-02T00:00",
        "2026-03-01T00:00+08:00..2029-03-09T00:00+08:00",
        "..",
        "x..y",
    ],
)
def test_a_span_of_strange_days_leads_nowhere(cast: Cast, sign_in: Callable[[str], Client], span: str) -> None:
    assert sign_in("mo").get("/desk/overview/", {"policy": POLICY, "span": span}).status_code == 404


def test_a_span_of_long_ago_is_no_fault(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    for page in ("/desk/overview/explore/", "/desk/overview/causes/"):
        assert sign_in("mo").get(page, {"policy": POLICY, "span": "1901-01-01..1903-01-01"}).status_code == 200


@pytest.mark.parametrize(
    "page",
    [
        "/desk/overview/",
        "/desk/overview/time/",
        "/desk/overview/causes/",
        "/desk/compliance/",
        "/desk/compliance/1.1.6/",
        "/desk/overview/explore/",
    ],
)
def test_every_page_of_figures_takes_a_span_of_days(cast: Cast, sign_in: Callable[[str], Client], page: str) -> None:
    told = sign_in("mo").get(page, {"policy": POLICY, "span": "2026-02-20..2026-03-10"})
    assert told.status_code == 200
    assert "2026-02-20 \u2013 2026-03-10" in told.content.decode()


def test_a_span_of_some_hours_is_of_the_month_that_it_lies_in(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    first_of_april = 29 * 1440.0
    investigated(cast, first_of_april)
    with time_machine.travel(after(first_of_april + 2000), tick=False):
        counted(after(first_of_april + 2000))
        found = []
        for span in ("2026-04-01..2026-04-01", "2026-04-01T00:00:00+08:00..2026-04-01T23:00:00+08:00"):
            page = sign_in("mo").get("/desk/compliance/", {"policy": POLICY, "span": span}).content.decode()
            found.append(re.findall(r"§ [\d.]+", page))
    assert found[0] == found[1] != []
