"""Opinion watch: mentions are recorded, linked to cases that one may see, and read by who works under the policy."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders import make_case
from cast import POLICY, Cast
from ombud.insight.alarms.counting import MENTIONS, Series, counted
from ombud.insight.keeping import rebuild
from ombud.insight.opinion import mentions
from ombud.insight.opinion.mentions import Said
from ombud.insight.opinion.models import Mention
from shipped_packs import pack_of

pytestmark = pytest.mark.django_db
PAGE = "/desk/opinion/"
NOW = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)  # 12:30 in Shanghai, when the tests' clock stands
GIVEN = {
    "policy": POLICY, "medium": "微博", "words": "水壶漏水没人管", "tone": "negative",
    "published_at": "2026-03-03T08:00", "reach": "12000", "link": "https://example.com/1",
}  # fmt: skip


def tell(cast: Cast, **given: Any) -> tuple[Mention, bool]:
    said = {"policy": POLICY, "medium": "X", "words": "It leaks", "tone": "negative", "published_at": NOW, **given}
    return mentions.record(Said(**said), by=cast.lin, now=NOW)


def test_a_mention_is_typed_in_and_linked_to_its_case(cast: Cast, sign_in: Any):
    case, browser = make_case().case, sign_in("lin")
    page = browser.post(PAGE, {**GIVEN, "case": case.reference}, follow=True).content.decode()
    assert "水壶漏水没人管" in page
    assert "12,000" in page
    assert f"/desk/cases/{case.reference}/" in page
    row = Mention.objects.get()
    assert (row.case, row.tone, row.reach, row.by) == (case, "negative", 12000, cast.lin)
    assert row.published_at == datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    assert "水壶" not in str(row.sealed)


@pytest.mark.parametrize(
    "wrong",
    [
        *[{"medium": ""}, {"tone": "loud"}, {"reach": "-1"}, {"reach": "9" * 30}, {"link": "javascript:alert(1)"}],
        *[{"words": ""}, {"published_at": "2026-03-04T08:00"}, {"published_at": "x"}, {"policy": "none"}],
        *[{"case": "HW-NONE"}, {"case": "\u0000x"}],
    ],
)
def test_what_cannot_be_is_said_and_not_kept(cast: Cast, sign_in: Any, wrong: dict[str, str]):
    assert sign_in("lin").post(PAGE, {**GIVEN, **wrong}).status_code == 422
    assert not Mention.objects.exists()


def test_a_case_that_one_may_not_see_is_neither_linked_nor_shown(cast: Cast, sign_in: Any):
    case = make_case().case
    stranger = sign_in("deng")
    assert stranger.post(PAGE, {**GIVEN, "case": case.reference}).status_code == 422
    row, _is_new = tell(cast, case=case)
    page = stranger.get(PAGE).content.decode()
    assert "It leaks" in page
    assert case.reference not in page
    assert stranger.post(f"{PAGE}{row.pk}/case/", {"case": ""}).status_code == 404
    lin = sign_in("lin")
    lin.post(f"{PAGE}{row.pk}/case/", {"case": ""})
    row.refresh_from_db()
    assert row.case is None
    lin.post(f"{PAGE}{row.pk}/case/", {"case": case.reference})
    row.refresh_from_db()
    assert row.case == case


def test_auditors_look_and_nobody_else_sees_anything(cast: Cast, sign_in: Any):
    row, _is_new = tell(cast)
    auditor, nobody = sign_in("ai"), sign_in("nobody")
    assert "It leaks" in auditor.get(PAGE).content.decode()
    assert auditor.post(PAGE, GIVEN).status_code == 404
    assert auditor.post(f"{PAGE}{row.pk}/case/", {"case": ""}).status_code == 404
    assert "It leaks" not in nobody.get(PAGE).content.decode()
    assert nobody.post(PAGE, GIVEN).status_code == 404


def test_what_a_system_tells_twice_is_one_mention(cast: Cast):
    first, is_new = tell(cast, source="post-1")
    again, is_new_again = tell(cast, source="post-1", words="other")
    assert (is_new, is_new_again) == (True, False)
    assert first == again
    assert mentions.words_of(again) == "It leaks"
    assert tell(cast, source="post-2")[1]


def test_weeks_count_all_and_negative_ones(cast: Cast):
    tell(cast)
    tell(cast, tone="positive", published_at=NOW - timedelta(days=6))
    tell(cast, published_at=NOW - timedelta(days=8))
    tell(cast, published_at=NOW - timedelta(days=400))
    assert mentions.weeks([POLICY], now=NOW)[-3:] == [(0, 0), (1, 1), (2, 1)]


def test_negative_mentions_are_a_series_of_the_early_warning(cast: Cast):
    make_case()
    rebuild()
    tell(cast, published_at=NOW - timedelta(minutes=5))
    tell(cast, tone="neutral")
    assert counted(pack_of(POLICY), now=NOW)[Series(MENTIONS)].days[-1] == 1


@pytest.mark.parametrize("query", [{"policy": "none"}, {"tone": "loud"}, {"cursor": "x"}])
def test_what_there_is_not_is_not_there(cast: Cast, sign_in: Any, query: dict[str, str]):
    assert sign_in("mo").get(PAGE, query).status_code == 404


def test_however_many_mentions_there_are_the_queries_are_the_same(cast: Cast, sign_in: Any):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    manager = sign_in("mo")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert manager.get(PAGE).status_code == 200
        return len(seen)

    tell(cast, case=make_case().case)
    queries()
    few = queries()
    for number in range(8):
        tell(cast, case=make_case(minutes=number).case)
    assert queries() == few


def test_the_page_of_a_case_shows_what_is_said_of_it_and_leads_to_all(cast: Cast, sign_in: Any):
    case, other = make_case().case, make_case().case
    browser = sign_in("lin")
    assert "Said in public" not in browser.get(f"/desk/cases/{case.reference}/").content.decode()
    tell(cast, words="It leaks all over", case=case)
    tell(cast, words="Somebody else's kettle", case=other)
    page = browser.get(f"/desk/cases/{case.reference}/").content.decode()
    assert "It leaks all over" in page
    assert "Somebody else" not in page
    assert f'href="{PAGE}?case={case.reference}"' in page
    listed = browser.get(PAGE, {"case": case.reference}).content.decode()
    assert "It leaks all over" in listed
    assert "Somebody else" not in listed
    assert f'value="{case.reference}"' in listed  # the form begins with it
    assert sign_in("deng").get(PAGE, {"case": case.reference}).status_code == 404


def test_a_case_says_how_often_it_is_spoken_of_and_shows_the_last_of_it(cast: Cast, sign_in: Any):
    case, browser = make_case().case, sign_in("lin")
    assert "mentions-title" not in browser.get(f"/desk/cases/{case.reference}/").content.decode()
    for number in range(5):
        tell(cast, words=f"It leaks ({number})", published_at=NOW - timedelta(hours=number), case=case)
    page = browser.get(f"/desk/cases/{case.reference}/").content.decode()
    (said,) = re.findall(r'<section[^>]*"mentions-title">(.*?)</section>', page, re.DOTALL)
    assert '<span class="count">5</span>' in said
    assert re.findall(r"It leaks \((\d)\)", said) == ["0", "1", "2"]
