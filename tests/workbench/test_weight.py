"""No page is heavier than a slow line carries: at most 200 KB of HTML, for the longest of the shipped policies too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from builders import make_case, publish_policy
from cast import POLICY, Cast

pytestmark = pytest.mark.django_db
LIMIT = 200_000
TABS = ("clauses", "scenarios", "assumptions", "diagram", "calendars", "history")


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["student-complaints", "overseas-customers", POLICY])
def test_a_policys_pages_are_light(cast: Cast, sign_in: Callable[[str], Client], policy: str) -> None:
    if policy != POLICY:
        publish_policy(policy)
    manager = sign_in("mo")
    here = f"/desk/policies/{policy}/1.0.0/"
    heavy = {tab: len(manager.get(here, {"tab": tab}).content) for tab in TABS}
    assert {tab: size for tab, size in heavy.items() if size > LIMIT} == {}


def test_the_examples_of_a_clause_are_found_from_it(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    manager = sign_in("mo")
    here = f"/desk/policies/{POLICY}/1.0.0/"
    assert "?tab=scenarios&amp;clause=1.1.6" in manager.get(here).content.decode()
    some = manager.get(here, {"tab": "scenarios", "clause": "1.1.6"})
    all_of = manager.get(here, {"tab": "scenarios", "clause": "no such"})
    assert 0 < some.context["count"] < all_of.context["count"]
    assert "Only those in which clause 1.1.6 is carried out" in some.content.decode()


def test_lists_are_light(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    for minute in range(60):
        make_case(minutes=minute)
    for address in ("/desk/", "/desk/cases/", "/desk/board/"):
        assert len(sign_in("lin").get(address).content) < LIMIT, address
