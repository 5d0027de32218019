"""What axe says of the promise limits of a policy, in both languages."""

from __future__ import annotations

import pytest
from django.utils import timezone

from browser.windows import Windows, assert_accessible
from cast import Cast
from limited import TRAINING, entry, make_training_cast
from ombud.organisation import ceiling_tables

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_training_cast()


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_axe_finds_nothing_on_promise_limits(windows: Windows, cast: Cast, language: str) -> None:
    today = timezone.localdate()
    entries = [entry("unit", "500.00"), entry("unit_head", "2000.00")]
    for who in ("mo", "yu"):  # of two tables one holds, with a gap, and another waits
        other = {"mo": cast.yu, "yu": cast.mo}[who]
        row = ceiling_tables.propose(
            TRAINING, entries, since=today, reason="x", by=other, today=today, now=timezone.now()
        )
        if who == "mo":
            ceiling_tables.approve(row, by=cast.mo, now=timezone.now())
    for who in ("mo", "chang"):
        page = windows.open(cast.people[who], language=language)
        page.goto(f"/desk/ceilings/{TRAINING}/")
        assert_accessible(page)
